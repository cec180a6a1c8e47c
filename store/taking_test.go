package store_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/store"
)

// take is a claim by the commit of a turn, with the reply token when since is set.
func take(attempt string, since time.Time) *outbox.Taking {
	return &outbox.Taking{Claim: outbox.Claim{AttemptID: attempt, Now: noon, LeaseUntil: noon.Add(time.Minute)}, Since: since}
}

// said is a turn that says one thing.
func (w *world) said(it *engine.Interaction, t *outbox.Taking) inbox.Turn {
	turn := w.turn(it)
	turn.Deliveries, turn.Renders, turn.Take = []engine.Delivery{w.reply(it)}, []engine.Render{w.render("r1")}, t
	return turn
}

func TestATurnTakesItsReplyAlong(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		it, l := w.asked("Umai", "a")
		done, err := db.CommitTurn(w.ctx, l, w.said(it, take("a1", noon.Add(-time.Minute))))
		must(t, err)
		if done.Taken == nil || done.Taken.Token != it.ReplyToken || it.ReplyToken == "" {
			t.Fatalf("taken is %+v, want the token %q", done.Taken, it.ReplyToken)
		}
		same(t, "the row as it is told", *done.Taken.Delivery, *w.delivery(done.Deliveries[0]))
		same(t, "status", done.Taken.Delivery.Status, engine.Sending)
		same(t, "route", done.Taken.Delivery.Route, policy.RouteReply)
		story, err := db.Story(w.ctx, w.bot.ID, done.Deliveries[0])
		must(t, err)
		if len(story.Attempts) != 1 || story.Attempts[0].ID != "a1" || !story.Attempts[0].EndedAt.IsZero() {
			t.Errorf("attempts are %+v, want one under way", story.Attempts)
		}
		if again := w.claim(done.Deliveries[0], "a2", noon); again != nil {
			t.Errorf("another attempt has it too: %+v", again)
		}
	})
}

func TestATurnClaimsWithoutAReply(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for name, since := range map[string]time.Time{"none wanted": {}, "too old": noon.Add(time.Minute)} {
			it, l := w.asked("U"+name, name)
			done, err := db.CommitTurn(w.ctx, l, w.said(it, take("a "+name, since)))
			must(t, err)
			if done.Taken == nil || done.Taken.Token != "" {
				t.Fatalf("%s: taken is %+v, want a claim without a token", name, done.Taken)
			}
			same(t, name+": the row as it is told", *done.Taken.Delivery, *w.delivery(done.Deliveries[0]))
			same(t, name+": status", done.Taken.Delivery.Status, engine.Queued)
			same(t, name+": attempt", done.Taken.Delivery.Attempt, 1)
		}
	})
}

func TestATurnLeavesItsReplyBehindAnEarlierMessage(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		it, l := w.asked("Umai", "a")
		earlier := w.claimed(w.queued(w.identity(it.IdentityID)), "a0", noon)
		done, err := db.CommitTurn(w.ctx, l, w.said(it, take("a1", noon.Add(-time.Minute))))
		must(t, err)
		if done.Taken != nil {
			t.Fatalf("%+v was taken beside delivery %d, which is under way", done.Taken.Delivery, earlier.ID)
		}
		waits := w.delivery(done.Deliveries[0])
		same(t, "status", waits.Status, engine.Queued)
		same(t, "attempt", waits.Attempt, 0)
		must(t, w.finish(earlier, engine.SentOut))
		w.claimed(waits.ID, "a2", noon)
		token, err := db.TakeReplyToken(w.ctx, it.ID, waits.ID, noon.Add(-time.Minute))
		must(t, err)
		same(t, "the token, which is still there", token, it.ReplyToken)
	})
}

func TestATurnThatIsLostTakesNothing(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		it, l := w.asked("Umai", "a")
		stale := *l
		stale.Epoch--
		done, err := db.CommitTurn(w.ctx, &stale, w.said(it, take("a1", noon.Add(-time.Minute))))
		lost(t, err)
		if done.Taken != nil || len(done.Deliveries) != 0 {
			t.Errorf("a turn whose lease was lost has taken %+v", done)
		}
		done, err = db.CommitTurn(w.ctx, l, w.said(it, take("a2", noon.Add(-time.Minute))))
		must(t, err)
		if done.Taken == nil || done.Taken.Token == "" {
			t.Errorf("its reply token is gone: %+v", done.Taken)
		}
	})
}
