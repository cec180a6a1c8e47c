package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
)

// row is an import row with what its keys say put into the deltas as well.
func row(r engine.ImportRow, name string, tags ...string) engine.ImportRow {
	r.Deltas = engine.Deltas{Facts: map[string]any{"name": name}, AddTags: tags, Set: map[string]any{"level": name}}
	if r.ExternalID != "" {
		r.Deltas.Facts["external_id"] = r.ExternalID
	}
	if r.Phone != "" {
		r.Deltas.Phones = []engine.Phone{{E164: r.Phone, Raw: r.Phone, Source: engine.PhoneImport}}
	}
	return r
}

// outcomes is each result as a word, with the field of a refusal.
func outcomes(got []engine.Imported) []string {
	var out []string
	for _, g := range got {
		switch {
		case g.Refused != nil:
			out = append(out, "refused "+g.Refused.Field)
		case g.Created:
			out = append(out, "created")
		default:
			out = append(out, "updated")
		}
	}
	return out
}

func TestImportRecognisesPeople(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w, other := newWorld(t, db), worldOf(t, db, "other")
		const mine, typed, shared = "+886912345678", "+886912345679", "+886912345670"
		met := w.person("Umet")
		w.patch(w.person("Utyped").ContactID, engine.Deltas{Phones: []engine.Phone{{E164: typed, Source: engine.PhoneTyped}}})
		for _, u := range []string{"Ua", "Ub"} {
			w.patch(w.person(u).ContactID, engine.Deltas{Phones: []engine.Phone{{E164: shared, Source: engine.PhoneAPI}}})
		}
		imported := func(rows ...engine.ImportRow) []engine.Imported {
			t.Helper()
			got, err := db.ImportContacts(w.ctx, w.bot.ID, rows, noon)
			must(t, err)
			return got
		}

		got := imported(
			row(engine.ImportRow{ExternalID: "crm-1", Phone: mine}, "one", "new"),
			row(engine.ImportRow{ExternalID: "crm-1"}, "one again", "vip"),
			row(engine.ImportRow{Phone: mine}, "by phone"),
			row(engine.ImportRow{ExternalID: "crm-2", Phone: mine}, "a relative"),
			row(engine.ImportRow{ExternalID: "crm-3", AccountID: w.account.ID, User: "Umet"}, "met"),
			row(engine.ImportRow{AccountID: w.account.ID, User: "Unew", Phone: mine}, "new on LINE"),
			row(engine.ImportRow{Phone: typed}, "typed by another"),
			row(engine.ImportRow{Phone: shared}, "whoever"),
			row(engine.ImportRow{ExternalID: "crm-4", AccountID: w.account.ID, User: "Umet"}, "somebody else"),
			row(engine.ImportRow{ExternalID: "crm-1", AccountID: w.account.ID, User: "Umet"}, "both"),
			row(engine.ImportRow{AccountID: other.account.ID, User: "Ux"}, "another bot's"),
		)
		same(t, "outcomes", outcomes(got), []string{"created", "updated", "updated", "created", "updated", "created", "created",
			"refused phone", "refused external_id", "refused user", "refused account"})
		same(t, "one person", []int64{got[1].ContactID, got[2].ContactID}, []int64{got[0].ContactID, got[0].ContactID})
		c := w.contact(got[0].ContactID)
		same(t, "them", []any{c.Name, c.ExternalID, c.Phone(), c.Tags, c.Attributes}, []any{"by phone", "crm-1", mine, []string{"new", "vip"}, map[string]any{"level": "by phone"}})
		same(t, "who was met", []any{got[4].ContactID, w.contact(met.ContactID).ExternalID}, []any{met.ContactID, "crm-3"})
		i, err := db.IdentityByExternal(w.ctx, w.account.ID, "Unew")
		must(t, err)
		same(t, "identity", i.ContactID, got[5].ContactID)
		if x, err := db.IdentityByExternal(w.ctx, other.account.ID, "Ux"); x != nil || err != nil {
			t.Errorf("another bot got %+v, %v", x, err)
		}

		// The same again makes nobody.
		got = imported(row(engine.ImportRow{ExternalID: "crm-2"}, "a relative"), row(engine.ImportRow{AccountID: w.account.ID, User: "Unew"}, "x"))
		same(t, "again", outcomes(got), []string{"updated", "updated"})
		tags, err := db.ListTags(w.ctx, w.bot.ID)
		must(t, err)
		same(t, "tags", tags, []engine.Tag{{Name: "new", Contacts: 1}, {Name: "vip", Contacts: 1}})
		_, err = db.ImportContacts(w.ctx, "none", nil, noon)
		refused(t, err, engine.NotFound)
	})
}

// Two imports of the same people at once make each of them once.
func TestImportsAtOnceMakeNobodyTwice(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		var rows []engine.ImportRow
		for n := range 200 {
			rows = append(rows, row(engine.ImportRow{ExternalID: fmt.Sprint("crm-", n), AccountID: w.account.ID, User: fmt.Sprint("U", n)}, "x", "vip"))
		}
		errs := make(chan error, 3)
		for range cap(errs) {
			go func() {
				_, err := db.ImportContacts(w.ctx, w.bot.ID, append([]engine.ImportRow(nil), rows...), noon)
				errs <- err
			}()
		}
		for range cap(errs) {
			must(t, <-errs)
		}
		tags, err := db.ListTags(w.ctx, w.bot.ID)
		must(t, err)
		same(t, "people", tags, []engine.Tag{{Name: "vip", Contacts: 200}})
	})
}

func TestImportTakesAllAddressesAndWishesOfAPerson(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		second := engine.Account{ID: w.id(), BotID: w.bot.ID, Channel: "messenger", ExternalID: "page", State: engine.AccountActive, CreatedAt: noon}
		must(t, db.CreateAccount(w.ctx, second, nil))
		yes, no := true, false
		person := engine.ImportRow{DoNotContact: &yes, Identities: []engine.ImportIdentity{
			{AccountID: w.account.ID, User: "U1", Subscribed: &yes}, {AccountID: second.ID, User: "4711", Subscribed: &no}}}
		got, err := db.ImportContacts(w.ctx, w.bot.ID, []engine.ImportRow{row(person, "Mai")}, noon)
		must(t, err)
		same(t, "outcome", outcomes(got), []string{"created"})
		c := w.contact(got[0].ContactID)
		same(t, "wish", c.DoNotContact, true)
		list, err := db.IdentitiesOf(w.ctx, w.bot.ID, []int64{c.ID})
		must(t, err)
		same(t, "addresses", len(list), 2)
		same(t, "consents", []bool{list[0].SubscribedAt.Equal(noon), list[1].UnsubscribedAt.Equal(noon), list[1].SubscribedAt.IsZero()}, []bool{true, true, true})

		person.DoNotContact = &no
		again, err := db.ImportContacts(w.ctx, w.bot.ID, []engine.ImportRow{row(person, "Mai")}, noon.Add(time.Hour))
		must(t, err)
		same(t, "again", []any{outcomes(again), again[0].ContactID, w.contact(c.ID).DoNotContact}, []any{[]string{"updated"}, c.ID, false})

		w.person("U2")
		person.Identities[1] = engine.ImportIdentity{AccountID: w.account.ID, User: "U2"}
		mixed, err := db.ImportContacts(w.ctx, w.bot.ID, []engine.ImportRow{row(person, "two people")}, noon)
		must(t, err)
		same(t, "two people", outcomes(mixed), []string{"refused user"})
	})
}
