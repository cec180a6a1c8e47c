package store_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

func TestPlaceholdersAreNumbered(t *testing.T) {
	t.Parallel()
	same(t, "statement", store.Positions("SELECT ?, ? WHERE đ = ?"), "SELECT $1, $2 WHERE đ = $3")
}

func TestMetadataNamesADelivery(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int64{"d:12.0": 12, "d:12": 12, "d:": 0, "": 0, "x:1.0": 0, "d:-1.0": 0, "d:99999999999999999999.0": 0} {
		same(t, in, store.MetadataDelivery(in), want)
	}
}

func FuzzQuoted(f *testing.F) {
	for _, s := range []string{"", "plain", "a\x00b", "\xff", "đơn", `"quoted"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := store.Quoted(in)
		if !utf8.ValidString(out) || strings.ContainsRune(out, 0) {
			t.Fatalf("%q became %q, which no database takes", in, out)
		}
	})
}

// A cursor from outside never fails but as a caller's mistake.
func FuzzCursors(f *testing.F) {
	for _, s := range []string{"", "1", "-1", "x", "1-in-2", "1-in", "9223372036854775807-out-1", "MjAyNi0xMS0yMVQwMzowMDowMFogYWJj"} {
		f.Add(s)
	}
	db := storetest.Open(f)
	ctx := f.Context()
	if err := db.CreateBot(ctx, engine.Bot{ID: "b", Name: "b"}); err != nil {
		f.Fatal(err)
	}
	id, err := db.CreateContact(ctx, engine.Contact{BotID: "b"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		p := engine.Page{Cursor: cursor}
		_, _, bots := db.ListBots(t.Context(), p)
		_, _, contacts := db.ListContacts(t.Context(), "b", "", p)
		_, _, deliveries := db.ListDeliveries(t.Context(), "b", engine.DeliveryFilter{}, p)
		_, _, timeline := db.Timeline(t.Context(), "b", id, p)
		for what, err := range map[string]error{"bots": bots, "contacts": contacts, "deliveries": deliveries, "timeline": timeline} {
			if err != nil && !engine.IsCode(err, engine.Invalid) {
				t.Errorf("%s at %q: %v", what, cursor, err)
			}
		}
	})
}

// A search from outside is a text and nothing else.
func FuzzSearch(f *testing.F) {
	for _, s := range []string{"", "mai", "%", `\`, "'", "0912", "+84 912-345", "đ", "\x00"} {
		f.Add(s)
	}
	db := storetest.Open(f)
	if err := db.CreateBot(f.Context(), engine.Bot{ID: "b", Name: "b"}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, search string) {
		if list, _, err := db.ListContacts(t.Context(), "b", search, engine.Page{}); err != nil || len(list) != 0 {
			t.Errorf("search %q: %d contacts, %v", search, len(list), err)
		}
	})
}
