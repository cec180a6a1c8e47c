package store_test

import (
	"fmt"
	"testing"

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
