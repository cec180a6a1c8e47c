package omnichat_test

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/policy"
)

// Broadcasts of the test world, and the list of the first.
const (
	sentOut   = "65f0c0ffee0000000000b101" // by this product, on LINE; two of its people were unknown
	onPage    = "65f0c0ffee0000000000b102" // by people, on Messenger; the vendor's example in figures
	scheduled = "65f0c0ffee0000000000b103" // by this product
	draft     = "65f0c0ffee0000000000b104"
	freezing  = "65f0c0ffee0000000000b105" // by people, on all accounts
	canceled  = "65f0c0ffee0000000000b106" // by this product; its list is gone
	itsList   = "65f0c0ffee0000000000115a"
)

func plans() []engine.Broadcast {
	at := now().Add(-24 * time.Hour)
	text := engine.Content{Messages: json.RawMessage(`[{"type":"text","text":"a"},{"type":"text","text":"b"}]`)}
	line := []string{lineAccount}
	return []engine.Broadcast{
		{ID: sentOut, BotID: shop, State: engine.BroadcastFinished, CreatedAt: at, Plan: engine.Plan{Source: "omnichat", Subject: "Autumn", Tags: []string{"autumn"}, Content: text, Audience: engine.Audience{List: itsList, Accounts: line}}},
		{ID: onPage, BotID: shop, State: engine.BroadcastFinished, CreatedAt: at, Plan: engine.Plan{Subject: "Promotion", Content: engine.Content{Block: autumn}, Audience: engine.Audience{Segment: "vip", Accounts: []string{pageAccount}}}},
		{ID: scheduled, BotID: shop, State: engine.BroadcastScheduled, CreatedAt: at, DueAt: now().Add(time.Hour), Plan: engine.Plan{Source: "omnichat", Subject: "Winter", Content: text, Audience: engine.Audience{List: itsList, Accounts: line}}},
		{ID: draft, BotID: shop, State: engine.BroadcastDraft, CreatedAt: at, Plan: engine.Plan{Subject: "Some day", Content: text, Audience: engine.Audience{All: true}}},
		{ID: canceled, BotID: shop, State: engine.BroadcastCanceled, CreatedAt: at, Plan: engine.Plan{Source: "omnichat", Subject: "Spring", Content: text, Audience: engine.Audience{List: "gone", Accounts: line}}},
		{ID: freezing, BotID: shop, State: engine.BroadcastRunning, CreatedAt: at, Plan: engine.Plan{Subject: "Everybody", Content: text, Audience: engine.Audience{All: true}}},
	}
}

func (w *world) Create(_ context.Context, botID string, p engine.Plan) (*engine.Broadcast, error) {
	w.note(func(a *asked) { a.Plan = &p })
	if p.Subject == "refused" {
		return nil, &engine.Error{Code: engine.Invalid, Field: "content.block", Message: `"order shipped" asks or waits, and would open a conversation with everybody: allow_questions lets it`}
	}
	return &engine.Broadcast{ID: "65f0c0ffee0000000000b1ff", BotID: botID, State: engine.BroadcastDraft, Plan: p}, nil
}

func (w *world) Delete(_ context.Context, _, id string) error {
	w.note(func(a *asked) { a.Forgot = append(a.Forgot, "broadcast "+id) })
	return nil
}

func (w *world) Schedule(_ context.Context, botID, id string) (*engine.Broadcast, error) {
	late := false
	w.note(func(a *asked) { a.Then = "schedule " + id; late = a.Plan.When.At < "2026-11-20" })
	if late {
		return nil, &engine.Error{Code: engine.Invalid, Field: "when.at", Message: "2020-01-01T00:00:00Z has passed already: it is 2026-11-20T09:00:00Z"}
	}
	return &engine.Broadcast{ID: id, BotID: botID, State: engine.BroadcastScheduled}, nil
}

func (w *world) Begin(_ context.Context, _, id string, how broadcast.Beginning) (*engine.Run, error) {
	locked := false
	w.note(func(a *asked) { a.Then = "begin " + id; locked = a.Plan.Subject == "locked" })
	if locked {
		return nil, &engine.Error{Code: engine.Conflict, Field: "state", Message: "the route is locked", Hint: "unlock it with a note"}
	}
	return &engine.Run{ID: "65f0c0ffee00000000000a01", BroadcastID: id}, nil
}

func (w *world) Broadcast(_ context.Context, botID, id string) (*engine.Broadcast, error) {
	for _, b := range plans() {
		if b.ID == id && b.BotID == botID {
			return &b, nil
		}
	}
	return nil, &engine.Error{Code: engine.NotFound, Message: `no broadcast "` + id + `"`} // as the store says it
}

func (w *world) ListRuns(_ context.Context, _, id string) ([]engine.Run, error) {
	begun := now().Add(-23 * time.Hour)
	switch id {
	case sentOut, onPage:
		return []engine.Run{{ID: id + "r", State: engine.RunHeld}, {ID: id, State: engine.RunFinished, StartedAt: begun}}, nil
	case freezing:
		return []engine.Run{{ID: id, State: engine.RunFreezing, StartedAt: begun}}, nil
	}
	return nil, nil
}

func (w *world) Report(ctx context.Context, botID, id, _ string) (*broadcast.Report, error) {
	b, err := w.Broadcast(ctx, botID, id)
	if err != nil {
		return nil, err
	}
	out := &broadcast.Report{Broadcast: b, Figures: &broadcast.Figures{At: now()}, Accounts: map[string]engine.Account{}}
	accounts, _ := w.Accounts(ctx, botID)
	for _, a := range accounts {
		out.Accounts[a.ID] = a
	}
	out.Runs, _ = w.ListRuns(ctx, botID, id)
	for i := range out.Runs {
		if !out.Runs[i].StartedAt.IsZero() {
			out.Run = &out.Runs[i]
		}
	}
	switch id {
	case sentOut:
		out.Figures.Rows = []broadcast.Tally{{AccountID: lineAccount, Status: engine.SentOut, Route: "push", Count: 3, Messages: 6, Clicked: 1, Replied24: 1, Replied48: 2},
			{AccountID: lineAccount, Status: engine.Skipped, Reason: policy.Unsubscribed, Count: 1}, {AccountID: lineAccount, Status: engine.Unknown, Count: 1}}
		out.Figures.Clicks = []broadcast.Click{{Place: "1.0.2", Taps: 3, People: 1}, {Place: "0.1.0", Taps: 5, People: 1}, {Place: "", Taps: 1}}
	case onPage:
		out.Figures.Rows = []broadcast.Tally{{AccountID: pageAccount, Status: engine.Delivered, Route: "push", Count: 45, Messages: 45},
			{AccountID: pageAccount, Status: engine.Read, Route: "push", Count: 50, Messages: 50, Clicked: 20, Replied12: 20, Replied24: 25, Replied48: 30},
			{AccountID: pageAccount, Status: engine.Failed, Class: "blocked", Count: 5}}
		out.Figures.Left = []broadcast.Leaving{{AccountID: pageAccount, Unsubscribed: 2, Blocked: 7}}
	}
	return out, nil
}

func (w *world) BroadcastsAt(_ context.Context, _ string, f engine.BroadcastFilter, offset, limit int) ([]engine.Broadcast, int64, error) {
	var out []engine.Broadcast
	for _, b := range plans() {
		named := b.Plan.Audience.Accounts
		on := len(f.Accounts) == 0 || len(named) == 0 || slices.ContainsFunc(named, func(id string) bool { return slices.Contains(f.Accounts, id) })
		if slices.Contains(f.States, b.State) && b.Plan.Source == *f.Source && on && (f.Freezing == nil || *f.Freezing == (b.ID == freezing)) {
			out = append(out, b)
		}
	}
	return out[min(offset, len(out)):min(offset+limit, len(out))], int64(len(out)), nil
}

func (w *world) RecipientsAt(_ context.Context, r *engine.Run, f broadcast.Filter, offset, limit int) ([]broadcast.Recipient, int64, error) {
	at := now().Add(-23 * time.Hour)
	account, read := lineAccount, time.Time{}
	status := engine.SentOut
	if r.ID == onPage {
		account, read, status = pageAccount, at.Add(time.Hour), engine.Read
	}
	rows := []broadcast.Recipient{
		{Name: "Mai", Phone: "+886912345678", Delivery: engine.Delivery{ID: 1, AccountID: account, Status: status, SentAt: at, ReadAt: read, ClickedAt: at.Add(time.Minute), RepliedAt: at.Add(2 * time.Minute)}},
		{Name: "小華", Delivery: engine.Delivery{ID: 2, AccountID: account, Status: engine.Skipped, Reason: policy.Unsubscribed}},
		{Delivery: engine.Delivery{ID: 3, AccountID: account, Status: engine.Failed, Class: "content", Error: "The property, 'text', is invalid"}},
		{Delivery: engine.Delivery{ID: 4, AccountID: account, Status: engine.Unknown, SentAt: at}},
	}
	rows = slices.DeleteFunc(rows, func(v broadcast.Recipient) bool {
		s := v.Delivery.Status
		switch f.Outcome {
		case broadcast.OutcomeAccepted:
			return !broadcast.Accepted(s)
		case broadcast.OutcomeNotReached:
			return s != engine.Skipped && s != engine.Failed
		case broadcast.OutcomeUnsettled:
			return s != engine.Unknown
		case broadcast.OutcomeRead:
			return s != engine.Read
		}
		return false
	})
	return rows[min(offset, len(rows)):min(offset+limit, len(rows))], int64(len(rows)), nil
}

func (w *world) CreateList(_ context.Context, l engine.PeopleList) error {
	w.note(func(a *asked) { a.Named = l.Name })
	return nil
}

func (w *world) AddToList(_ context.Context, _, _ string, rows []engine.ListRow) (*engine.ListAdded, error) {
	w.note(func(a *asked) { a.List = rows })
	return &engine.ListAdded{}, nil
}

func (w *world) List(_ context.Context, _, id string) (*engine.PeopleList, error) {
	if id != itsList {
		return nil, &engine.Error{Code: engine.NotFound, Field: "list", Message: "no such list"}
	}
	return &engine.PeopleList{ID: id, People: 5, Refused: 2}, nil
}

func (w *world) ListRefusals(_ context.Context, _, id string, _ engine.Page) ([]engine.RefusedRow, string, error) {
	const why = "nobody with this user id is known on the channel"
	return []engine.RefusedRow{{Line: 2, Text: "U4040", Reason: why}, {Line: 5, Text: "U4041", Reason: why}}, "", nil
}

func (w *world) DeleteList(_ context.Context, _, id string) error {
	w.note(func(a *asked) { a.Forgot = append(a.Forgot, "list "+id) })
	return nil
}
