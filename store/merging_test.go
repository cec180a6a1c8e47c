package store_test

import (
	"fmt"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
)

func TestMergeMakesOneContactOfTwo(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w, stranger := newWorld(t, db), worldOf(t, db, "other")
		a, b := w.person("U1"), w.person("U2")
		w.patch(a.ContactID, engine.Deltas{Set: map[string]any{"level": "gold"}, Facts: map[string]any{"name": "Mai"}, AddTags: []string{"vip"},
			Phones: []engine.Phone{{E164: "+886912345678", Source: engine.PhoneAPI}}})
		w.patch(b.ContactID, engine.Deltas{Set: map[string]any{"level": "silver", "points": 7.0}, Facts: map[string]any{"name": "Mai Tran", "email": "mai@example.com"},
			AddTags: []string{"vip", "news"}, Phones: []engine.Phone{{E164: "+886912345679", Source: engine.PhoneTyped}}})
		must(t, db.SetDoNotContact(w.ctx, w.bot.ID, b.ContactID, true))
		sent := w.queued(b)

		refused(t, db.MergeContacts(w.ctx, w.bot.ID, a.ContactID, a.ContactID), engine.Invalid)
		refused(t, db.MergeContacts(w.ctx, w.bot.ID, a.ContactID, stranger.person("U3").ContactID), engine.NotFound)
		must(t, db.MergeContacts(w.ctx, w.bot.ID, a.ContactID, b.ContactID))

		c := w.contact(a.ContactID)
		same(t, "who", []any{c.Name, c.Email, c.Attributes, c.Tags, c.DoNotContact, len(c.Phones)},
			[]any{"Mai", "mai@example.com", map[string]any{"level": "gold", "points": 7.0}, []string{"news", "vip"}, true, 2})
		gone, err := db.Contact(w.ctx, w.bot.ID, b.ContactID)
		must(t, err)
		same(t, "the other", gone, (*engine.Contact)(nil))
		same(t, "their address", w.identity(b.ID).ContactID, a.ContactID)
		same(t, "what they got", w.delivery(sent).ContactID, a.ContactID)
		means, err := db.Alias(w.ctx, w.bot.ID, "contact", fmt.Sprint(b.ContactID))
		must(t, err)
		same(t, "the other's id", means, fmt.Sprint(a.ContactID))
		vip, err := db.Tag(w.ctx, w.bot.ID, "vip")
		must(t, err)
		same(t, "people with the tag", vip.Contacts, int64(1))
	})
}

// What is written to the contact that is kept while it is merged stays, however
// the two meet.
func TestMergeLosesNothingThatIsWrittenMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for n := range 40 {
			a, b := w.person(fmt.Sprint("U", n)), w.person(fmt.Sprint("V", n))
			w.patch(b.ContactID, engine.Deltas{Set: map[string]any{"points": 7.0}, Facts: map[string]any{"email": "old@example.com"}})
			var writers errgroup.Group
			for _, write := range []func() error{
				func() error { return db.MergeContacts(w.ctx, w.bot.ID, a.ContactID, b.ContactID) },
				func() error {
					return db.PatchContact(w.ctx, w.bot.ID, a.ContactID, 0, engine.Deltas{Set: map[string]any{"points": 1.0},
						Facts: map[string]any{"email": "new@example.com"}, AddTags: []string{"vip"}}, noon)
				},
				func() error { return db.SetDoNotContact(w.ctx, w.bot.ID, a.ContactID, true) },
			} {
				writers.Go(write)
			}
			must(t, writers.Wait())
			c := w.contact(a.ContactID)
			same(t, "what was written meanwhile", []any{c.Attributes["points"], c.Email, c.DoNotContact, c.Tags}, []any{1.0, "new@example.com", true, []string{"vip"}})
		}
	})
}

// Two who merge the same people into each other: one comes first, the other is
// told that one of them is gone.
func TestMergeBothWaysAtOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for n := range 10 {
			a, b := w.person(fmt.Sprint("U", n)), w.person(fmt.Sprint("V", n))
			pairs, ends := [][2]int64{{a.ContactID, b.ContactID}, {b.ContactID, a.ContactID}}, make([]error, 2)
			var merges sync.WaitGroup
			for i, p := range pairs {
				merges.Go(func() { ends[i] = db.MergeContacts(w.ctx, w.bot.ID, p[0], p[1]) })
			}
			merges.Wait()
			if ends[0] == nil {
				ends[0] = ends[1]
			} else {
				must(t, ends[1])
			}
			refused(t, ends[0], engine.NotFound)
		}
	})
}
