package api

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// deliveryAnswer is a row of the ledger as callers see it.
type deliveryAnswer struct {
	ID            int64          `json:"id"`
	SendID        string         `json:"send_id,omitempty"`
	InteractionID int64          `json:"interaction_id,omitempty" doc:"What it answers."`
	ContactID     int64          `json:"contact_id"`
	IdentityID    int64          `json:"identity_id"`
	AccountID     string         `json:"account_id"`
	ChosenBecause string         `json:"chosen_because,omitempty"`
	BlockID       string         `json:"block_id,omitempty"`
	Block         string         `json:"block,omitempty" doc:"Its name."`
	Status        engine.Status  `json:"status" enum:"held,queued,sending,unknown,sent,delivered,read,failed,skipped,canceled"`
	Reason        string         `json:"reason,omitempty" doc:"Why it was skipped or canceled."`
	Class         string         `json:"class,omitempty" doc:"Of the last error."`
	Code          string         `json:"code,omitempty" doc:"The platform's own."`
	Error         string         `json:"error,omitempty" doc:"The platform's own words."`
	Route         string         `json:"route,omitempty"`
	Intent        engine.Intent  `json:"intent,omitempty"`
	Category      string         `json:"category,omitempty"`
	MessageTag    string         `json:"message_tag,omitempty"`
	Warnings      []string       `json:"warnings,omitempty"`
	Attributes    map[string]any `json:"attributes,omitempty" doc:"What the call brought."`
	Attempts      int            `json:"attempts"`
	MessagesSent  int            `json:"messages_sent,omitempty"`
	NotBefore     *time.Time     `json:"not_before,omitempty"`
	ExpiresAt     *time.Time     `json:"expires_at,omitempty"`
	CreatedAt     time.Time      `json:"created_at"`
	PreparedAt    *time.Time     `json:"prepared_at,omitempty"`
	SentAt        *time.Time     `json:"sent_at,omitempty"`
	DeliveredAt   *time.Time     `json:"delivered_at,omitempty"`
	ReadAt        *time.Time     `json:"read_at,omitempty"`
	ClickedAt     *time.Time     `json:"clicked_at,omitempty"`
	RepliedAt     *time.Time     `json:"replied_at,omitempty"`
	ClosedAt      *time.Time     `json:"closed_at,omitempty"`
}

func showDelivery(d engine.Delivery, block string) deliveryAnswer {
	return deliveryAnswer{ID: d.ID, SendID: d.SendID, InteractionID: d.InteractionID, ContactID: d.ContactID, IdentityID: d.IdentityID, AccountID: d.AccountID,
		ChosenBecause: d.ChosenBecause, BlockID: d.BlockID, Block: block, Status: d.Status, Reason: d.Reason, Class: d.Class, Code: d.Code, Error: d.Error,
		Route: d.Route, Intent: d.Intent, Category: d.Category, MessageTag: d.Tag, Warnings: d.Warnings, Attributes: d.Attributes, Attempts: d.Attempt,
		MessagesSent: d.MessagesSent, NotBefore: at(d.NotBefore), ExpiresAt: at(d.ExpiresAt), CreatedAt: d.CreatedAt, PreparedAt: at(d.PreparedAt),
		SentAt: at(d.SentAt), DeliveredAt: at(d.DeliveredAt), ReadAt: at(d.ReadAt), ClickedAt: at(d.ClickedAt), RepliedAt: at(d.RepliedAt), ClosedAt: at(d.ClosedAt)}
}

// attemptAnswer is one call to a platform, or one look that ended without.
type attemptAnswer struct {
	ID        string     `json:"id"`
	At        time.Time  `json:"at"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
	Route     string     `json:"route,omitempty"`
	RetryKey  string     `json:"retry_key,omitempty" doc:"Makes repeating the call safe. Absent of the call that was taken."`
	Outcome   string     `json:"outcome,omitempty"`
	Code      string     `json:"code,omitempty"`
	Message   string     `json:"message,omitempty" doc:"The platform's own words."`
	RequestID string     `json:"request_id,omitempty" doc:"The platform's id of the call, for its support."`
}

// storyAnswer is a delivery with all that is known about it.
type storyAnswer struct {
	Delivery    deliveryAnswer  `json:"delivery"`
	Contact     *contactAnswer  `json:"contact,omitempty"`
	Identity    *identityAnswer `json:"identity,omitempty"`
	Channel     string          `json:"channel,omitempty"`
	Account     string          `json:"account,omitempty" doc:"Its name."`
	Messages    json.RawMessage `json:"messages,omitempty" doc:"What is said."`
	Payloads    json.RawMessage `json:"payloads,omitempty" doc:"The exact bytes for the platform, free of recipient."`
	Attempts    []attemptAnswer `json:"attempts"`
	Explanation []string        `json:"explanation" doc:"All of it in words."`
}

// wholeSend is a call with everything that came of it.
type wholeSend struct {
	ID         string          `json:"id,omitempty" doc:"Absent for what a turn said."`
	Source     string          `json:"source,omitempty" doc:"api, ahachat, chatfuel …"`
	Token      string          `json:"token,omitempty" doc:"The name of the caller's token."`
	Request    json.RawMessage `json:"request,omitempty" doc:"What was asked, without secrets."`
	CreatedAt  *time.Time      `json:"created_at,omitempty"`
	ExpiresAt  *time.Time      `json:"expires_at,omitempty"`
	Deliveries []storyAnswer   `json:"deliveries"`
}

// explainedSend is the same in words alone.
type explainedSend struct {
	Lines []string `json:"lines"`
}

type sendQuery struct {
	InBot
	Paging
	Status   engine.Status `query:"status" enum:"held,queued,sending,unknown,sent,delivered,read,failed,skipped,canceled"`
	Contact  int64         `query:"contact" minimum:"1" doc:"Only this contact's."`
	Block    string        `query:"block" doc:"Only those of this block: its name, id or alias."`
	Category string        `query:"category"`
}

func (a *API) listSends(ctx context.Context, in *sendQuery) (*body[list[deliveryAnswer]], error) {
	bot := botOf(ctx)
	all, err := a.Store.ListBlocks(ctx, bot.ID)
	if err != nil {
		return nil, err
	}
	f := engine.DeliveryFilter{Status: in.Status, ContactID: in.Contact, Category: in.Category}
	if in.Block != "" {
		f.BlockID = in.Block // one that is not published any more has its id still
		if b := findBlock(all, in.Block); b != nil {
			f.BlockID = b.ID
		}
	}
	names := make(map[string]string, len(all))
	for _, b := range all {
		names[b.ID] = b.Name
	}
	rows, next, err := a.Store.ListDeliveries(ctx, bot.ID, f, in.page())
	return listed(rows, next, err, func(d engine.Delivery) deliveryAnswer { return showDelivery(d, names[d.BlockID]) })
}

func (a *API) getSend(ctx context.Context, in *OneSend) (*body[wholeSend], error) {
	stories, send, err := a.stories(ctx, in.Send)
	if err != nil {
		return nil, err
	}
	out := wholeSend{Deliveries: []storyAnswer{}}
	if send != nil {
		out.ID, out.Source, out.Token, out.Request = send.ID, send.Source, send.TokenName, send.Request
		out.CreatedAt, out.ExpiresAt = at(send.CreatedAt), at(send.ExpiresAt)
	}
	for _, s := range stories {
		out.Deliveries = append(out.Deliveries, a.showStory(ctx, s))
	}
	return answer(out, nil)
}

func (a *API) explainSend(ctx context.Context, in *OneSend) (*body[explainedSend], error) {
	stories, send, err := a.stories(ctx, in.Send)
	if err != nil {
		return nil, err
	}
	e := a.explainer(ctx)
	if len(stories) == 0 {
		return answer(explainedSend{e.silent(send)}, nil)
	}
	var out explainedSend
	for i, s := range stories {
		if i > 0 {
			out.Lines = append(out.Lines, "")
		}
		out.Lines = append(out.Lines, e.Story(s)...)
	}
	return answer(out, nil)
}

// sendIDLength tells a send's id from a delivery's, which is a number.
const sendIDLength = 24

// stories finds what a send's id, or a delivery's, means. send is nil for what
// a turn said.
func (a *API) stories(ctx context.Context, id string) (stories []*engine.Story, send *engine.Send, err error) {
	bot := botOf(ctx)
	var deliveries []int64
	switch n, notNumber := strconv.ParseInt(id, 10, 64); {
	case len(id) == sendIDLength:
		var rows []engine.Delivery
		if send, rows, err = a.Store.Send(ctx, bot.ID, id); err != nil {
			return nil, nil, err
		}
		for _, d := range rows {
			deliveries = append(deliveries, d.ID)
		}
	case notNumber == nil && n > 0:
		deliveries = append(deliveries, n)
	default:
		return nil, nil, unknown("path.send", "no send or delivery has this id")
	}
	for _, d := range deliveries {
		s, err := a.Store.Story(ctx, bot.ID, d)
		if err != nil {
			return nil, nil, err
		}
		stories = append(stories, s)
		if send == nil {
			send = s.Send
		}
	}
	return stories, send, nil
}

func (a *API) showStory(ctx context.Context, s *engine.Story) storyAnswer {
	out := storyAnswer{Delivery: showDelivery(s.Delivery, s.Block), Attempts: []attemptAnswer{}, Explanation: a.explainer(ctx).Story(s)}
	if s.Contact != nil {
		c := showContact(*s.Contact)
		out.Contact = &c
	}
	if s.Identity != nil {
		i := showIdentity(*s.Identity)
		out.Identity = &i
	}
	if s.Account != nil {
		out.Channel, out.Account = s.Account.Channel, s.Account.Name
	}
	if s.Render != nil {
		out.Messages, out.Payloads = s.Render.Messages, s.Render.Payloads
	}
	for _, t := range s.Attempts {
		out.Attempts = append(out.Attempts, attemptAnswer{ID: t.ID, At: t.At, EndedAt: at(t.EndedAt), Route: t.Route, RetryKey: t.RetryKey, Outcome: t.Outcome,
			Code: t.Code, Message: t.Message, RequestID: t.RequestID})
	}
	return out
}

func (a *API) explainer(ctx context.Context) Explainer {
	e := Explainer{Zone: zoneOf(botOf(ctx)), Now: a.Now(), Paid: a.paid}
	pauses, err := a.pausesOf(ctx, botOf(ctx).ID)
	if err != nil {
		a.Log.Warn("pauses unreadable", "request_id", callerOf(ctx).requestID, "error", err)
	}
	e.Paused = pauses
	return e
}

// paid reports whether a route of a channel costs money.
func (a *API) paid(channel, route string) bool {
	return charged(a.Channels[channel], route) > 0
}

// charged is how many messages to one person are paid as one by a route of a
// channel; 0 where it costs nothing, or the channel is not part of this program.
func charged(ch channels.Channel, route string) int {
	if ch == nil {
		return 0
	}
	return ch.Limits().Charged(route)
}
