package store_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
)

// asked is a person whose message waits for a turn, leased.
func (w *world) asked(from, key string) (*engine.Interaction, *outbox.Lease) {
	w.t.Helper()
	w.arrive(w.wrote(from, key, noon))
	contact := w.known(from).ContactID
	it := store.Unanswered(w.t, w.db, contact)
	if it == nil {
		w.t.Fatal("nothing waits for a turn")
	}
	return it, w.lease(contact)
}

func (w *world) turn(it *engine.Interaction) inbox.Turn {
	return inbox.Turn{BotID: w.bot.ID, InteractionID: it.ID, IdentityID: it.IdentityID, ContactID: it.ContactID, Outcome: "answered", Closed: true, Now: noon}
}

func (w *world) render(id string) engine.Render {
	return engine.Render{ID: id, BotID: w.bot.ID, AccountID: w.account.ID, Messages: json.RawMessage(`[{"type":"text","text":"Xin chào"}]`),
		Payloads: json.RawMessage(`[{"body":{},"messages":1}]`), Buttons: json.RawMessage(`[]`)}
}

func (w *world) reply(it *engine.Interaction) engine.Delivery {
	return engine.Delivery{BotID: w.bot.ID, AccountID: w.account.ID, InteractionID: it.ID, ContactID: it.ContactID, IdentityID: it.IdentityID,
		Status: engine.Queued, Intent: engine.IntentReply, NotBefore: noon, CreatedAt: noon}
}

func ptr[T any](v T) *T { return &v }

func TestCommitTurnWritesAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		it, l := w.asked("Umai", "a")
		open := &engine.Session{IdentityID: it.IdentityID, VersionID: 7, Block: "b1", PC: 3, Reply: true, Expect: "phone", Until: noon.Add(time.Hour), Attributes: map[string]any{"order": "A1"}}
		turn := w.turn(it)
		turn.Turn = &engine.Turn{Touched: true, Session: open, Events: []engine.Event{{Level: engine.LevelWarning, Code: "expression:invalid", Text: "no such field"}},
			Deltas: engine.Deltas{Set: map[string]any{"order": "A1"}, AddTags: []string{"vip"}, Subscribe: ptr(true), Bot: map[string]any{"open": true}}}
		turn.Deliveries = []engine.Delivery{w.reply(it), w.reply(it), w.reply(it)}
		turn.Renders = []engine.Render{w.render("r1"), w.render("r2"), w.render("r1")}

		stale := *l
		stale.Epoch--
		_, err := db.CommitTurn(w.ctx, &stale, turn)
		lost(t, err)
		s, err := db.Situation(w.ctx, w.bot.ID, it.IdentityID)
		must(t, err)
		if s.Session != nil || len(s.Contact.Attributes) != 0 || len(s.Contact.Tags) != 0 || len(s.BotValues) != 0 {
			t.Fatalf("a turn whose lease was lost has written %+v", s)
		}

		done, err := db.CommitTurn(w.ctx, l, turn)
		must(t, err)
		ids := done.Deliveries
		if len(ids) != 3 || ids[0] >= ids[1] || ids[1] >= ids[2] {
			t.Fatalf("deliveries are %v", ids)
		}
		same(t, "render of the second", w.delivery(ids[1]).RenderID, "r2")
		same(t, "prepared", w.delivery(ids[0]).PreparedAt, noon)
		s, err = db.Situation(w.ctx, w.bot.ID, it.IdentityID)
		must(t, err)
		same(t, "session", s.Session, open)
		same(t, "attributes", s.Contact.Attributes, map[string]any{"order": "A1"})
		same(t, "tags", s.Contact.Tags, []string{"vip"})
		same(t, "bot values", s.BotValues, map[string]any{"open": true})
		same(t, "subscribed", s.Identity.SubscribedAt, noon)
		r, err := db.Render(w.ctx, w.bot.ID, "r1")
		must(t, err)
		same(t, "the words of the render", string(r.Messages), `[{"type":"text","text":"Xin chào"}]`)

		_, err = db.CommitTurn(w.ctx, l, turn)
		lost(t, err) // it is answered: nobody answers it twice
		next := store.Unanswered(t, w.db, it.ContactID)
		if next != nil {
			t.Errorf("the answered interaction waits still: %+v", next)
		}
	})
}

func TestAnInteractionThatFailsIsTriedAgainOrClosed(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.arrive(w.wrote("Umai", "a", noon))
		contact := w.known("Umai").ContactID
		var it *engine.Interaction
		var l *outbox.Lease
		for want := 1; want <= 3; want++ {
			var err error
			l, it, _, err = db.Visit(w.ctx, contact, "w", noon, noon.Add(time.Minute))
			must(t, err)
			same(t, "attempt", it.Attempt, want)
			if want < 3 {
				must(t, db.ReleaseLease(w.ctx, l))
			}
		}
		other, none, until, err := db.Visit(w.ctx, contact, "other", noon, noon.Add(time.Hour))
		must(t, err)
		if other != nil || none != nil || !until.Equal(noon.Add(time.Minute)) {
			t.Errorf("a contact somebody holds was visited: %+v, %+v, held until %s", other, none, until)
		}
		turn := w.turn(it)
		turn.Outcome, turn.Error, turn.Closed = "failed", "boom", false
		_, err = db.CommitTurn(w.ctx, l, turn)
		must(t, err)
		again := store.Unanswered(t, w.db, it.ContactID)
		same(t, "left for another attempt", []any{again.ID, again.Attempt, again.Error}, []any{it.ID, 3, "boom"})
		turn.Closed = true
		_, err = db.CommitTurn(w.ctx, l, turn)
		must(t, err)
		must(t, db.ReleaseLease(w.ctx, l))
		l, none, _, err = db.Visit(w.ctx, contact, "w", noon, noon.Add(time.Minute))
		must(t, err)
		if l == nil || none != nil {
			t.Errorf("visited after the answer: %+v, %+v", l, none)
		}
	})
}

func TestSessionsWaitAndEnd(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		it, l := w.asked("Umai", "a")
		turn := w.turn(it)
		turn.Turn = &engine.Turn{Touched: true, Session: &engine.Session{VersionID: 1, Until: noon.Add(time.Minute), Origin: 9}}
		_, err := db.CommitTurn(w.ctx, l, turn)
		must(t, err)
		due := func(at time.Time) int64 {
			id, err := db.DueSession(w.ctx, it.ContactID, at)
			must(t, err)
			return id
		}
		waits := func(seen int64, at time.Time) bool {
			more, err := db.Waits(w.ctx, it.ContactID, seen, at)
			must(t, err)
			return more
		}
		same(t, "due too early", due(noon), int64(0))
		same(t, "something waits: too early, at the session's time", []bool{waits(0, noon), waits(0, noon.Add(time.Minute))}, []bool{false, true})
		same(t, "due at its time", due(noon.Add(time.Minute)), it.IdentityID)
		contacts, err := db.DueContacts(w.ctx, noon.Add(2*time.Minute), 0, 10)
		must(t, err)
		same(t, "contacts to ring", contacts, []int64{it.ContactID})
		must(t, db.RenewLease(w.ctx, l, noon.Add(time.Hour)))
		contacts, err = db.DueContacts(w.ctx, noon.Add(2*time.Minute), 0, 10)
		must(t, err)
		same(t, "contacts to ring that somebody holds", contacts, []int64(nil))

		timer := inbox.Turn{BotID: w.bot.ID, IdentityID: it.IdentityID, ContactID: it.ContactID, Outcome: "answered", Closed: true, Now: noon, Turn: &engine.Turn{Touched: true}}
		_, err = db.CommitTurn(w.ctx, l, timer)
		must(t, err)
		same(t, "due after its end", due(noon.Add(time.Hour)), int64(0))
		id := w.accepted(w.order(w.known("Umai")))[0].DeliveryID
		same(t, "something waits: a delivery, one that was seen, none of its time", []bool{waits(0, noon), waits(id, noon), waits(0, noon.Add(-time.Second))}, []bool{true, false, false})
		w.arrive(w.wrote("Umai", "b", noon))
		same(t, "something waits: a message", waits(id, noon), true)
	})
}

func TestTheQuestionOfAFailedDeliveryIsClosed(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p := w.person("U1")
		d := w.claimed(w.queued(p), "a1", noon)
		l := w.lease(p.ContactID)
		session := &engine.Session{VersionID: 1, Reply: true, Origin: d.ID}
		render := w.render("r1")
		d.Warnings = []string{"cut"}
		lost(t, db.Prepare(w.ctx, outbox.Prepared{Delivery: &engine.Delivery{ID: d.ID, AttemptID: "a0"}, Now: noon}))
		if err := db.Prepare(w.ctx, outbox.Prepared{Delivery: d, Turn: &engine.Turn{Touched: true, Session: session}, Now: noon}); err == nil {
			t.Error("a session was touched without a lease")
		}
		must(t, db.Prepare(w.ctx, outbox.Prepared{Delivery: d, Render: &render, Lease: l, Now: noon,
			Turn: &engine.Turn{Touched: true, Session: session, Deltas: engine.Deltas{Set: map[string]any{"a": "b"}}}}))
		lost(t, db.Prepare(w.ctx, outbox.Prepared{Delivery: d, Render: &render, Now: noon})) // once
		got := w.delivery(d.ID)
		same(t, "prepared", []any{got.RenderID, got.PreparedAt, got.Warnings}, []any{"r1", noon, []string{"cut"}})
		id, err := db.DeliveryOfRender(w.ctx, "r1", p.ID)
		must(t, err)
		same(t, "delivery of the render", id, d.ID)

		must(t, db.Finish(w.ctx, outbox.Outcome{Delivery: d, Status: engine.Failed, EndSession: true, Now: noon}))
		s, err := db.Situation(w.ctx, w.bot.ID, p.ID)
		must(t, err)
		if s.Session != nil {
			t.Errorf("the question that never came stays open: %+v", s.Session)
		}
	})
}

func TestTapsAreRecordedForTheirOwnPerson(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p := w.person("Umai")
		mine, other := w.queued(p), w.queued(w.person("Ulin"))
		it, l := w.asked("Umai", "a")
		for _, id := range []int64{other, mine} {
			turn := w.turn(it)
			turn.Closed = id == mine
			turn.Tap = &inbox.Tap{DeliveryID: id, RenderID: "r1", Button: 2, At: noon}
			_, err := db.CommitTurn(w.ctx, l, turn)
			must(t, err)
		}
		same(t, "own delivery clicked", w.delivery(mine).ClickedAt, noon)
		same(t, "another's delivery clicked", w.delivery(other).ClickedAt, time.Time{})
	})
}

func TestHandoversEndByThemselves(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		it, l := w.asked("Umai", "a")
		turn := w.turn(it)
		turn.Turn = &engine.Turn{Deltas: engine.Deltas{Handover: &engine.Handover{State: engine.ConversationAgent, Until: noon.Add(time.Hour), Note: "asks for a refund"}}}
		_, err := db.CommitTurn(w.ctx, l, turn)
		must(t, err)
		i := w.identity(it.IdentityID)
		if !i.HandedOver(noon) || i.ConversationNote != "asks for a refund" {
			t.Fatalf("conversation is %+v", i)
		}
		n, err := db.EndHandovers(w.ctx, noon, 10)
		must(t, err)
		same(t, "ended too early", n, 0)
		n, err = db.EndHandovers(w.ctx, noon.Add(time.Hour), 10)
		must(t, err)
		same(t, "ended", n, 1)
		if i := w.identity(it.IdentityID); i.Conversation != engine.ConversationBot || !i.ConversationUntil.IsZero() || i.ConversationNote != "" {
			t.Errorf("conversation is %+v", i)
		}
	})
}

func TestReplyTokensServeOneDelivery(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		it, l := w.asked("Umai", "a")
		turn := w.turn(it)
		turn.Deliveries = []engine.Delivery{w.reply(it), w.reply(it)}
		done, err := db.CommitTurn(w.ctx, l, turn)
		must(t, err)
		ids := done.Deliveries
		take := func(id int64, since time.Time) string {
			token, err := db.TakeReplyToken(w.ctx, it.ID, id, since)
			must(t, err)
			return token
		}
		send := w.queued(w.identity(it.IdentityID))
		stranger := w.queued(w.person("Ulin"))
		spare := func(id int64) string {
			token, err := db.TakeSpareReplyToken(w.ctx, it.IdentityID, id, noon)
			must(t, err)
			return token
		}
		same(t, "spare while the turn's own wait", spare(send), "")
		same(t, "too old", take(ids[0], noon.Add(time.Second)), "")
		same(t, "for somebody else's delivery", take(stranger, noon), "")
		same(t, "first", take(ids[0], noon), "r-a")
		same(t, "the same again", take(ids[0], noon), "r-a")
		same(t, "another of the turn", take(ids[1], noon), "")
		same(t, "spare when it is used", spare(send), "")

		must(t, db.ReleaseLease(w.ctx, l))
		it, l = w.asked("Umai", "b")
		same(t, "spare before the turn is answered", spare(send), "")
		_, err = db.CommitTurn(w.ctx, l, w.turn(it))
		must(t, err)
		same(t, "spare of a silent turn", spare(send), "r-b")
		same(t, "the same again", spare(send), "r-b")
	})
}

func TestConversationsThatPeopleLead(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w, other := newWorld(t, db), worldOf(t, db, "other")
		until := noon.Add(time.Hour)
		agent := engine.Deltas{Facts: map[string]any{"name": "小華"}, Handover: &engine.Handover{State: engine.ConversationAgent, Until: until, Note: "Hòa"}}
		p, q := w.person("U1"), w.person("U2")
		w.person("U3")
		w.patch(p.ContactID, agent)
		w.patch(q.ContactID, agent)
		other.patch(other.person("U1").ContactID, agent)

		all, next, err := db.ListHandedOver(w.ctx, w.bot.ID, noon, engine.Page{Limit: 1})
		must(t, err)
		if len(all) != 1 || all[0].ID != q.ID || next == "" {
			t.Fatalf("first page: %+v, %q", all, next)
		}
		all, next, err = db.ListHandedOver(w.ctx, w.bot.ID, noon, engine.Page{Limit: 1, Cursor: next})
		must(t, err)
		if len(all) != 1 || all[0].ID != p.ID || next != "" {
			t.Fatalf("second page: %+v, %q", all, next)
		}
		got := all[0]
		same(t, "talk", []any{got.ContactID, got.ContactName, got.ConversationUntil, got.ConversationNote}, []any{p.ContactID, "小華", until, "Hòa"})
		all, _, err = db.ListHandedOver(w.ctx, w.bot.ID, until, engine.Page{})
		must(t, err)
		same(t, "when their time is over", len(all), 0)
	})
}
