package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
)

func keyed(request, owner string, now time.Time) engine.KeptAnswer {
	return engine.KeptAnswer{TokenHash: "t", Key: "k", RequestHash: request, Owner: owner, LeaseUntil: now.Add(time.Minute), ExpiresAt: now.Add(time.Hour)}
}

func TestAnAnswerIsKeptForThoseWhoRepeatTheCall(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		first := keyed("a", "1", noon)
		got, err := db.BeginAnswer(ctx, first, noon)
		must(t, err)
		same(t, "a new key", got, (*engine.KeptAnswer)(nil))
		got, err = db.BeginAnswer(ctx, keyed("a", "2", noon), noon)
		must(t, err)
		same(t, "under way", got.Status, 0)
		first.Status, first.Body = 201, []byte(`{"token":"secret"}`)
		must(t, db.FinishAnswer(ctx, first))
		got, err = db.BeginAnswer(ctx, keyed("b", "3", noon), noon.Add(30*time.Minute))
		must(t, err)
		same(t, "kept", got, &engine.KeptAnswer{TokenHash: "t", Key: "k", RequestHash: "a", Owner: "1", Status: 201, Body: first.Body})
		must(t, db.DropAnswer(ctx, first)) // too late: it is finished
		got, err = db.BeginAnswer(ctx, keyed("a", "4", noon), noon.Add(30*time.Minute))
		must(t, err)
		same(t, "still kept", got.Status, 201)
		other := keyed("b", "5", noon)
		other.TokenHash = "another token"
		got, err = db.BeginAnswer(ctx, other, noon)
		must(t, err)
		same(t, "another token's", got, (*engine.KeptAnswer)(nil))
		late := noon.Add(time.Hour)
		got, err = db.BeginAnswer(ctx, keyed("b", "6", late), late)
		must(t, err)
		same(t, "free after its time", got, (*engine.KeptAnswer)(nil))
	})
}

func TestACallThatBrokeOffMayBeMadeAgain(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		broken := keyed("a", "1", noon)
		_, err := db.BeginAnswer(ctx, broken, noon)
		must(t, err)
		later := noon.Add(time.Minute)
		got, err := db.BeginAnswer(ctx, keyed("b", "2", later), later)
		must(t, err)
		same(t, "another request", got.RequestHash, "a")
		again := keyed("a", "3", later)
		got, err = db.BeginAnswer(ctx, again, later)
		must(t, err)
		same(t, "the same request", got, (*engine.KeptAnswer)(nil))
		broken.Status = 201
		must(t, db.FinishAnswer(ctx, broken)) // it was only slow: the key is no longer its own
		got, err = db.BeginAnswer(ctx, keyed("a", "4", later), later)
		must(t, err)
		same(t, "under way", got.Owner+"/"+string(rune('0'+got.Status)), "3/0")
		must(t, db.DropAnswer(ctx, again))
		got, err = db.BeginAnswer(ctx, keyed("b", "5", later), later)
		must(t, err)
		same(t, "free when it came to nothing", got, (*engine.KeptAnswer)(nil))
	})
}

func TestOneOfManyGetsAKey(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		won := make([]bool, 8)
		var all sync.WaitGroup
		for i := range won {
			all.Go(func() {
				first, err := db.BeginAnswer(t.Context(), keyed("a", string(rune('a'+i)), noon), noon)
				won[i] = err == nil && first == nil
			})
		}
		all.Wait()
		n := 0
		for _, w := range won {
			if w {
				n++
			}
		}
		same(t, "winners", n, 1)
	})
}

func TestPruneForgetsOldAnswers(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		_, err := db.BeginAnswer(t.Context(), keyed("a", "1", noon), noon)
		must(t, err)
		n, err := db.Prune(t.Context(), noon.Add(2*time.Hour), 100)
		must(t, err)
		same(t, "pruned", n["kept_answers"], 1)
	})
}
