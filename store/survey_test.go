package store_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
)

// seen is a process that is at work.
func seen(id string) engine.Running {
	return engine.Running{ID: id, Role: "work", Version: "test", StartedAt: noon, SeenAt: noon, Apart: -3 * time.Millisecond}
}

func TestASurveyTellsWhatIsUnderWay(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		last, err := db.LastSurvey(w.ctx)
		must(t, err)
		if last != nil {
			t.Fatalf("there is a survey already: %v", last)
		}
		w.queued(w.person("U1"))
		sent := w.claimed(w.queued(w.person("U2")), "a1", noon)
		must(t, db.Begin(w.ctx, sent, engine.Attempt{ID: "a1", DeliveryID: sent.ID, At: noon}))
		must(t, db.Finish(w.ctx, outbox.Outcome{Delivery: sent, Status: engine.SentOut, Now: noon}))
		lost := w.claimed(w.queued(w.person("U3")), "a2", noon)
		must(t, db.Begin(w.ctx, lost, engine.Attempt{ID: "a2", DeliveryID: lost.ID, At: noon}))
		must(t, db.Finish(w.ctx, outbox.Outcome{Delivery: lost, Status: engine.Unknown, Class: "lost", Error: "no answer", Now: noon}))
		w.arrive(w.wrote("U4", "e1", noon))
		must(t, db.SeeProcess(w.ctx, seen("host/1")))
		must(t, db.Pause(w.ctx, engine.Pause{Reason: "stock count", Actor: "ops", At: noon}))
		now := noon.Add(30 * time.Second)
		must(t, db.KeepSurvey(w.ctx, now))

		got, err := db.LastSurvey(w.ctx)
		must(t, err)
		want := &engine.Survey{At: now, Open: map[engine.Status]int64{engine.Queued: 1},
			Recent: map[engine.Status]int64{engine.Queued: 1, engine.SentOut: 1, engine.Unknown: 1}, Inbox: 1, OldestInbox: got.OldestInbox,
			Accounts: []engine.AccountCount{{Channel: "line", State: engine.AccountActive, Count: 1}},
			Pauses:   []engine.Pause{{Reason: "stock count", Actor: "ops", At: noon}}, Processes: []engine.Running{seen("host/1")}}
		same(t, "survey", got, want)
		if got.OldestInbox.IsZero() {
			t.Error("nobody says since when somebody waits for an answer")
		}

		_, err = db.Resume(w.ctx, "", "ops", now)
		must(t, err)
		must(t, db.LeaveProcess(w.ctx, "host/1"))
		h := w.hook("*")
		w.tell(h, noon.Add(10*time.Second))
		w.tell(h, noon.Add(20*time.Second))
		w.tell(h, noon.Add(time.Hour))
		broken := w.hook("*")
		w.tell(broken, noon)
		broken.State = engine.WebhookDisabled
		put(t, db, broken)
		after, err := db.Survey(w.ctx, now)
		must(t, err)
		same(t, "notices due, later, the oldest", []any{after.NoticesDue, after.NoticesLater, after.OldestNotice}, []any{int64(2), int64(1), noon.Add(10 * time.Second)})
		same(t, "oldest due", after.OldestDue, noon)
		same(t, "processes", after.Processes, []engine.Running{})

		troubles, err := db.Troubles(w.ctx, 5)
		must(t, err)
		same(t, "troubles", troubles, []engine.Trouble{{At: noon, BotID: w.bot.ID, What: "delivery", ID: lost.ID, Class: "lost", Text: "no answer"}})
	})
}

func TestAProcessIsForgotten(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		must(t, db.SeeProcess(ctx, seen("old")))
		fresh := seen("new")
		fresh.SeenAt = noon.Add(2 * time.Minute)
		must(t, db.SeeProcess(ctx, fresh))
		v, err := db.Survey(ctx, fresh.SeenAt)
		must(t, err)
		same(t, "processes", v.Processes, []engine.Running{fresh})
	})
}

func TestUnknownDeliveriesAreSettledTogether(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w, other := worldOf(t, db, "shop"), worldOf(t, db, "rival")
		lose := func(w *world, who string) int64 {
			d := w.claimed(w.queued(w.person(who)), "a-"+who, noon)
			must(t, db.Begin(w.ctx, d, engine.Attempt{ID: "a-" + who, DeliveryID: d.ID, At: noon}))
			must(t, db.Finish(w.ctx, outbox.Outcome{Delivery: d, Status: engine.Unknown, Now: noon}))
			return d.ID
		}
		first, second, theirs := lose(w, "U1"), lose(w, "U2"), lose(other, "U3")
		queued := w.queued(w.person("U4"))
		for _, c := range []struct {
			name string
			f    engine.SettleFilter
			want int64
		}{
			{"all", engine.SettleFilter{}, 2},
			{"another account", engine.SettleFilter{AccountID: other.account.ID}, 0},
			{"this account", engine.SettleFilter{AccountID: w.account.ID}, 2},
			{"a block", engine.SettleFilter{BlockID: "b"}, 0},
			{"later ones", engine.SettleFilter{Since: noon.Add(time.Second)}, 0},
			{"earlier ones", engine.SettleFilter{Before: noon}, 0},
			{"in between", engine.SettleFilter{Since: noon, Before: noon.Add(time.Second)}, 2},
		} {
			n, err := db.CountUnknown(w.ctx, w.bot.ID, c.f)
			must(t, err)
			same(t, c.name, n, c.want)
		}
		_, err := db.SettleUnknown(w.ctx, w.bot.ID, engine.SettleFilter{}, engine.Queued, noon)
		refused(t, err, engine.Invalid)
		n, err := db.SettleUnknown(w.ctx, w.bot.ID, engine.SettleFilter{}, engine.SentOut, noon.Add(time.Hour))
		must(t, err)
		same(t, "settled", n, int64(2))
		same(t, "first", w.delivery(first).Status, engine.SentOut)
		same(t, "second", w.delivery(second).SentAt, noon.Add(time.Hour))
		same(t, "queued", w.delivery(queued).Status, engine.Queued)
		same(t, "the rival's", other.delivery(theirs).Status, engine.Unknown)
	})
}

func TestWhatComesSoon(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		o := w.order(w.person("U1"))
		o.Delivery.NotBefore = noon.Add(3 * time.Second)
		id := w.accepted(o)[0].DeliveryID
		w.queued(w.person("U2")) // due already
		got, err := db.Coming(w.ctx, noon, noon.Add(5*time.Second), 10)
		must(t, err)
		same(t, "coming", got, []outbox.Coming{{ID: id, At: noon.Add(3 * time.Second)}})
		got, err = db.Coming(w.ctx, noon, noon.Add(2*time.Second), 10)
		must(t, err)
		same(t, "later", len(got), 0)
		contacts, err := db.ComingContacts(w.ctx, noon, noon.Add(time.Hour), 10)
		must(t, err)
		same(t, "contacts", len(contacts), 0)
	})
}
