package store_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// However a bot's people are spread over the ids that there are, those who are
// asked stand for all.
func TestASampleStandsForPeopleWhereverTheyAre(t *testing.T) {
	for name, c := range map[string]struct {
		apart  int // ids from one of the bot's contacts to the next
		merged int // one contact in so many is another's; 0: none
		others bool
		some   int // contacts that are to be asked
	}{
		"one after another":       {1, 0, false, townSize / 2},
		"with merged ones":        {1, 3, false, townSize / 2},
		"in turn with a stranger": {2, 0, true, townSize / 2},
		"here and there":          {10, 5, true, townSize / 2},
		"far from each other":     {100, 5, true, townSize / 2},
		"few of many":             {4, 0, true, townSize / 50},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *store.DB) {
				w := newWorld(t, db)
				town(w)
				if c.merged > 0 {
					must(t, store.Exec(t, db, `UPDATE contacts SET merged_into = 1 WHERE id * 7919 % 1013 % ? = 0`, c.merged))
				}
				for table, column := range map[string]string{"contacts": "id", "identities": "contact_id", "contact_tags": "contact_id"} {
					must(t, store.Exec(t, db, `UPDATE `+table+` SET `+column+` = 1000000 + `+column+` * ?`, c.apart))
				}
				if c.others {
					must(t, store.Exec(t, db, `INSERT INTO contacts (id, bot_id, language, created_at) SELECT id + 1, 'stranger', 'vi', created_at FROM contacts`))
				}
				must(t, store.Exec(t, db, `ANALYZE`))
				exact, sampled := estimates(w, patient{db}), estimates(w, hurried{db, c.some})
				few, many := int64(c.some)/2, int64(c.some)*4/3
				for _, where := range []string{"", `language == "vi"`, `subscribed and first_name == "Mai"`, `"vip" in tags or birthday_month == 3`} {
					truth, some := exact(where), sampled(where)
					if !truth.Exact || some.Exact || some.Sample < few || some.Sample > many {
						t.Fatalf("%q: %d are asked of some: %v, of all: %v", where, some.Sample, !some.Exact, truth.Exact)
					}
					if off := max(truth.People-some.People, some.People-truth.People); off > some.Margin || some.Margin > townSize/int64(5+c.some/200) {
						t.Errorf("%q: %d people are estimated as %d ± %d", where, truth.People, some.People, some.Margin)
					}
					if len(some.Samples) != 5 {
						t.Errorf("%q: %d people are named", where, len(some.Samples))
					}
				}
			})
		})
	}
}

// Every id is as likely to be drawn as any other, in whatever steps they are
// looked at.
func TestIDsAreDrawnByChance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ low, high, n int64 }{{1, 0, 5}, {7, 7, 5}, {3, 1002, 1000}, {3, 1002, 1001}, {1, 30_000, 20_000}, {500, 1_000_499, 20_000}, {1, 1 << 50, 20_000}, {1<<62 - 9, 1 << 62, 3}} {
		ids := store.Drawn(c.low, c.high, c.n)
		all := c.high - c.low + 1
		chance := min(1, float64(c.n)/max(1, float64(all)))
		about := func(what string, got int, of float64) {
			t.Helper()
			if off := math.Abs(float64(got) - of*chance); off > 5*math.Sqrt(of*chance*(1-chance)) {
				t.Errorf("%v: %s: %d of %v", c, what, got, of)
			}
		}
		about("all", len(ids), float64(all))
		for i, id := range ids {
			if id < c.low || id > c.high || i > 0 && id <= ids[i-1] {
				t.Fatalf("%v: %d is number %d", c, id, i)
			}
		}
		for _, step := range []int64{2, 3, 4, 7, 60, 64} {
			if all < 1000*step {
				continue
			}
			met := make([]int, step)
			for _, id := range ids {
				met[id%step]++
			}
			for rest, n := range met {
				about(fmt.Sprintf("ids of %d more than a multiple of %d", rest, step), n, float64(all/step))
			}
		}
		half := slices.IndexFunc(ids, func(id int64) bool { return id >= c.low+all/2 })
		if all >= 1000 {
			about("the first half", half, float64(all)/2)
		}
	}
}

// Where all are looked at who were to be some, they are counted exactly.
func TestASampleOfAllIsExact(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), store.Config{URL: storetest.Postgres(t), Now: noonClock, NewID: func() string { return "" }})
	must(t, err)
	defer db.Close()
	w := newWorld(t, db)
	town(w)
	truth, e := estimates(w, patient{db})(`language == "vi"`), estimates(w, hurried{db, townSize + 1})(`language == "vi"`)
	if !e.Exact || e.People != truth.People || e.Margin != 0 || len(e.Warnings) != 0 {
		t.Errorf("%d people are estimated as %d ± %d: %v", truth.People, e.People, e.Margin, e.Warnings)
	}
}

// Of a few people nobody is left out by chance, and there is no margin.
func TestASampleOfAFewIsExact(t *testing.T) {
	for _, people := range []int64{0, 1, 2} {
		t.Run(fmt.Sprint(people), func(t *testing.T) {
			each(t, func(t *testing.T, db *store.DB) {
				w := newWorld(t, db)
				for i := range people {
					w.person(fmt.Sprintf("U%d", i))
				}
				if e := estimates(w, hurried{db, 20_000})(""); !e.Exact || e.People != people || e.Margin != 0 || len(e.Samples) != int(people) {
					t.Errorf("%d people are estimated as %d ± %d, exactly: %v", people, e.People, e.Margin, e.Exact)
				}
			})
		})
	}
}
