package omnichat

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/server/compat/lenient"
)

// recipient is one of a broadcast's people. What nobody can know is null.
type recipient struct {
	Name        *string `json:"name"`
	Phone       *string `json:"phone"`
	Success     bool    `json:"success"`
	SentAt      *string `json:"sentAt"`
	Read        *bool   `json:"read"`
	ReadAt      *string `json:"readAt"`
	Clicked     bool    `json:"clicked"`
	ClickedAt   *string `json:"clickedAt"`
	Responded   bool    `json:"responded"`
	RespondedAt *string `json:"respondedAt"`
	MessageID   *string `json:"messageId"`
	Error       *string `json:"error"`
}

// outcomes are what callers narrow recipients by. success, failed and
// notDelivered part them in three.
func outcomes() map[string]broadcast.Outcome {
	return map[string]broadcast.Outcome{
		"":             "",
		"success":      broadcast.OutcomeAccepted,
		"failed":       broadcast.OutcomeNotReached,
		"notDelivered": broadcast.OutcomeUnsettled,
		"read":         broadcast.OutcomeRead,
		"clicked":      broadcast.OutcomeClicked,
		"responded":    broadcast.OutcomeReplied,
		"unsubscribed": broadcast.OutcomeUnsubscribed,
	}
}

// recipients lists a broadcast's people; last those whom nobody knew.
func (s *Surface) recipients(c *fiber.Ctx, who *caller) (any, error) {
	ctx := c.UserContext()
	at, err := placeOf(who.given)
	if err != nil {
		return nil, err
	}
	status := who.given.Text("status")
	outcome, ok := outcomes()[status]
	if !ok {
		names := slices.DeleteFunc(slices.Sorted(maps.Keys(outcomes())), func(s string) bool { return s == "" })
		return nil, refuse(fiber.StatusBadRequest, codeMismatch, "status is none of %s", strings.Join(names, ", "))
	}
	b, run, err := s.run(ctx, who.bot, lenient.PathParam(c, "id"))
	if err != nil {
		return nil, err
	}
	out := &page[recipient]{Content: []recipient{}}
	if run == nil {
		return out, nil
	}
	rows, total, err := s.Kept.RecipientsAt(ctx, run, broadcast.Filter{Outcome: outcome}, at.offset(), at.size)
	if err != nil {
		return nil, err
	}
	accounts, err := s.Directory.Accounts(ctx, who.bot.ID)
	if err != nil {
		return nil, err
	}
	byID := map[string]engine.Account{}
	for _, a := range accounts {
		byID[a.ID] = a
	}
	tells := s.tells(byID)
	for i := range rows {
		out.Content = append(out.Content, shownTo(&rows[i], tells))
	}
	out.Total = total
	if outcome == "" || outcome == broadcast.OutcomeNotReached {
		err = s.addUnknown(ctx, out, b, at)
	}
	return out, err
}

// run finds a broadcast with its newest run, nil when it never began.
func (s *Surface) run(ctx context.Context, bot *engine.Bot, id string) (*engine.Broadcast, *engine.Run, error) {
	b, err := s.Kept.Broadcast(ctx, bot.ID, id)
	if err != nil {
		return nil, nil, noBroadcast(err, id)
	}
	if b.State == engine.BroadcastDraft {
		return nil, nil, draft(id)
	}
	runs, err := s.Kept.ListRuns(ctx, bot.ID, id)
	return b, newest(runs), err
}

// addUnknown goes on after the ledger's rows with the ids that meant nobody.
func (s *Surface) addUnknown(ctx context.Context, out *page[recipient], b *engine.Broadcast, at place) error {
	if b.Plan.Source != source || b.Plan.Audience.List == "" {
		return nil
	}
	rows, _, err := s.Lists.ListRefusals(ctx, b.BotID, b.Plan.Audience.List, engine.Page{Limit: maxTo})
	if err != nil {
		return err
	}
	from := min(max(0, int64(at.offset())-out.Total), int64(len(rows)))
	for _, r := range rows[from:] {
		if len(out.Content) == at.size {
			break
		}
		why := r.Text + ": " + r.Reason
		out.Content = append(out.Content, recipient{Error: &why})
	}
	out.Total += int64(len(rows))
	return nil
}

// shownTo shows one row.
func shownTo(v *broadcast.Recipient, tells func(account string) bool) recipient {
	d := &v.Delivery
	id := strconv.FormatInt(d.ID, 10)
	out := recipient{Name: some(v.Name), Phone: some(strings.TrimPrefix(v.Phone, "+")), Success: broadcast.Accepted(d.Status), SentAt: at(d.SentAt),
		Clicked: !d.ClickedAt.IsZero(), ClickedAt: at(d.ClickedAt), Responded: !d.RepliedAt.IsZero(), RespondedAt: at(d.RepliedAt),
		MessageID: &id, Error: some(whyNot(d))}
	if out.Success && tells(d.AccountID) {
		read := d.Status == engine.Read
		out.Read, out.ReadAt = &read, at(d.ReadAt)
	}
	return out
}

// whyNot says why somebody did not get it, "" where they did or still may.
func whyNot(d *engine.Delivery) string {
	switch d.Status {
	case engine.Failed:
		return cmp.Or(d.Error, d.Class, "the platform refused it and did not say why")
	case engine.Skipped, engine.Canceled:
		return policy.Explain(cmp.Or(d.Reason, policy.Canceled))
	case engine.Unknown:
		return "the platform's answer was lost: nobody knows whether it went out"
	}
	return ""
}

// some is a text, null for none.
func some(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// button is how often one was tapped.
type button struct {
	Message    int    `json:"messageIndex"`
	Card       int    `json:"cardIndex"`
	Button     int    `json:"buttonIndex"`
	Clicks     int64  `json:"clickedCount"`
	Percentage string `json:"clickedPercentage"`
}

// buttons lists those that were tapped, in their order.
func (s *Surface) buttons(c *fiber.Ctx, who *caller) (any, error) {
	id := lenient.PathParam(c, "id")
	r, err := s.Broadcasts.Report(c.UserContext(), who.bot.ID, id, "")
	if err != nil {
		return nil, noBroadcast(err, id)
	}
	if r.Broadcast.State == engine.BroadcastDraft {
		return nil, draft(id)
	}
	out := list[button]{[]button{}}
	all := int64(0)
	for _, tapped := range r.Figures.Clicks {
		message, card, place, ok := tapped.At()
		if ok { // else its message was gone when it was tapped
			out.Content, all = append(out.Content, button{message, card, place, tapped.Taps, ""}), all+tapped.Taps
		}
	}
	for i := range out.Content {
		out.Content[i].Percentage = percent(out.Content[i].Clicks, all)
	}
	slices.SortFunc(out.Content, func(a, b button) int {
		return slices.Compare([]int{a.Message, a.Card, a.Button}, []int{b.Message, b.Card, b.Button})
	})
	return out, nil
}

// stepsOf are the messages of a broadcast's own.
func stepsOf(data json.RawMessage) (list []json.RawMessage) {
	_ = json.Unmarshal(data, &list) // they were checked when it was planned
	return list
}
