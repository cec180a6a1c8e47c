package store_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/store"
)

// What somebody writes is a reply to what they were sent shortly before, once,
// and to nothing else.
func TestRepliesAreNoted(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p := w.person("Umai")
		sent := func(to string, at time.Time) int64 { return w.sent(w.person(to), w.id(), at).ID }
		late, long, fresh := sent("Umai", noon.Add(time.Minute)), sent("Umai", noon.Add(-inbox.ReplyWithin)), sent("Umai", noon.Add(-time.Hour))
		other, waiting := sent("Ulin", noon.Add(-time.Hour)), w.queued(p)
		it, l := w.asked("Umai", "a")
		turn := w.turn(it)
		turn.Closed = false
		_, err := db.CommitTurn(w.ctx, l, turn) // they did something, but wrote nothing
		must(t, err)
		same(t, "before they wrote", w.delivery(fresh).RepliedAt, time.Time{})
		for _, at := range []time.Time{noon, noon.Add(time.Second)} {
			turn.Wrote = at
			_, err := db.CommitTurn(w.ctx, l, turn)
			must(t, err)
		}
		same(t, "sent an hour before", w.delivery(fresh).RepliedAt, noon)
		for what, id := range map[string]int64{"sent later": late, "sent long before": long, "of another": other, "not sent": waiting} {
			same(t, what, w.delivery(id).RepliedAt, time.Time{})
		}
	})
}
