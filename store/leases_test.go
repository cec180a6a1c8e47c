package store_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/store"
)

func TestLeaseFencesItsHolder(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p := w.person("U1")
		first := w.lease(p.ContactID)

		other, until, err := db.TakeLease(w.ctx, p.ContactID, "w2", noon.Add(time.Second), noon.Add(time.Hour))
		must(t, err)
		if other != nil || !until.Equal(noon.Add(time.Minute)) {
			t.Fatalf("a held lease was given as %+v until %s", other, until)
		}
		must(t, db.RenewLease(w.ctx, first, noon.Add(2*time.Minute)))
		same(t, "end of the renewed lease", first.Until, noon.Add(2*time.Minute))

		second, _, err := db.TakeLease(w.ctx, p.ContactID, "w2", noon.Add(3*time.Minute), noon.Add(4*time.Minute))
		must(t, err)
		if second == nil || second.Epoch <= first.Epoch {
			t.Fatalf("a lease that ran out was not given with a higher epoch: %+v", second)
		}
		lost(t, db.RenewLease(w.ctx, first, noon.Add(time.Hour)))
		must(t, db.ReleaseLease(w.ctx, first)) // nothing to release

		must(t, db.ReleaseLease(w.ctx, second))
		lost(t, db.RenewLease(w.ctx, second, noon.Add(time.Hour)))
		third, _, err := db.TakeLease(w.ctx, p.ContactID, "w3", noon, noon.Add(time.Minute))
		must(t, err)
		if third == nil || third.Epoch <= second.Epoch {
			t.Fatalf("a released lease was not given with a higher epoch: %+v", third)
		}
	})
}
