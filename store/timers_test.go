package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
)

// planning is a person whose turns plan and take back.
type planning struct {
	*world
	person *engine.Identity
	lease  *outbox.Lease
}

func newPlanning(t *testing.T, db *store.DB) *planning {
	w := newWorld(t, db)
	p := w.person("Umai")
	return &planning{w, p, w.lease(p.ContactID)}
}

// plans commits a turn.
func (p *planning) plans(turn *engine.Turn) {
	p.t.Helper()
	_, err := p.db.CommitTurn(p.ctx, p.lease, inbox.Turn{BotID: p.bot.ID, IdentityID: p.person.ID, ContactID: p.person.ContactID, Now: noon, Turn: turn})
	must(p.t, err)
}

func (p *planning) due(at time.Time) *engine.Timer {
	p.t.Helper()
	t, err := p.db.DueTimer(p.ctx, p.person.ContactID, at)
	must(p.t, err)
	return t
}

func timer(key, block string, in time.Duration) engine.Timer {
	return engine.Timer{Key: key, Block: block, DueAt: noon.Add(in), VersionID: 7, Planner: "b0", PC: 3, PlannedAt: noon,
		Attributes: engine.Values{"order": "A1"}, Origin: 9, Seq: 2, Intent: engine.IntentUtility, Category: "parcels"}
}

func TestTimersAreReplacedAndTakenBack(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		p := newPlanning(t, db)
		p.plans(&engine.Turn{Timers: []engine.Timer{timer("visit", "b1", time.Hour), timer("~i1.0", "b2", 2*time.Hour)}})
		same(t, "due too early", p.due(noon.Add(time.Hour-time.Second)), (*engine.Timer)(nil))
		got := p.due(noon.Add(time.Hour))
		want := timer("visit", "b1", time.Hour)
		want.ID, want.BotID, want.IdentityID = got.ID, p.bot.ID, p.person.ID
		same(t, "due at its time", got, &want)

		p.plans(&engine.Turn{Timers: []engine.Timer{timer("visit", "b3", 3*time.Hour)}})
		same(t, "due once it was replaced", p.due(noon.Add(9*time.Hour)).Block, "b2")
		p.plans(&engine.Turn{Canceled: []string{"~i1.0", "nothing"}})
		same(t, "due once the other was taken back", p.due(noon.Add(9*time.Hour)).Block, "b3")

		must(t, db.ReleaseLease(p.ctx, p.lease))
		contacts, err := db.DueContacts(p.ctx, noon.Add(4*time.Hour), 0, 10)
		must(t, err)
		same(t, "contacts to ring", contacts, []int64{p.person.ContactID})
		for at, want := range map[time.Duration]bool{time.Hour: false, 3 * time.Hour: true} {
			more, err := db.Waits(p.ctx, p.person.ContactID, 0, noon.Add(at))
			must(t, err)
			same(t, fmt.Sprintf("something waits after %s", at), more, want)
		}
	})
}

func TestTimerEndsOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		p := newPlanning(t, db)
		p.plans(&engine.Turn{Timers: []engine.Timer{timer("visit", "b1", time.Hour)}})
		found := p.due(noon.Add(time.Hour))
		row := p.reply(&engine.Interaction{IdentityID: p.person.ID, ContactID: p.person.ContactID})
		row.BlockID, row.Intent, row.SendID = "b1", engine.IntentUtility, p.id()
		rung := inbox.Rung{Timer: found, Delivery: &row, Send: engine.Send{ID: row.SendID, BotID: p.bot.ID, Source: "later", CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)},
			Events: []engine.Event{{Level: engine.LevelInfo, Code: "x"}}, Now: noon}

		stale := *p.lease
		stale.Epoch--
		_, err := db.EndTimer(p.ctx, &stale, rung)
		lost(t, err)
		same(t, "still due", p.due(noon.Add(time.Hour)), found)

		id, err := db.EndTimer(p.ctx, p.lease, rung)
		must(t, err)
		same(t, "the delivery", p.delivery(id).SendID, row.SendID)
		same(t, "due once it has ended", p.due(noon.Add(time.Hour)), (*engine.Timer)(nil))
		again, err := db.EndTimer(p.ctx, p.lease, rung)
		must(t, err)
		same(t, "made a second time", again, int64(0))
	})
}

// Between the look and the commit a send may have planned something else.
func TestReplacedTimerDoesNotEnd(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		p := newPlanning(t, db)
		p.plans(&engine.Turn{Timers: []engine.Timer{timer("visit", "b1", time.Hour)}})
		found := p.due(noon.Add(time.Hour))
		p.plans(&engine.Turn{Timers: []engine.Timer{timer("visit", "b1", 2*time.Hour)}})
		_, err := db.EndTimer(p.ctx, p.lease, inbox.Rung{Timer: found, Now: noon})
		must(t, err)
		found = p.due(noon.Add(2 * time.Hour))
		if found == nil {
			t.Fatal("the new one is gone")
		}
		_, err = db.EndTimer(p.ctx, p.lease, inbox.Rung{Timer: found, Postpone: noon.Add(5 * time.Hour), Now: noon})
		must(t, err)
		same(t, "due when it was put off", p.due(noon.Add(4*time.Hour)), (*engine.Timer)(nil))
		same(t, "due then", p.due(noon.Add(5*time.Hour)).ID, found.ID)
	})
}

func TestTimersOfAPersonAreLimited(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		p := newPlanning(t, db)
		full := &engine.Turn{}
		for i := range engine.MaxTimers {
			full.Timers = append(full.Timers, timer(fmt.Sprint(i), "b1", time.Hour))
		}
		p.plans(full)
		same(t, "events so far", store.CountRows(t, db)["events"], 0)
		p.plans(&engine.Turn{Timers: []engine.Timer{timer("one more", "b1", time.Minute), timer("0", "b2", time.Minute)}})
		same(t, "timers", store.CountRows(t, db)["timers"], engine.MaxTimers)
		same(t, "events", store.CountRows(t, db)["events"], 1)
		same(t, "replaced all the same", p.due(noon.Add(time.Minute)).Block, "b2")
	})
}
