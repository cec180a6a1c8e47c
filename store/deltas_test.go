package store_test

import (
	"testing"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
)

func (w *world) patch(contact int64, d engine.Deltas) {
	w.t.Helper()
	must(w.t, w.db.PatchContact(w.ctx, w.bot.ID, contact, 0, d, noon))
}

func TestAttributesAreMergedByKey(t *testing.T) {
	type values = map[string]any
	cases := []struct {
		name   string
		before values
		deltas engine.Deltas
		want   values
	}{
		{"a new one", values{}, engine.Deltas{Set: values{"a": "x"}}, values{"a": "x"}},
		{"others stay", values{"a": "x", "n": 1.5}, engine.Deltas{Set: values{"b": true}}, values{"a": "x", "n": 1.5, "b": true}},
		{"an object is replaced whole", values{"o": values{"x": 1.0, "y": 2.0}}, engine.Deltas{Set: values{"o": values{"z": 3.0}}}, values{"o": values{"z": 3.0}}},
		{"nulls inside stay", values{}, engine.Deltas{Set: values{"o": values{"x": nil}, "l": []any{nil, "a", 1.0}}}, values{"o": values{"x": nil}, "l": []any{nil, "a", 1.0}}},
		{"types stay", values{"t": true, "f": false, "s": "true", "i": 7.0, "e": "", "big": 1e15, "l": []any{}, "q": `say "hi" \ `},
			engine.Deltas{Set: values{"z": "1"}}, values{"t": true, "f": false, "s": "true", "i": 7.0, "e": "", "big": 1e15, "l": []any{}, "q": `say "hi" \ `, "z": "1"}},
		{"unset", values{"a": "x", "b": "y"}, engine.Deltas{Unset: []string{"a", "none"}}, values{"b": "y"}},
		{"set to nothing", values{"a": "x", "b": "y"}, engine.Deltas{Set: values{"a": nil}}, values{"b": "y"}},
		{"odd names", values{`a "quoted" name`: 1.0, "a.b": 2.0, "$": 3.0, "đơn hàng": 4.0, "訂單": 5.0}, engine.Deltas{Set: values{"a.b": 6.0}, Unset: []string{"$"}},
			values{`a "quoted" name`: 1.0, "a.b": 6.0, "đơn hàng": 4.0, "訂單": 5.0}},
		{"what no database takes", values{}, engine.Deltas{Set: values{"a": "x\x00y", "b": `\u0000`}}, values{"a": "xy", "b": `\u0000`}},
	}
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for _, c := range cases {
			id, err := db.CreateContact(w.ctx, engine.Contact{BotID: w.bot.ID, Attributes: c.before})
			must(t, err)
			w.patch(id, c.deltas)
			same(t, c.name, w.contact(id).Attributes, c.want)
		}
	})
}

func TestFactsAndConsentAreWritten(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p := w.person("U1")
		w.patch(p.ContactID, engine.Deltas{Facts: map[string]any{"first_name": "Mai", "email": "Mai@Example.com", "unheard_of": "x"}})
		w.patch(p.ContactID, engine.Deltas{Facts: map[string]any{"last_name": "Trần", "email": nil}, Subscribe: ptr(false)})
		c := w.contact(p.ContactID)
		same(t, "facts", []string{c.FirstName, c.LastName, c.Email}, []string{"Mai", "Trần", ""})
		i := w.identity(p.ID)
		same(t, "withdrawn at", i.UnsubscribedAt, noon)
		w.patch(p.ContactID, engine.Deltas{Subscribe: ptr(true)})
		i = w.identity(p.ID)
		if i.SubscribedAt.IsZero() || !i.UnsubscribedAt.IsZero() {
			t.Errorf("consent is %+v", i)
		}
	})
}

func TestATypedNumberNeverWeakensAKnownOne(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p := w.person("U1")
		phone := func(number string, source engine.PhoneSource) {
			w.patch(p.ContactID, engine.Deltas{Phones: []engine.Phone{{E164: number, Raw: "raw " + string(source), Source: source}}})
		}
		phone("+84912345678", engine.PhoneTyped)
		phone("+84912345678", engine.PhoneAPI)
		phone("+84912345678", engine.PhoneTyped)
		phone("+886912345678", engine.PhoneTyped)
		c := w.contact(p.ContactID)
		same(t, "numbers", c.Phones, []engine.Phone{{E164: "+84912345678", Raw: "raw api", Source: engine.PhoneAPI}, {E164: "+886912345678", Raw: "raw typed", Source: engine.PhoneTyped}})
		same(t, "best", c.Phone(), "+84912345678")

		other := w.person("U2")
		w.patch(other.ContactID, engine.Deltas{Phones: []engine.Phone{{E164: "+84912345678", Source: engine.PhoneTyped}}})
		claims, err := db.ContactsByPhone(w.ctx, w.bot.ID, "+84912345678")
		must(t, err)
		same(t, "claims", claims, []outbox.PhoneClaim{{ContactID: p.ContactID, Source: engine.PhoneAPI}, {ContactID: other.ContactID, Source: engine.PhoneTyped}})
		claims, err = db.ContactsByPhone(w.ctx, "another bot", "+84912345678")
		must(t, err)
		same(t, "claims of another bot", claims, []outbox.PhoneClaim(nil))
	})
}

func TestTagsAreCountedOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p, q := w.person("U1"), w.person("U2")
		w.patch(p.ContactID, engine.Deltas{AddTags: []string{"VIP", "vip", " new "}})
		w.patch(p.ContactID, engine.Deltas{AddTags: []string{"vip"}})
		w.patch(q.ContactID, engine.Deltas{AddTags: []string{"vip"}, DropTags: []string{"new"}})
		same(t, "tags", w.contact(p.ContactID).Tags, []string{"new", "VIP"})
		w.patch(p.ContactID, engine.Deltas{AddTags: []string{"gold"}, DropTags: []string{"NEW", "never had"}})
		same(t, "tags after a replacement", w.contact(p.ContactID).Tags, []string{"gold", "VIP"})
		tags, err := db.ListTags(w.ctx, w.bot.ID)
		must(t, err)
		counts := map[string]int64{}
		for _, tag := range tags {
			counts[tag.Name] = tag.Contacts
		}
		same(t, "counts", counts, map[string]int64{"gold": 1, "new": 0, "VIP": 2})
	})
}

func TestAContactOfAnotherBotIsLeftAlone(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		mine, theirs := worldOf(t, db, "mine"), worldOf(t, db, "theirs")
		p := theirs.person("U1")
		o := mine.order(p)
		o.Deltas = engine.Deltas{Set: map[string]any{"a": "x"}, Facts: map[string]any{"name": "x"}, AddTags: []string{"x"}, Phones: []engine.Phone{{E164: "+1", Source: engine.PhoneAPI}}}
		o.Delivery = nil
		mine.accepted(o)
		c := theirs.contact(p.ContactID)
		if len(c.Attributes) != 0 || c.Name != "" || len(c.Tags) != 0 || len(c.Phones) != 0 {
			t.Errorf("another bot has written %+v", c)
		}
	})
}

func TestATagIsRenamedAndDeleted(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w, other := newWorld(t, db), worldOf(t, db, "other")
		p, theirs := w.person("U1"), other.person("U1")
		w.patch(p.ContactID, engine.Deltas{AddTags: []string{"VIP", "gold"}})
		other.patch(theirs.ContactID, engine.Deltas{AddTags: []string{"vip"}})

		tag, err := db.Tag(w.ctx, w.bot.ID, "vip")
		must(t, err)
		same(t, "tag", tag, &engine.Tag{Name: "VIP", Contacts: 1})
		must(t, db.RenameTag(w.ctx, w.bot.ID, " Vip", "vip"))
		same(t, "respelt", w.contact(p.ContactID).Tags, []string{"gold", "vip"})
		must(t, db.RenameTag(w.ctx, w.bot.ID, "vip", "Khách quý"))
		same(t, "renamed", w.contact(p.ContactID).Tags, []string{"gold", "Khách quý"})
		refused(t, db.RenameTag(w.ctx, w.bot.ID, "gold", "KHÁCH  QUÝ"), engine.Conflict)
		refused(t, db.RenameTag(w.ctx, w.bot.ID, "vip", "x"), engine.NotFound)
		same(t, "another bot's", other.contact(theirs.ContactID).Tags, []string{"vip"})

		must(t, db.DeleteTag(w.ctx, w.bot.ID, "khách quý"))
		same(t, "deleted", w.contact(p.ContactID).Tags, []string{"gold"})
		refused(t, db.DeleteTag(w.ctx, w.bot.ID, "vip"), engine.NotFound)
		tags, err := db.ListTags(w.ctx, w.bot.ID)
		must(t, err)
		same(t, "what is left", tags, []engine.Tag{{Name: "gold", Contacts: 1}})
		tags, err = db.ListTags(w.ctx, other.bot.ID)
		must(t, err)
		same(t, "another bot's tags", tags, []engine.Tag{{Name: "vip", Contacts: 1}})
	})
}
