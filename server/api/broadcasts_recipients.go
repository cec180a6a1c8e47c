package api

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/server/sheet"
)

// Narrowing says which of a run's people are meant.
type Narrowing struct {
	Outcome broadcast.Outcome `query:"outcome" enum:"accepted,delivered,read,clicked,replied,failed,unknown,skipped,canceled,open,unsubscribed,blocked,not_reached,not_clicked" doc:"Everybody when left out. not_reached: failed, skipped or canceled; not_clicked: accepted and not tapped."`
	Reason  string            `query:"reason" doc:"Only those skipped for this reason, or whose failure is of this class."`
	Variant string            `query:"variant"`
}

func (n Narrowing) filter() broadcast.Filter {
	return broadcast.Filter{Outcome: n.Outcome, Reason: n.Reason, Variant: n.Variant}
}

// recipientAnswer is a row of a run with who it is for.
type recipientAnswer struct {
	DeliveryID     int64         `json:"delivery_id"`
	ContactID      int64         `json:"contact_id"`
	IdentityID     int64         `json:"identity_id"`
	AccountID      string        `json:"account_id"`
	User           string        `json:"user,omitempty" doc:"The platform's id of the person."`
	Name           string        `json:"name,omitempty"`
	Phone          string        `json:"phone,omitempty"`
	Variant        string        `json:"variant,omitempty"`
	Status         engine.Status `json:"status"`
	Reason         string        `json:"reason,omitempty" doc:"Why it was skipped or canceled."`
	Class          string        `json:"class,omitempty" doc:"Of the last error."`
	Code           string        `json:"code,omitempty" doc:"The platform's own."`
	Error          string        `json:"error,omitempty" doc:"The platform's own words."`
	Route          string        `json:"route,omitempty"`
	SentAt         *time.Time    `json:"sent_at,omitempty"`
	DeliveredAt    *time.Time    `json:"delivered_at,omitempty"`
	ReadAt         *time.Time    `json:"read_at,omitempty"`
	ClickedAt      *time.Time    `json:"clicked_at,omitempty"`
	RepliedAt      *time.Time    `json:"replied_at,omitempty"`
	UnsubscribedAt *time.Time    `json:"unsubscribed_at,omitempty"`
	BlockedAt      *time.Time    `json:"blocked_at,omitempty"`
}

func showRecipient(r broadcast.Recipient) recipientAnswer {
	d := &r.Delivery
	return recipientAnswer{DeliveryID: d.ID, ContactID: d.ContactID, IdentityID: d.IdentityID, AccountID: d.AccountID, User: r.User, Name: r.Name, Phone: r.Phone, Variant: r.Variant,
		Status: d.Status, Reason: d.Reason, Class: d.Class, Code: d.Code, Error: d.Error, Route: d.Route, SentAt: at(d.SentAt), DeliveredAt: at(d.DeliveredAt), ReadAt: at(d.ReadAt),
		ClickedAt: at(d.ClickedAt), RepliedAt: at(d.RepliedAt), UnsubscribedAt: at(r.UnsubscribedAt), BlockedAt: at(r.BlockedAt)}
}

// broadcastReports registers what became of a broadcast.
func (a *API) broadcastReports(tag, one string) {
	const recipients = "/recipients"
	register(a, get("report-broadcast", one+"/report", tag, "Say what became of a broadcast", engine.ScopeRead).
		about("Counted over the ledger: the states always add up to the audience. A figure that no platform of the run gives is null, never 0, and a note says so."), a.reportBroadcast)
	register(a, get("export-recipients", one+recipients+"/export", tag, "A run's people and what became of each, as CSV", engine.ScopeRead).
		about("Streamed. Should it break off, its last line says so."), a.exportRecipients)
	register(a, get("list-recipients", one+recipients, tag, "List a run's people and what became of each", engine.ScopeRead), a.listRecipients)
	register(a, get("explain-recipient", one+recipients+"/{contact}", tag, "Say why a person did or did not get it", engine.ScopeRead).
		about("With the bytes, the attempts and the platform's answers. For somebody who has no row: what would be decided now."), a.explainRecipient)
	register(a, post("retry-broadcast", one+"/retry", tag, "Try again what failed for a while", engine.ScopeBroadcasts, http.StatusOK).
		about("What was throttled, out of quota, down, refused for its credentials, or expired before its turn. What the platform refused for good stays failed, and what nobody knows stays unknown."), a.retryBroadcast)
	register(a, post("repeat-broadcast", one+"/again", tag, "Plan the same for some of its people", engine.ScopeBroadcasts, http.StatusCreated).
		about("A draft with the same words for those of an outcome, such as those not reached. Look at it, change it, start it."), a.repeatBroadcast)
	register(a, post("list-of-broadcast", one+"/list", tag, "Keep some of its people as a list", engine.ScopeBroadcasts, http.StatusCreated).
		about("Such as those who clicked: an audience names the list by its id, as in `{\"list\": \"…\"}`."), a.keepRecipients)
}

func (a *API) listRecipients(ctx context.Context, in *struct {
	OneRun
	Narrowing
	Paging
}) (*body[list[recipientAnswer]], error) {
	rows, next, err := a.Broadcasts.Recipients(ctx, botOf(ctx).ID, in.Broadcast, in.Run, in.filter(), in.page())
	return listed(rows, next, err, showRecipient)
}

// recipientColumns are those of a CSV.
var recipientColumns = [...]string{"contact_id", "name", "phone", "user", "account_id", "variant", "status", "reason", "class", "code", "error", "route",
	"sent_at", "delivered_at", "read_at", "clicked_at", "replied_at", "unsubscribed_at", "blocked_at"}

func (a *API) exportRecipients(ctx context.Context, in *struct {
	OneRun
	Narrowing
}) (*huma.StreamResponse, error) {
	write, err := a.recipientsFile(ctx, in.Broadcast, in.Run, in.filter())
	if err != nil {
		return nil, err
	}
	return file("recipients.csv", "text/csv; charset=utf-8", write), nil
}

// recipientsFile reads the first page of a run's people and returns what writes
// all of them as CSV.
func (a *API) recipientsFile(ctx context.Context, id, runID string, f broadcast.Filter) (func(*bufio.Writer), error) {
	bot, page := botOf(ctx).ID, engine.Page{Limit: exportPage}
	rows, next, err := a.Broadcasts.Recipients(ctx, bot, id, runID, f, page)
	if err != nil {
		return nil, err
	}
	return a.export(ctx, func(ctx context.Context, w *bufio.Writer) error {
		out := sheet.NewWriter(w)
		if err := out.Write(recipientColumns[:]); err != nil {
			return err
		}
		for {
			for _, r := range rows {
				if err := out.Write(recipientCells(showRecipient(r))); err != nil {
					return err
				}
			}
			out.Flush()
			if err := flushed(w); err != nil || next == "" {
				return err
			}
			page.Cursor = next
			var err error
			if rows, next, err = a.Broadcasts.Recipients(ctx, bot, id, runID, f, page); err != nil {
				return err
			}
		}
	}), nil
}

func recipientCells(r recipientAnswer) []string {
	out := []string{strconv.FormatInt(r.ContactID, 10), r.Name, r.Phone, r.User, r.AccountID, r.Variant, string(r.Status), r.Reason, r.Class, r.Code, r.Error, r.Route}
	for _, t := range []*time.Time{r.SentAt, r.DeliveredAt, r.ReadAt, r.ClickedAt, r.RepliedAt, r.UnsubscribedAt, r.BlockedAt} {
		cell := ""
		if t != nil {
			cell = t.Format(time.RFC3339)
		}
		out = append(out, cell)
	}
	return out
}

// explainedRecipient says why a person did or did not get a broadcast.
type explainedRecipient struct {
	Run        *runAnswer        `json:"run,omitempty"`
	Deliveries []storyAnswer     `json:"deliveries" doc:"Their rows of the run, one for each address."`
	Now        *nowAnswer        `json:"now,omitempty" doc:"For somebody without a row: what would be decided now."`
	Variant    string            `json:"variant,omitempty" doc:"Which of the variants they are told; hold_out: nothing, to compare with."`
	Conditions []conditionAnswer `json:"conditions,omitempty" doc:"Of an audience that is an expression: what it joins with and, as it holds now."`
	Lines      []string          `json:"lines" doc:"All of it in words."`
}

type nowAnswer struct {
	Included  bool         `json:"included" doc:"The audience means them."`
	Excluded  bool         `json:"excluded" doc:"And so does who is excluded."`
	Addresses []nowAddress `json:"addresses" doc:"Those they have on the broadcast's accounts."`
}

type conditionAnswer struct {
	Where string `json:"where"`
	Holds bool   `json:"holds"`
}

type nowAddress struct {
	IdentityID int64  `json:"identity_id"`
	AccountID  string `json:"account_id"`
	Skip       string `json:"skip,omitempty" doc:"Why it would be skipped; absent when it would be sent."`
	Because    string `json:"because,omitempty" doc:"Which cap, lock or window that is."`
}

func (a *API) explainRecipient(ctx context.Context, in *struct {
	OneRun
	Contact int64 `path:"contact" minimum:"1" doc:"The contact's id."`
}) (*body[explainedRecipient], error) {
	bot := botOf(ctx).ID
	c, err := a.Store.Contact(ctx, bot, in.Contact)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, unknown("path.contact", "no contact has this id")
	}
	addresses, err := a.Store.IdentitiesOf(ctx, bot, []int64{c.ID})
	if err != nil {
		return nil, err
	}
	v, err := a.Broadcasts.Why(ctx, bot, in.Broadcast, in.Run, c, addresses)
	if err != nil {
		return nil, err
	}
	out := explainedRecipient{Variant: v.Variant, Deliveries: []storyAnswer{}}
	if v.Run != nil {
		shown := showRun(*v.Run)
		out.Run = &shown
	}
	for _, h := range v.Conditions {
		out.Conditions = append(out.Conditions, conditionAnswer{h.Where, h.Holds})
	}
	for _, row := range v.Rows {
		s, err := a.Store.Story(ctx, bot, row.Delivery.ID)
		if err != nil {
			return nil, err
		}
		story := a.showStory(ctx, s)
		if row.Because != "" { // after what became of it, and why
			story.Explanation = slices.Insert(story.Explanation, min(2, len(story.Explanation)), row.Because)
		}
		out.Deliveries, out.Lines = append(out.Deliveries, story), append(out.Lines, story.Explanation...)
	}
	if out.Lines = append(out.Lines, holding(v.Conditions)...); v.Chances != nil {
		out.Now, out.Lines = showChances(v.Chances), Without(v)
	}
	return answer(out, nil)
}

func showChances(c *broadcast.Chances) *nowAnswer {
	out := &nowAnswer{Included: c.Included, Excluded: c.Excluded, Addresses: []nowAddress{}}
	for _, x := range c.Addresses {
		out.Addresses = append(out.Addresses, nowAddress{x.Identity.ID, x.Identity.AccountID, x.Skip, x.Because})
	}
	return out
}

// holding says in words what an audience's expression asks of somebody who was
// in it, as things are now.
func holding(conditions []broadcast.Holding) []string {
	var out []string
	for _, h := range conditions {
		verb := "holds"
		if !h.Holds {
			verb = "does not hold"
		}
		out = append(out, fmt.Sprintf("It %s for them now that %s.", verb, h.Where))
	}
	return out
}

// Without says in words why somebody has no row in a run.
func Without(v *broadcast.Verdict) []string {
	var out []string
	c, begun := v.Chances, v.Run != nil
	if begun {
		out = append(out, "They were not in the audience when it was written down. This is what would be decided now.")
	} else {
		out = append(out, "The broadcast has not begun. This is what would be decided now.")
	}
	for _, h := range v.Conditions {
		if !h.Holds {
			out = append(out, fmt.Sprintf("It does not hold for them that %s.", h.Where))
		}
	}
	switch {
	case c.Excluded:
		return append(out, "They are among those whom the audience excludes.")
	case !c.Included:
		return append(out, "The audience does not mean them.")
	case len(c.Addresses) == 0:
		return append(out, "The audience means them, and they have no address on any account that it goes out on.")
	}
	out = append(out, "The audience means them.")
	for _, x := range c.Addresses {
		switch {
		case x.Skip == "" && !begun:
			out = append(out, fmt.Sprintf("Identity %d would be written to.", x.Identity.ID))
			continue
		case x.Skip == "":
			out = append(out, fmt.Sprintf("Identity %d would be written to: they came in after the audience was written down, another address was better, or it ended with the first so many.", x.Identity.ID))
			continue
		}
		out = append(out, strings.TrimSuffix(fmt.Sprintf("Identity %d would be skipped: %s %s", x.Identity.ID, policy.Explain(x.Skip), x.Because), " "))
	}
	return out
}

type retried struct {
	Retried int        `json:"retried" doc:"How many are tried again."`
	Run     *runAnswer `json:"run"`
}

func (a *API) retryBroadcast(ctx context.Context, in *OneRun) (*body[retried], error) {
	r, n, err := a.Broadcasts.Retry(ctx, botOf(ctx).ID, in.Broadcast, in.Run)
	if err != nil {
		return nil, err
	}
	run := showRun(*r)
	return answer(retried{n, &run}, nil)
}

// somePeople are some of a run's people, in a body.
type somePeople struct {
	Outcome broadcast.Outcome `json:"outcome" enum:"accepted,delivered,read,clicked,replied,failed,unknown,skipped,canceled,open,unsubscribed,blocked,not_reached,not_clicked"`
	Reason  string            `json:"reason,omitempty" doc:"Only those skipped for this reason, or whose failure is of this class."`
	Variant string            `json:"variant,omitempty"`
}

func (p somePeople) filter() broadcast.Filter {
	return broadcast.Filter{Outcome: p.Outcome, Reason: p.Reason, Variant: p.Variant}
}

type repeated struct {
	People    int64           `json:"people"`
	Broadcast broadcastAnswer `json:"broadcast"`
}

func (a *API) repeatBroadcast(ctx context.Context, in *struct {
	OneRun
	Body somePeople
}) (*body[repeated], error) {
	b, people, err := a.Broadcasts.Again(written(ctx), botOf(ctx).ID, in.Broadcast, in.Run, in.Body.filter())
	if err != nil {
		return nil, err
	}
	return answer(repeated{people, showBroadcast(*b)}, nil)
}

type keptPeople struct {
	List   string `json:"list" doc:"The list's id, for an audience."`
	Name   string `json:"name"`
	People int64  `json:"people"`
}

func (a *API) keepRecipients(ctx context.Context, in *struct {
	OneRun
	Body struct {
		Part somePeople `json:"people" doc:"Who is kept."`
		Name string     `json:"name" minLength:"1" maxLength:"100" doc:"What the list is called."`
	}
}) (*body[keptPeople], error) {
	id, people, err := a.Broadcasts.List(ctx, botOf(ctx).ID, in.Broadcast, in.Run, in.Body.Part.filter(), in.Body.Name)
	if err != nil {
		return nil, err
	}
	return answer(keptPeople{id, in.Body.Name, people}, nil)
}
