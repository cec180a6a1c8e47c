package store_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
)

// called is a delivery whose call is under way.
func (w *world) called(p *engine.Identity, attempt string) *engine.Delivery {
	w.t.Helper()
	d := w.claimed(w.queued(p), attempt, noon)
	must(w.t, w.db.Begin(w.ctx, d, engine.Attempt{ID: attempt, At: noon, Route: "push"}))
	return d
}

func (w *world) finish(d *engine.Delivery, as engine.Status) error {
	return w.db.Finish(w.ctx, outbox.Outcome{Delivery: d, Attempt: &engine.Attempt{ID: d.AttemptID, At: noon, EndedAt: noon.Add(time.Second), Outcome: string(as)},
		Status: as, Route: "push", Now: noon.Add(time.Second)})
}

func TestFinishSetsAStateOnlyUpwards(t *testing.T) {
	cases := []struct {
		name  string
		first engine.Status
		then  engine.Status
		want  engine.Status
	}{
		{"sent", engine.Sending, engine.SentOut, engine.SentOut},
		{"lost", engine.Sending, engine.Unknown, engine.Unknown},
		{"lost, then known", engine.Unknown, engine.SentOut, engine.SentOut},
		{"sent, then lost", engine.SentOut, engine.Unknown, engine.SentOut},
		{"refused after it was taken", engine.SentOut, engine.Failed, engine.Failed},
		{"refused after it was lost", engine.Unknown, engine.Failed, engine.Failed},
		{"sent after it was refused", engine.Failed, engine.SentOut, engine.Failed},
		{"skipped after it was sent", engine.SentOut, engine.Skipped, engine.SentOut},
		{"sent after it was read", engine.Read, engine.SentOut, engine.Read},
		{"refused after it was read", engine.Read, engine.Failed, engine.Read},
	}
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for _, c := range cases {
			d := w.called(w.person("U"+c.name), "a-"+c.name)
			if c.first != engine.Sending {
				must(t, w.finish(d, c.first))
			}
			must(t, w.finish(d, c.then))
			got := w.delivery(d.ID)
			same(t, c.name, got.Status, c.want)
			if got.ClosedAt.IsZero() || !got.LeaseUntil.IsZero() {
				t.Errorf("%s: closed at %s, leased until %s", c.name, got.ClosedAt, got.LeaseUntil)
			}
		}
	})
}

func TestFinishWritesAllThatWasLearnt(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p := w.person("U1")
		d := w.called(p, "a1")
		must(t, db.Finish(w.ctx, outbox.Outcome{Delivery: d, Attempt: &engine.Attempt{ID: "a1", Outcome: "refused", Code: "400"}, Status: engine.Failed,
			Class: "blocked", Code: "400", Error: "the user blocked you", Route: "push", RequestID: "req-1", Blocked: true, Now: noon.Add(time.Second)}))
		got := w.delivery(d.ID)
		same(t, "the row", []any{got.Class, got.Code, got.Error, got.Route, got.RequestID, got.SentAt, got.ClosedAt},
			[]any{"blocked", "400", "the user blocked you", "push", "req-1", time.Time{}, noon.Add(time.Second)})
		same(t, "the person is blocked", w.identity(p.ID).BlockedAt, noon.Add(time.Second))

		sent := w.called(w.person("U2"), "a2")
		must(t, db.Finish(w.ctx, outbox.Outcome{Delivery: sent, Attempt: &engine.Attempt{ID: "a2"}, Status: engine.SentOut, MessagesSent: 2, MessageIDs: []string{"m1", "m2", ""}, Now: noon}))
		got = w.delivery(sent.ID)
		same(t, "messages and time", []any{got.MessagesSent, got.SentAt}, []any{2, noon})
	})
}

func TestOnlyTheAttemptThatNamesItselfWrites(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		first := w.called(w.person("U1"), "a1")
		second := w.claimed(first.ID, "a2", noon.Add(2*time.Minute)) // the first one's lease ran out

		lost(t, db.Begin(w.ctx, first, engine.Attempt{ID: "a1", At: noon}))
		lost(t, db.Progress(w.ctx, first, engine.Attempt{ID: "a1"}, 3, nil))
		lost(t, db.Prepare(w.ctx, outbox.Prepared{Delivery: first, Now: noon}))
		same(t, "status", w.delivery(first.ID).Status, engine.Sending)

		refused := w.called(w.person("U2"), "b1")
		w.claimed(refused.ID, "b2", noon.Add(2*time.Minute))
		lost(t, w.finish(refused, engine.Failed))
		same(t, "status of what was refused", w.delivery(refused.ID).Status, engine.Sending)

		// That the platform took the message is true whoever holds the row.
		must(t, w.finish(first, engine.SentOut))
		same(t, "status after the late truth", w.delivery(first.ID).Status, engine.SentOut)
		lost(t, db.Begin(w.ctx, second, engine.Attempt{ID: "a2", At: noon})) // and nothing is sent twice
		story, err := db.Story(w.ctx, w.bot.ID, first.ID)
		must(t, err)
		if len(story.Attempts) == 0 || story.Attempts[0].ID != "a1" || story.Attempts[0].Outcome != "sent" {
			t.Errorf("the attempts are %+v, want the first one as sent", story.Attempts)
		}
	})
}

func TestALateAnswerCountsWhileNobodyElseClaimed(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		d := w.called(w.person("U1"), "a1")
		must(t, db.Finish(w.ctx, outbox.Outcome{Delivery: d, Status: engine.Failed, Class: "content", Now: noon.Add(time.Hour)}))
		same(t, "status", w.delivery(d.ID).Status, engine.Failed)
	})
}

func TestAttemptsTellEveryCall(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		d := w.called(w.person("U1"), "a1")
		must(t, db.Progress(w.ctx, d, engine.Attempt{ID: "a1", EndedAt: noon.Add(time.Second), Outcome: "sent", RequestID: "r1"}, 5, []string{"m1"}))
		same(t, "messages sent", w.delivery(d.ID).MessagesSent, 5)
		must(t, db.Begin(w.ctx, d, engine.Attempt{ID: "a1", At: noon.Add(2 * time.Second), Route: "push", RetryKey: "k2"}))
		must(t, db.Begin(w.ctx, d, engine.Attempt{ID: "a1", At: noon.Add(3 * time.Second), Route: "push", RetryKey: "k2"}))
		must(t, w.finish(d, engine.SentOut))
		s, err := db.Story(w.ctx, w.bot.ID, d.ID)
		must(t, err)
		var outcomes []string
		for _, a := range s.Attempts {
			outcomes = append(outcomes, a.Outcome)
		}
		same(t, "outcomes", outcomes, []string{"sent", "lost", "sent"})
	})
}

func TestSettle(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		d := w.called(w.person("U1"), "a1")
		refused(t, db.Settle(w.ctx, w.bot.ID, d.ID, engine.SentOut, noon), engine.Conflict)
		must(t, w.finish(d, engine.Unknown))
		refused(t, db.Settle(w.ctx, w.bot.ID, d.ID, engine.Queued, noon), engine.Invalid)
		refused(t, db.Settle(w.ctx, "another bot", d.ID, engine.SentOut, noon), engine.NotFound)
		must(t, db.Settle(w.ctx, w.bot.ID, d.ID, engine.SentOut, noon))
		same(t, "status", w.delivery(d.ID).Status, engine.SentOut)
	})
}
