package store_test

import (
	"errors"
	"testing"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
)

// Rows of a list mean one person, somebody again, or nobody, and then say why.
func TestWhomAListMeans(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		phone := func(number string, source engine.PhoneSource) []engine.Phone {
			return []engine.Phone{{E164: number, Raw: number, Source: source}}
		}
		mai, lan, ba := w.person("U1"), w.person("U2"), w.person("U3")
		must(t, db.PatchContact(w.ctx, w.bot.ID, mai.ContactID, 0, engine.Deltas{Facts: map[string]any{"external_id": "crm-1"}, Phones: phone("+886912000001", engine.PhoneAPI)}, noon))
		must(t, db.PatchContact(w.ctx, w.bot.ID, lan.ContactID, 0, engine.Deltas{Phones: phone("+886912000001", engine.PhoneTyped)}, noon))
		must(t, db.PatchContact(w.ctx, w.bot.ID, lan.ContactID, 0, engine.Deltas{Phones: phone("+886912000002", engine.PhoneTyped)}, noon))
		for _, p := range []int64{lan.ContactID, ba.ContactID} {
			must(t, db.PatchContact(w.ctx, w.bot.ID, p, 0, engine.Deltas{Phones: phone("+886912000003", engine.PhoneAPI)}, noon))
		}
		id := w.id()
		must(t, db.CreateList(w.ctx, engine.PeopleList{ID: id, BotID: w.bot.ID, Name: "file", CreatedAt: noon}))
		got, err := db.AddToList(w.ctx, w.bot.ID, id, []engine.ListRow{
			{Line: 2, Text: "a", ContactID: mai.ContactID},
			{Line: 3, Text: "b", ExternalID: "crm-1"},     // again
			{Line: 4, Text: "c", Phone: "+886912000001"},  // hers by more than typing
			{Line: 5, Text: "d", Phone: "+886912000002"},  // only typed, and by nobody else
			{Line: 6, Text: "e", Phone: "+886912000003"},  // two people's
			{Line: 7, Text: "f", ExternalID: "crm-9"},     // nobody's
			{Line: 8, Text: "g", Refused: "it is no row"}, // known to be wrong
			{Line: 9, Text: "h", ContactID: 1 << 40},      // nobody
		})
		must(t, err)
		want := []engine.RefusedRow{
			{Line: 6, Text: "e", Reason: "several people have this phone number: name them by their contact ids"},
			{Line: 7, Text: "f", Reason: "nobody with this external id is known"},
			{Line: 8, Text: "g", Reason: "it is no row"},
			{Line: 9, Text: "h", Reason: "nobody with this contact id is known"},
		}
		same(t, "added", *got, engine.ListAdded{Rows: 8, People: 2, Duplicates: 2, Refused: want})
		again, err := db.AddToList(w.ctx, w.bot.ID, id, []engine.ListRow{{Line: 10, ContactID: mai.ContactID}})
		must(t, err)
		same(t, "added again", *again, engine.ListAdded{Rows: 1, Duplicates: 1})
		l, err := db.List(w.ctx, w.bot.ID, id)
		must(t, err)
		same(t, "the list", *l, engine.PeopleList{ID: id, BotID: w.bot.ID, Name: "file", Rows: 9, People: 2, Duplicates: 3, Refused: 4, CreatedAt: noon})
		page, next, err := db.ListRefusals(w.ctx, w.bot.ID, id, engine.Page{Limit: 3})
		must(t, err)
		same(t, "refusals", page, want[:3])
		page, next, err = db.ListRefusals(w.ctx, w.bot.ID, id, engine.Page{Limit: 3, Cursor: next})
		must(t, err)
		same(t, "the rest", page, want[3:])
		same(t, "the end", next, "")

		var told *engine.Error
		if _, err := db.AddToList(w.ctx, "another", id, nil); !errors.As(err, &told) || told.Code != engine.NotFound {
			t.Errorf("another bot adds to it: %v", err)
		}
		if err := db.DeleteList(w.ctx, "another", id); !errors.As(err, &told) {
			t.Errorf("another bot deletes it: %v", err)
		}
		must(t, db.DeleteList(w.ctx, w.bot.ID, id))
		page, _, err = db.ListRefusals(w.ctx, w.bot.ID, id, engine.Page{})
		must(t, err)
		same(t, "what is left", len(page), 0)
	})
}

// A segment is found by id and by name, whose case does not matter; no two have
// one.
func TestSegmentsAreKnownByTheirNames(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		conflict := func(what string, err error) {
			t.Helper()
			var told *engine.Error
			if !errors.As(err, &told) || told.Code != engine.Conflict || told.Field != "name" {
				t.Errorf("%s: %v", what, err)
			}
		}
		segment := func(name, where string) engine.Segment {
			return engine.Segment{ID: w.id(), BotID: w.bot.ID, Name: name, Audience: engine.Audience{Where: where}, CreatedAt: noon, UpdatedAt: noon}
		}
		regulars, others := segment("Regulars", "tags > 0"), segment("Others", "tags == 0")
		must(t, db.CreateSegment(w.ctx, regulars))
		must(t, db.CreateSegment(w.ctx, others))
		conflict("a second of the name", db.CreateSegment(w.ctx, segment(" REGULARS", "true")))
		for _, name := range []string{regulars.ID, "regulars", "Regulars"} {
			got, err := db.Segment(w.ctx, w.bot.ID, name)
			must(t, err)
			same(t, name, *got, regulars)
		}
		others.Name = "regulars"
		conflict("another's name", db.UpdateSegment(w.ctx, others))
		others.Name, others.Audience.Where = "Newcomers", "created_at > now"
		must(t, db.UpdateSegment(w.ctx, others))
		all, err := db.Segments(w.ctx, w.bot.ID)
		must(t, err)
		same(t, "all", all, []engine.Segment{others, regulars})

		var told *engine.Error
		if _, err := db.Segment(w.ctx, w.bot.ID, "regular"); !errors.As(err, &told) || told.Hint != `did you mean "Regulars"?` {
			t.Errorf("a mistyped name: %v", err)
		}
		if _, err := db.Segment(w.ctx, "another", regulars.ID); !errors.As(err, &told) || told.Code != engine.NotFound {
			t.Errorf("another bot's: %v", err)
		}
		must(t, db.DeleteSegment(w.ctx, w.bot.ID, regulars.ID))
		if err := db.DeleteSegment(w.ctx, w.bot.ID, regulars.ID); !errors.As(err, &told) || told.Code != engine.NotFound {
			t.Errorf("it is deleted twice: %v", err)
		}
	})
}
