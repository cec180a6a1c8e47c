package store_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
)

// Of what is paused nothing is claimed, found due or answered; another bot goes
// on, and after the pause all is as it was.
func TestAPauseStopsClaims(t *testing.T) {
	for name, of := range map[string]func(*world) string{"bot": func(w *world) string { return w.bot.ID }, "instance": func(*world) string { return "" }} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *store.DB) {
				w, other := worldOf(t, db, "shop"), worldOf(t, db, "rival")
				mai := w.person("Umai")
				row, theirs := w.queued(mai), other.queued(other.person("Ulan"))
				must(t, db.Pause(w.ctx, engine.Pause{BotID: of(w), Reason: "a wrong price", Actor: "ops", At: noon}))

				if d := w.claim(row, "a1", noon.Add(time.Second)); d != nil {
					t.Error("a paused row was claimed")
				}
				due, err := db.Due(w.ctx, noon.Add(time.Hour), 0, 10)
				must(t, err)
				l, until, err := db.TakeLease(w.ctx, mai.ContactID, "w1", noon, noon.Add(time.Minute))
				must(t, err)
				if l != nil || until.After(noon) {
					t.Errorf("a paused contact is to be had: %v, %v", l, until)
				}
				if of(w) == "" {
					same(t, "due", len(due), 0)
					if d := other.claim(theirs, "a2", noon.Add(time.Second)); d != nil {
						t.Error("another bot's row was claimed while the instance is paused")
					}
				} else {
					same(t, "due", len(due), 1)
					other.claimed(theirs, "a2", noon.Add(time.Second))
				}
				pauses, err := db.Pauses(w.ctx)
				must(t, err)
				same(t, "pauses", pauses, []engine.Pause{{BotID: of(w), Reason: "a wrong price", Actor: "ops", At: noon}})

				ended, err := db.Resume(w.ctx, of(w), "ops", noon.Add(time.Minute))
				must(t, err)
				same(t, "ended", ended, true)
				w.claimed(row, "a3", noon.Add(time.Minute))
				w.lease(mai.ContactID)
				ended, err = db.Resume(w.ctx, of(w), "ops", noon.Add(time.Minute))
				must(t, err)
				same(t, "ended twice", ended, false)
			})
		})
	}
}

// A contact of a paused bot is not rung for.
func TestAPausedContactIsNotDue(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.arrive(w.wrote("Umai", "e1", noon))
		must(t, db.Pause(w.ctx, engine.Pause{BotID: w.bot.ID, Reason: "x", At: noon}))
		ids, err := db.DueContacts(w.ctx, noon.Add(time.Hour), 0, 10)
		must(t, err)
		same(t, "paused", len(ids), 0)
		_, err = db.Resume(w.ctx, w.bot.ID, "", noon)
		must(t, err)
		ids, err = db.DueContacts(w.ctx, noon.Add(time.Hour), 0, 10)
		must(t, err)
		same(t, "resumed", len(ids), 1)
		ids, err = db.DueContacts(w.ctx, noon.Add(time.Hour), ids[0], 10)
		must(t, err)
		same(t, "beyond it", len(ids), 0)
	})
}
