package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
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

// ring is a cipher of several keys: the first seals, every one opens.
type ring []xor

func (r ring) Seal(plain, aad []byte) ([]byte, error) { return r[0].Seal(plain, aad) }

func (r ring) Open(sealed, aad []byte) ([]byte, error) {
	var errs []error
	for _, k := range r {
		plain, err := k.Open(sealed, aad)
		if err == nil {
			return plain, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// A change of the instance's key leaves the answers of its day readable.
func TestAnswersAreSealedAgain(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, at := t.Context(), url(t)
			open := func(keys ...xor) *store.DB {
				db, err := store.Open(ctx, store.Config{URL: at, Now: noonClock, NewID: func() string { return "" }, Cipher: ring(keys), MaxConns: 2})
				must(t, err)
				t.Cleanup(func() { must(t, db.Close()) })
				must(t, db.Migrate(ctx))
				return db
			}
			keyOf := func(n int) engine.KeptAnswer {
				a := keyed("a", "1", noon)
				a.Key, a.Status, a.Body = fmt.Sprintf("key %03d", n), 201, fmt.Appendf(nil, `{"token":%d}`, n)
				return a
			}
			const answers, underWay = 205, 7 // more than are sealed at once
			old := open(7)
			must(t, old.CheckKey(ctx))
			for n := range answers {
				_, err := old.BeginAnswer(ctx, keyOf(n), noon)
				must(t, err)
				if n != underWay {
					must(t, old.FinishAnswer(ctx, keyOf(n)))
				}
			}
			n, err := open(9, 7).Reseal(ctx)
			must(t, err)
			same(t, "sealed again", n, answers-1)
			fresh := open(9)
			for _, n := range []int{0, 99, 100, 204} {
				got, err := fresh.BeginAnswer(ctx, keyOf(n), noon)
				must(t, err)
				same(t, "answer under the new key", string(got.Body), fmt.Sprintf(`{"token":%d}`, n))
			}
			got, err := fresh.BeginAnswer(ctx, keyOf(underWay), noon)
			must(t, err)
			same(t, "one that is under way", got.Status, 0)
		})
	}
}
