package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// What many write at once is written whole, and what one of them is refused, or
// writes wrongly, is that one's alone.
func TestWhatIsWrittenTogether(t *testing.T) {
	refusal := errors.New("refused")
	each(t, func(t *testing.T, db *store.DB) {
		const writers = 60
		var wg sync.WaitGroup
		errs := make([]error, writers)
		for i := range writers {
			wg.Go(func() {
				name := fmt.Sprint("n", i)
				switch i % 3 {
				case 0:
					errs[i] = store.WriteTogether(t.Context(), db, `SELECT 1`, nil, `INSERT INTO locks (name, owner, until) VALUES (?, 'a', ?)`, name, noon)
				case 1:
					errs[i] = store.WriteTogether(t.Context(), db, `SELECT 1 WHERE 1 = 2`, refusal, `INSERT INTO locks (name, owner, until) VALUES (?, 'b', ?)`, name, noon)
				case 2:
					errs[i] = store.WriteTogether(t.Context(), db, `SELECT 1`, nil, `INSERT INTO locks (name, owner, until) VALUES (?, 'c', ?), (?, 'c', ?)`, name, noon, name, noon)
				}
			})
		}
		wg.Wait()
		for i, err := range errs {
			switch i % 3 {
			case 0:
				must(t, err)
			case 1:
				if !errors.Is(err, refusal) {
					t.Errorf("writer %d got %v, want its own refusal", i, err)
				}
			case 2:
				if err == nil || errors.Is(err, refusal) {
					t.Errorf("writer %d, whose row breaks a rule, got %v", i, err)
				}
			}
		}
		same(t, "rows", store.CountRows(t, db)["locks"], writers/3)
	})
}

// Who claims a row in the transaction that gives it back gets all of what it was
// given back with, whoever of the two came first.
func TestAClaimSeesAReleaseWhole(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		row := w.claimed(w.queued(w.person("U1")), "a1", noon)
		other := w.render("other")
		rows, err := store.ReleaseBesideClaim(w.ctx, db, outbox.Release{Delivery: row, Status: engine.Queued, NotBefore: noon, Instead: &other, Now: noon},
			outbox.Claim{AttemptID: "a2", Now: noon, LeaseUntil: noon.Add(time.Minute)})
		must(t, err)
		if len(rows) != 1 || rows[0].RenderID != other.ID {
			t.Errorf("claimed was %+v, want one row with what it is given back with", rows)
		}
	})
}

// Bells that ring twice, and values that many people change, come in any order;
// transactions of many must not wait for each other in a circle.
func TestWritersDoNotWaitInACircle(t *testing.T) {
	t.Parallel()
	said := new(bytes.Buffer)
	storetest.EachWith(t, store.Config{Log: slog.New(slog.NewTextHandler(said, nil))}, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		const people, visits, values = 24, 20, 4
		ids := make([]*engine.Identity, people)
		for i := range ids {
			ids[i] = w.person(fmt.Sprint("U", i))
		}
		visit := func(who *engine.Identity, owner string, value int) error {
			l, _, _, err := db.Visit(w.ctx, who.ContactID, owner, noon, noon.Add(time.Minute))
			if err != nil || l == nil {
				return err
			}
			turn := &engine.Turn{Deltas: engine.Deltas{Bot: map[string]any{fmt.Sprint("value", value): owner}}}
			_, err = db.CommitTurn(w.ctx, l, inbox.Turn{BotID: w.bot.ID, IdentityID: who.ID, ContactID: who.ContactID, Outcome: "answered", Now: noon, Turn: turn})
			return errors.Join(err, db.ReleaseLease(w.ctx, l))
		}
		var all sync.WaitGroup
		errs := make([]error, 2*people)
		for i := range errs {
			all.Go(func() {
				for n := range visits {
					errs[i] = errors.Join(errs[i], visit(ids[(i*7+n*3)%people], fmt.Sprint("p", i, "/", n), (i+n)%values))
				}
			})
		}
		all.Wait()
		must(t, errors.Join(errs...))
		if said.Len() > 0 {
			t.Errorf("the database undid what was written together: %s", said)
		}
	})
}

// After a process has died its rows are rung for by many at once, in any order:
// claims of the same rows must not wait for each other in a circle.
func TestClaimersDoNotWaitInACircle(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		const rows, rounds = 40, 10
		var orders []outbox.Stored
		for n := range rows {
			orders = append(orders, w.order(w.person(fmt.Sprint("U", n))))
		}
		var up []int64
		for _, r := range w.accepted(orders...) {
			up = append(up, r.DeliveryID)
		}
		down := slices.Clone(up)
		slices.Reverse(down)
		for round := range rounds {
			now := noon.Add(time.Duration(round) * time.Hour)
			var all sync.WaitGroup
			var taken atomic.Int32
			for name, ids := range map[string][]int64{"up": up, "down": down} {
				all.Go(func() {
					n, err := store.ClaimTogether(w.ctx, db, ids, outbox.Claim{AttemptID: name, Now: now, LeaseUntil: now.Add(time.Minute)})
					if err != nil {
						t.Errorf("the database undid what was written together: %v", err)
					}
					taken.Add(int32(n))
				})
			}
			all.Wait()
			same(t, "rows taken", int(taken.Load()), rows)
		}
	})
}
