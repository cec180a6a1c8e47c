package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/store"
)

// opened is a run of a new broadcast whose audience is to be written down.
func (w *world) opened(p engine.Plan) *engine.Run {
	w.t.Helper()
	b := &engine.Broadcast{ID: w.id(), BotID: w.bot.ID, State: engine.BroadcastDraft, Version: 1, Plan: p, CreatedAt: noon, UpdatedAt: noon}
	must(w.t, w.db.CreateBroadcast(w.ctx, b))
	r := &engine.Run{ID: w.id(), Plan: p, State: engine.RunFreezing, StartedAt: noon, CreatedAt: noon}
	must(w.t, w.db.OpenRun(w.ctx, b, r))
	return r
}

// frozen writes a run's whole audience down, in small steps.
func (w *world) frozen(f broadcast.Freezing) (steps int) {
	w.t.Helper()
	for {
		done, err := w.db.Freeze(w.ctx, f)
		must(w.t, err)
		steps++
		if done {
			return steps
		}
	}
}

func (w *world) freezing(r *engine.Run) broadcast.Freezing {
	return broadcast.Freezing{Run: r, Size: 3, Status: engine.Queued, Expires: noon.Add(time.Hour), Now: noon,
		Accounts: []broadcast.Reach{{AccountID: w.account.ID, BlockID: "b1", Skip: policy.Many{DoNotContact: true, Consent: true, HandedOver: true}}}}
}

func TestFreezeWritesEverybodyOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for i := range 30 {
			p := w.person(fmt.Sprint("U", i))
			switch i {
			case 0:
				must(t, store.Exec(t, db, `UPDATE identities SET blocked_at = ? WHERE id = ?`, noon, p.ID))
			case 1:
				must(t, store.Exec(t, db, `UPDATE identities SET unsubscribed_at = ? WHERE id = ?`, noon, p.ID))
			case 2:
				must(t, store.Exec(t, db, `UPDATE identities SET subscribed_at = NULL WHERE id = ?`, p.ID))
				continue
			case 3:
				must(t, store.Exec(t, db, `UPDATE contacts SET do_not_contact = true WHERE id = ?`, p.ContactID))
			}
			must(t, store.Exec(t, db, `UPDATE identities SET subscribed_at = ? WHERE id = ?`, noon, p.ID))
		}
		r := w.opened(engine.Plan{Subject: "s", Intent: engine.IntentPromotional, Category: "news"})
		f := w.freezing(r)
		if steps := w.frozen(f); steps < 2 {
			t.Errorf("frozen in %d steps, want several of a few contacts", steps)
		}
		c, err := db.Count(w.ctx, r.ID)
		must(t, err)
		same(t, "rows", c.ByStatus, map[engine.Status]int64{engine.Queued: 26, engine.Skipped: 4})
		same(t, "skipped", c.Skipped, map[string]int64{"blocked": 1, "unsubscribed": 1, "not_subscribed": 1, "do_not_contact": 1})
		now, err := db.Run(w.ctx, w.bot.ID, r.ID)
		must(t, err)
		same(t, "the run", []any{now.State, now.FrozenAt}, []any{engine.RunRunning, noon})

		stale := f
		other := *r
		other.FrozenTo = 0
		stale.Run = &other
		_, err = db.Freeze(w.ctx, stale)
		lost(t, err) // who froze beside it writes nothing twice
	})
}

func TestFreezeKeepsToListsAndNumbers(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		must(t, store.Exec(t, db, `INSERT INTO lists (id, bot_id, created_at) VALUES ('l1', ?, ?), ('l2', 'another', ?)`, w.bot.ID, noon, noon))
		for i := range 8 {
			p := w.person(fmt.Sprint("U", i))
			must(t, store.Exec(t, db, `UPDATE identities SET subscribed_at = ? WHERE id = ?`, noon, p.ID))
			if i%2 == 0 {
				must(t, store.Exec(t, db, `INSERT INTO list_people (list_id, contact_id) VALUES ('l1', ?), ('l2', ?)`, p.ContactID, p.ContactID))
			}
		}
		listed := expression.Filter{Op: expression.InList, List: "l1"}
		anothers := expression.Filter{Op: expression.InList, List: "l2"}
		for _, tc := range []struct {
			name   string
			filter *expression.Filter
			left   int
			want   int64
		}{
			{"everyone", nil, 0, 8},
			{"a list", &listed, 0, 4},
			{"all but a list", &expression.Filter{Op: expression.Not, Args: []expression.Filter{listed}}, 0, 4},
			{"another bot's list", &anothers, 0, 0},
			{"one or the other", &expression.Filter{Op: expression.Or, Args: []expression.Filter{listed, {Op: expression.Everyone}}}, 0, 8},
			{"the first two", nil, 2, 2},
		} {
			r := w.opened(engine.Plan{Subject: tc.name, Intent: engine.IntentPromotional})
			f := w.freezing(r)
			f.Filter, f.Left, f.Size = tc.filter, tc.left, 100
			w.frozen(f)
			c, err := db.Count(w.ctx, r.ID)
			must(t, err)
			same(t, tc.name, c.ByStatus[engine.Queued], tc.want)
		}
	})
}

func TestRangesAreWorkedByOne(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for i := range 5 {
			must(t, store.Exec(t, db, `UPDATE identities SET subscribed_at = ? WHERE id = ?`, noon, w.person(fmt.Sprint("U", i)).ID))
		}
		r := w.opened(engine.Plan{Subject: "s", Intent: engine.IntentPromotional})
		w.frozen(w.freezing(r))
		ids, _, err := db.FreeRanges(w.ctx, r.ID, noon, 4)
		must(t, err)
		if len(ids) == 0 {
			t.Fatal("no ranges")
		}
		first, _, err := db.TakeRange(w.ctx, ids[0], noon, noon.Add(time.Minute))
		must(t, err)
		again, _, err := db.TakeRange(w.ctx, ids[0], noon, noon.Add(time.Minute))
		must(t, err)
		if again != nil {
			t.Fatal("a range was given twice")
		}
		rows, _, err := db.ListDeliveries(w.ctx, w.bot.ID, engine.DeliveryFilter{}, engine.Page{Limit: 2})
		must(t, err)
		if len(rows) != 2 {
			t.Fatalf("%d rows, want 2", len(rows))
		}
		moved, err := db.MoveRun(w.ctx, r, []engine.RunState{engine.RunRunning}, engine.RunPaused, "a moment", noon)
		must(t, err)
		same(t, "paused", moved, true)
		d, err := db.Claim(w.ctx, rows[0].ID, outbox.Claim{AttemptID: "a1", Now: noon, LeaseUntil: noon.Add(time.Minute)})
		must(t, err)
		if d != nil {
			t.Error("a row of a paused run was claimed")
		}
		_, err = db.MoveRun(w.ctx, r, []engine.RunState{engine.RunPaused}, engine.RunRunning, "", noon)
		must(t, err)
		d, err = db.Claim(w.ctx, rows[0].ID, outbox.Claim{AttemptID: "a1", Now: noon, LeaseUntil: noon.Add(time.Minute)})
		must(t, err)
		if d == nil || d.RunID != r.ID {
			t.Fatalf("claimed %+v", d)
		}
		must(t, db.LeaveRange(w.ctx, first, true, noon))
		left, err := db.NextRound(w.ctx, r.ID, noon)
		must(t, err)
		if !left.Open {
			t.Errorf("nothing is left, %+v", left)
		}
		_, err = db.MoveRun(w.ctx, r, []engine.RunState{engine.RunRunning}, engine.RunCanceled, "enough", noon)
		must(t, err)
		n, err := db.CancelRows(w.ctx, r.ID, noon, 100)
		must(t, err)
		same(t, "canceled: all but the one that is held", n, 4)
		b, err := db.Broadcast(w.ctx, w.bot.ID, r.BroadcastID)
		must(t, err)
		same(t, "the broadcast", b.State, engine.BroadcastCanceled)
	})
}

func TestAnAudienceThatWasWrittenInPartIsWhole(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for i := range 4 {
			must(t, store.Exec(t, db, `UPDATE identities SET subscribed_at = ? WHERE id = ?`, noon, w.person(fmt.Sprint("U", i)).ID))
		}
		written := func() *engine.Run {
			r := w.opened(engine.Plan{Subject: "s", Intent: engine.IntentPromotional})
			must(t, store.DieFreezing(w.ctx, db, w.freezing(r)))
			return r
		}
		r := written()
		w.frozen(w.freezing(r))
		c, err := db.Count(w.ctx, r.ID)
		must(t, err)
		same(t, "rows", c.ByStatus, map[engine.Status]int64{engine.Queued: 4})
		ids, _, err := db.FreeRanges(w.ctx, r.ID, noon, 4)
		must(t, err)
		worked := 0
		for _, id := range ids {
			one, _, err := db.TakeRange(w.ctx, id, noon, noon.Add(time.Minute))
			must(t, err)
			worked += len(w.open(r, one.NextID, one.LastID, noon))
		}
		same(t, "rows in ranges", worked, 4)

		r = written()
		_, err = db.MoveRun(w.ctx, r, []engine.RunState{engine.RunFreezing}, engine.RunCanceled, "enough", noon)
		must(t, err)
		n, err := db.CancelRows(w.ctx, r.ID, noon, 100)
		must(t, err)
		if n == 0 {
			t.Error("rows of a run that was canceled while it was frozen are not canceled")
		}
		lost(t, store.DieFreezing(w.ctx, db, w.freezing(r)))
	})
}

// Who writes at another of their addresses while an audience is written down again
// is still told once.
func TestAnAudienceThatIsWrittenAgainHasNobodyTwice(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		one, other := w.person("U1"), w.person("U2")
		must(t, store.Exec(t, db, `UPDATE identities SET contact_id = ?, subscribed_at = ?, last_inbound_at = ?`, one.ContactID, noon, noon))
		r := w.opened(engine.Plan{Subject: "s", Intent: engine.IntentPromotional})
		must(t, store.DieFreezing(w.ctx, db, w.freezing(r)))
		rows, _, err := db.ListDeliveries(w.ctx, w.bot.ID, engine.DeliveryFilter{}, engine.Page{})
		must(t, err)
		same(t, "rows", len(rows), 1)
		if rows[0].IdentityID == other.ID {
			other = one
		}
		must(t, store.Exec(t, db, `UPDATE identities SET last_inbound_at = ? WHERE id = ?`, noon.Add(time.Minute), other.ID))
		later := w.person("U3")
		must(t, store.Exec(t, db, `UPDATE identities SET subscribed_at = ? WHERE id = ?`, noon, later.ID))
		w.frozen(w.freezing(r))
		again, _, err := db.ListDeliveries(w.ctx, w.bot.ID, engine.DeliveryFilter{}, engine.Page{})
		must(t, err)
		var told []int64
		for _, d := range again {
			told = append(told, d.IdentityID)
		}
		same(t, "who is told, the last first", told, []int64{later.ID, rows[0].IdentityID})
	})
}

// An address that was written down and has become another contact's since is not
// written down again, and neither is another of theirs.
func TestAnAddressThatMovesWhileAnAudienceIsWrittenIsToldOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		first, next, last := w.person("U1"), w.person("U2"), w.person("U3")
		must(t, store.Exec(t, db, `UPDATE identities SET subscribed_at = ?`, noon))
		f := w.freezing(w.opened(engine.Plan{Subject: "s", Intent: engine.IntentPromotional}))
		f.Size, f.Left = 2, 10 // a part at a time
		done, err := db.Freeze(w.ctx, f)
		must(t, err)
		same(t, "all is written", done, false)
		must(t, db.MergeContacts(w.ctx, w.bot.ID, last.ContactID, first.ContactID))
		w.frozen(f)
		rows, _, err := db.ListDeliveries(w.ctx, w.bot.ID, engine.DeliveryFilter{}, engine.Page{})
		must(t, err)
		var told []int64
		for _, d := range rows {
			told = append(told, d.IdentityID)
		}
		same(t, "who is told, the last first", told, []int64{next.ID, first.ID})
	})
}

// Whose time to write a run's people down is over writes nobody any more, from
// when another has taken it over.
func TestALateFreezingWritesNobody(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		must(t, store.Exec(t, db, `UPDATE identities SET subscribed_at = ? WHERE id = ?`, noon, w.person("U1").ID))
		r := w.opened(engine.Plan{Subject: "s", Intent: engine.IntentPromotional})
		late, next := w.freezing(r), w.freezing(r)
		next.Now = noon.Add(2 * time.Minute)
		lost(t, store.LateFreezing(w.ctx, db, late, func() error {
			lost(t, store.LateFreezing(w.ctx, db, late, nil)) // it is held
			return store.LateFreezing(w.ctx, db, next, func() error { return nil })
		}))
		must(t, store.Exec(t, db, `UPDATE broadcast_runs SET lease_until = NULL`))
		w.frozen(next)
		c, err := db.Count(w.ctx, r.ID)
		must(t, err)
		same(t, "rows", c.ByStatus, map[engine.Status]int64{engine.Queued: 1})
	})
}
