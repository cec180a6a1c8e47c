package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/store"
)

// withdrew is somebody taking a message back.
func (w *world) withdrew(from, message string, at time.Time) inbox.Arrival {
	a := w.did(engine.DidOther, from, "unsend-"+message, at)
	a.Inbound = engine.Inbound{Event: inbox.Withdrawn, Data: message}
	return a
}

// brings notes that a message brought a file.
func (w *world) brings(message string, m engine.Media) (withdrawn bool) {
	w.t.Helper()
	withdrawn, err := w.db.NoteMedia(w.ctx, w.account.ID, message, m.ID, noon)
	must(w.t, err)
	return withdrawn
}

func (w *world) goneMedia() []string {
	w.t.Helper()
	gone, err := w.db.GoneMedia(w.ctx, 100)
	must(w.t, err)
	ids := []string{}
	for _, m := range gone {
		ids = append(ids, m.ID)
	}
	return ids
}

func TestAFileGoesWithItsMessage(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		person := w.person("U1").ContactID
		once, twice, stays, upload := w.fileOf(1, person, "1"), w.fileOf(2, person, "2"), w.fileOf(3, person, "3"), w.fileOf(4, 0, "4")
		for n, m := range []engine.Media{once, twice, stays, upload} {
			w.keeps(m)
			if w.brings(fmt.Sprint("m", n), m) {
				t.Fatal("a message that is there was withdrawn")
			}
		}
		w.brings("m1 again", twice)
		w.arrive(w.withdrew("U1", "m0", noon), w.withdrew("U1", "m1", noon), w.withdrew("U1", "m3", noon), w.withdrew("U1", "a text", noon))
		same(t, "gone with its only message", w.goneMedia(), []string{once.ID})
		w.arrive(w.withdrew("U1", "m1 again", noon.Add(time.Second)))
		same(t, "gone with the last of two", w.goneMedia(), []string{once.ID, twice.ID})
		for _, m := range []engine.Media{stays, upload} {
			if got, err := db.MediaByID(w.ctx, m.ID); got == nil || err != nil {
				t.Errorf("file %s: %v, %v", m.Hash, got, err)
			}
		}
	})
}

func TestAFileOfAMessageThatWasWithdrawnBefore(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		m := w.fileOf(1, w.person("U1").ContactID, "1")
		w.arrive(w.withdrew("U1", "m0", noon))
		w.keeps(m)
		if !w.brings("m0", m) {
			t.Error("it was not withdrawn")
		}
		same(t, "gone", w.goneMedia(), []string{m.ID})
		must(t, db.ForgetMedia(w.ctx, []string{m.ID}))
		again := w.fileOf(2, m.ContactID, "1")
		w.keeps(again)
		if w.brings("m0", again) {
			t.Error("what was withdrawn of a forgotten file is still known")
		}
		w.arrive(w.withdrew("U1", "m7", noon))
		must(t, db.OldMedia(w.ctx, noon.Add(-time.Hour), noon.Add(-time.Hour), noon.Add(9*24*time.Hour), 100))
		if w.brings("m7", again) {
			t.Error("a message without a file is known for longer than it may be repeated")
		}
	})
}
