package store_test

import (
	"testing"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
)

func TestAnAttributeIsRenamedWithWhatPeopleHave(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		declare := func(name, kind string, byDefault any) {
			t.Helper()
			must(t, db.DeclareAttribute(w.ctx, engine.Attribute{BotID: w.bot.ID, Name: name, Type: kind, Default: byDefault, DeclaredBy: "orders"}))
		}
		declare("stuff", "json", map[string]any{"a": 1.0})
		values := []any{"Huế \"x\"", 5.5, true, false, []any{"a", 2.0}, map[string]any{"k": nil, "ok": true}, ""}
		var people []int64
		for i, v := range values {
			p := w.person(string(rune('a' + i)))
			people = append(people, p.ContactID)
			w.patch(p.ContactID, engine.Deltas{Set: map[string]any{"stuff": v, "city": "Taipei"}})
		}
		without := w.person("without")
		w.patch(without.ContactID, engine.Deltas{Set: map[string]any{"city": "Tainan"}})

		must(t, db.RenameAttribute(w.ctx, w.bot.ID, "stuff", "things", false))
		for i, v := range values {
			same(t, "what somebody has", w.contact(people[i]).Attributes, map[string]any{"things": v, "city": "Taipei"})
		}
		same(t, "who has none", w.contact(without.ContactID).Attributes, map[string]any{"city": "Tainan"})
		list, err := db.ListAttributes(w.ctx, w.bot.ID)
		must(t, err)
		same(t, "declared", list, []engine.Attribute{{BotID: w.bot.ID, Name: "things", Type: "json", Default: map[string]any{"a": 1.0}, DeclaredBy: "api", Contacts: int64(len(values))}})
		types, err := db.AttributeTypes(w.ctx, w.bot.ID)
		must(t, err)
		if _, still := types["stuff"]; still || len(types) != 1 {
			t.Errorf("types are %v", types)
		}
		refused(t, db.RenameAttribute(w.ctx, w.bot.ID, "stuff", "again", false), engine.NotFound)
		refused(t, db.RenameAttribute(w.ctx, "another bot", "things", "again", false), engine.NotFound)
	})
}

// Two that are to be one: whoever has both keeps what they have of the new one.
func TestAnAttributeIsRenamedToAnother(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for name, kind := range map[string]string{"town": "text", "city": "text", "age": "number"} {
			must(t, db.DeclareAttribute(w.ctx, engine.Attribute{BotID: w.bot.ID, Name: name, Type: kind, DeclaredBy: "api"}))
		}
		both, old := w.person("both"), w.person("old")
		w.patch(both.ContactID, engine.Deltas{Set: map[string]any{"town": "Huế", "city": "Taipei"}})
		w.patch(old.ContactID, engine.Deltas{Set: map[string]any{"town": "Huế"}})
		refused(t, db.RenameAttribute(w.ctx, w.bot.ID, "town", "city", false), engine.Conflict)
		refused(t, db.RenameAttribute(w.ctx, w.bot.ID, "town", "age", true), engine.Conflict)
		same(t, "after a refusal", w.contact(both.ContactID).Attributes, map[string]any{"town": "Huế", "city": "Taipei"})
		must(t, db.RenameAttribute(w.ctx, w.bot.ID, "town", "city", true))
		same(t, "who had both", w.contact(both.ContactID).Attributes, map[string]any{"city": "Taipei"})
		same(t, "who had the old one", w.contact(old.ContactID).Attributes, map[string]any{"city": "Huế"})
	})
}

// More people than one range holds, and those of another bot between them.
func TestAnAttributeOfManyIsRenamedInRanges(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		must(t, db.DeclareAttribute(w.ctx, engine.Attribute{BotID: w.bot.ID, Name: "town", Type: "text", DeclaredBy: "api"}))
		const n = 45_000
		must(t, store.Exec(t, db, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			INSERT INTO contacts (bot_id, attributes, created_at) SELECT CASE WHEN i % 3 = 0 THEN 'other' ELSE ? END, '{"town":"Hue"}', ? FROM n`, n, w.bot.ID, noon))
		must(t, db.RenameAttribute(w.ctx, w.bot.ID, "town", "city", false))
		for bot, want := range map[string]map[string]int64{w.bot.ID: {"city": n / 3 * 2}, "other": {"town": n / 3}} {
			same(t, "values of "+bot, store.CountAttributes(t, db, bot), want)
		}
	})
}
