package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
)

func TestBots(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := worldOf(t, db, "Cửa hàng")
		refused(t, db.CreateBot(w.ctx, engine.Bot{ID: w.id(), Name: "CỬA  HÀNG"}), engine.Conflict)
		got, err := db.BotByName(w.ctx, "cửa hàng")
		must(t, err)
		same(t, "by name", got, &w.bot)
		_, err = db.BotByName(w.ctx, "none")
		refused(t, err, engine.NotFound)
		_, err = db.Bot(w.ctx, "none")
		refused(t, err, engine.NotFound)

		changed := w.bot
		changed.Name, changed.Settings = "shop", engine.BotSettings{MonthDay: true}
		must(t, db.UpdateBot(w.ctx, changed))
		got, err = db.Bot(w.ctx, w.bot.ID)
		must(t, err)
		same(t, "after an update", got, &changed)
		refused(t, db.UpdateBot(w.ctx, engine.Bot{ID: "none", Name: "x"}), engine.NotFound)

		for n := range 4 {
			worldOf(t, db, fmt.Sprint("bot", n))
		}
		var names []string
		cursor := ""
		for {
			page, next, err := db.ListBots(w.ctx, engine.Page{Cursor: cursor, Limit: 2})
			must(t, err)
			for _, b := range page {
				names = append(names, b.Name)
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		same(t, "all pages", len(names), 5)
		_, _, err = db.ListBots(w.ctx, engine.Page{Cursor: "nonsense"})
		refused(t, err, engine.Invalid)

		must(t, db.SetBotValues(w.ctx, w.bot.ID, map[string]any{"a": 1.0, "b": "x"}))
		must(t, db.SetBotValues(w.ctx, w.bot.ID, map[string]any{"a": nil, "c": []any{true}}))
		values, err := db.BotValues(w.ctx, w.bot.ID)
		must(t, err)
		same(t, "bot values", values, map[string]any{"b": "x", "c": []any{true}})
		refused(t, db.SetBotValues(w.ctx, "none", nil), engine.NotFound)
	})
}

func TestAliases(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w, other := worldOf(t, db, "shop"), worldOf(t, db, "other")
		must(t, db.SetAlias(w.ctx, w.bot.ID, "block", "module-1", "b1"))
		must(t, db.SetAlias(w.ctx, w.bot.ID, "block", "module-1", "b2"))
		for bot, want := range map[string]string{w.bot.ID: "b2", other.bot.ID: ""} {
			got, err := db.Alias(w.ctx, bot, "block", "module-1")
			must(t, err)
			same(t, "alias", got, want)
		}
		must(t, db.SetAlias(w.ctx, w.bot.ID, "bot", "5e2b", w.bot.ID))
		refused(t, db.SetAlias(w.ctx, other.bot.ID, "bot", "5e2b", other.bot.ID), engine.Conflict)
		refused(t, db.SetAlias(w.ctx, w.bot.ID, "block", "", "b"), engine.Invalid)
		for id, want := range map[string]*engine.Bot{"5e2b": &w.bot, w.bot.ID: &w.bot, "none": nil} {
			got, err := db.BotByAlias(w.ctx, id)
			must(t, err)
			same(t, "bot by "+id, got, want)
		}
	})
}

func TestTokens(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		token := engine.Token{Hash: "abcdef0123", BotID: w.bot.ID, Name: "shop", Scopes: []string{engine.ScopeSend}, CreatedAt: noon, ValidUntil: noon.Add(time.Hour)}
		must(t, db.CreateToken(w.ctx, token))
		refused(t, db.CreateToken(w.ctx, engine.Token{Hash: "x", BotID: w.bot.ID, Name: "shop"}), engine.Conflict)
		must(t, db.CreateToken(w.ctx, engine.Token{Hash: "abcdef9", Name: "shop", Scopes: []string{engine.ScopeInstance}}))

		read := func(at time.Time) *engine.Token {
			got, err := db.Token(w.ctx, "abcdef0123", at)
			must(t, err)
			return got
		}
		same(t, "first use", read(noon), &token)
		used := token
		used.LastUsedAt = noon
		same(t, "its use is noted", read(noon.Add(30*time.Second)), &used)
		same(t, "but not each", read(noon.Add(time.Minute)), &used)
		used.LastUsedAt = noon.Add(time.Minute)
		same(t, "after a minute", read(noon.Add(time.Minute)), &used)
		same(t, "past its time", read(noon.Add(time.Hour)), (*engine.Token)(nil))

		refused(t, db.RevokeToken(w.ctx, w.bot.ID, "none", noon), engine.NotFound)
		refused(t, db.RevokeToken(w.ctx, w.bot.ID, "abc", noon), engine.NotFound) // too short to name a hash
		must(t, db.RevokeToken(w.ctx, w.bot.ID, "abcdef", noon))
		same(t, "revoked", read(noon), (*engine.Token)(nil))
		refused(t, db.RevokeToken(w.ctx, w.bot.ID, "shop", noon), engine.NotFound)
		must(t, db.CreateToken(w.ctx, engine.Token{Hash: "y", BotID: w.bot.ID, Name: "shop"})) // the name is free
		list, err := db.ListTokens(w.ctx, w.bot.ID)
		must(t, err)
		same(t, "listed with the revoked one", len(list), 2)
		refused(t, db.CreateToken(w.ctx, engine.Token{Hash: "y", BotID: w.bot.ID, Name: "another"}), engine.Conflict) // the secret is taken
	})
}

// TestRotatedTokens holds that the old secret is good for a while beside the
// new one, and that revoking by name ends both.
func TestRotatedTokens(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		good := func(hash string, at time.Time) bool {
			got, err := db.Token(w.ctx, hash, at)
			must(t, err)
			return got != nil
		}
		must(t, db.CreateToken(w.ctx, engine.Token{Hash: "aaaaaa1", BotID: w.bot.ID, Name: "shop", Scopes: []string{engine.ScopeSend}, CreatedAt: noon, ValidUntil: noon.Add(72 * time.Hour)}))
		day := noon.Add(24 * time.Hour)
		got, err := db.RotateToken(w.ctx, w.bot.ID, "shop", "aaaaaa2", day, noon)
		must(t, err)
		same(t, "the new one", got, engine.Token{Hash: "aaaaaa2", BotID: w.bot.ID, Name: "shop", Scopes: []string{engine.ScopeSend}, CreatedAt: noon, ValidUntil: noon.Add(72 * time.Hour)})
		same(t, "in the overlap", []bool{good("aaaaaa1", day.Add(-time.Second)), good("aaaaaa2", day.Add(-time.Second))}, []bool{true, true})
		same(t, "after it", []bool{good("aaaaaa1", day), good("aaaaaa2", day)}, []bool{false, true})

		for name, code := range map[string]engine.ErrorCode{"none": engine.NotFound, "aaaaaa1": engine.NotFound} { // replaced already
			_, err = db.RotateToken(w.ctx, w.bot.ID, name, "aaaaaa9", day, noon)
			refused(t, err, code)
		}
		_, err = db.RotateToken(w.ctx, "another bot", "shop", "aaaaaa9", day, noon)
		refused(t, err, engine.NotFound)
		_, err = db.RotateToken(w.ctx, w.bot.ID, "shop", "aaaaaa9", day, noon.Add(72*time.Hour)) // it has ended
		refused(t, err, engine.Conflict)
		_, err = db.RotateToken(w.ctx, w.bot.ID, "shop", "aaaaaa1", day, noon) // the secret it had
		refused(t, err, engine.Conflict)
		same(t, "a refused rotation changes nothing", good("aaaaaa2", day.Add(time.Hour)), true)

		_, err = db.RotateToken(w.ctx, w.bot.ID, "aaaaaa2", "bbbbbb3", noon.Add(time.Hour), noon)
		must(t, err)
		must(t, db.RevokeToken(w.ctx, w.bot.ID, "aaaaaa1", noon)) // one by its hash
		same(t, "one is revoked", []bool{good("aaaaaa1", noon), good("aaaaaa2", noon), good("bbbbbb3", noon)}, []bool{false, true, true})
		must(t, db.RevokeToken(w.ctx, w.bot.ID, "shop", noon))
		same(t, "all of the name are", []bool{good("aaaaaa2", noon), good("bbbbbb3", noon)}, []bool{false, false})
	})
}

func TestAccounts(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		a, err := db.Account(w.ctx, w.account.ID)
		must(t, err)
		w.account.Settings = map[string]string{}
		same(t, "account", a, &w.account)
		refused(t, db.CreateAccount(w.ctx, engine.Account{ID: w.id(), BotID: w.bot.ID, Channel: "line", ExternalID: w.account.ExternalID, State: engine.AccountActive}, nil), engine.Conflict)
		for _, alias := range []string{"@shop", w.account.ExternalID} {
			a, err = db.AccountByAlias(w.ctx, "line", alias)
			must(t, err)
			same(t, "by "+alias, a, &w.account)
		}
		a, err = db.AccountByAlias(w.ctx, "messenger", "@shop")
		must(t, err)
		same(t, "on another channel", a, (*engine.Account)(nil))

		must(t, db.PauseAccount(w.ctx, "another bot", w.account.ID, "no"))
		must(t, db.PauseAccount(w.ctx, w.bot.ID, w.account.ID, "the token is refused"))
		must(t, db.PauseAccount(w.ctx, w.bot.ID, w.account.ID, "again"))
		a, err = db.Account(w.ctx, w.account.ID)
		must(t, err)
		same(t, "paused", []any{a.State, a.Reason}, []any{engine.AccountPaused, "the token is refused"})

		a.Secrets["token"], a.State, a.Reason = "new", engine.AccountActive, ""
		must(t, db.UpdateAccount(w.ctx, *a))
		list, err := db.Accounts(w.ctx, w.bot.ID)
		must(t, err)
		same(t, "after an update", list, []engine.Account{*a})
		a.BotID = "another bot"
		refused(t, db.UpdateAccount(w.ctx, *a), engine.NotFound)
		_, err = db.Account(w.ctx, "none")
		refused(t, err, engine.NotFound)
	})
}

func TestAttributes(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		must(t, db.DeclareAttribute(w.ctx, engine.Attribute{BotID: w.bot.ID, Name: "total", Type: "text", DeclaredBy: "api"}))
		must(t, db.DeclareAttribute(w.ctx, engine.Attribute{BotID: w.bot.ID, Name: "total", Type: "number", Default: 0.0, DeclaredBy: "orders"})) // nobody has one yet
		p := w.person("U1")
		w.patch(p.ContactID, engine.Deltas{Set: map[string]any{"total": 5, "city": "Huế"}})
		refused(t, db.DeclareAttribute(w.ctx, engine.Attribute{BotID: w.bot.ID, Name: "total", Type: "text"}), engine.Conflict)
		want := engine.Attribute{BotID: w.bot.ID, Name: "total", Type: "number", Default: 0.0, DeclaredBy: "orders"}
		types, err := db.AttributeTypes(w.ctx, w.bot.ID)
		must(t, err)
		same(t, "types", types, map[string]engine.Attribute{"total": want})
		want.Contacts = 1
		list, err := db.ListAttributes(w.ctx, w.bot.ID)
		must(t, err)
		same(t, "list", list, []engine.Attribute{want})

		must(t, db.DeleteAttribute(w.ctx, w.bot.ID, "total"))
		refused(t, db.DeleteAttribute(w.ctx, w.bot.ID, "total"), engine.NotFound)
		same(t, "values afterwards", w.contact(p.ContactID).Attributes, map[string]any{"city": "Huế"})
	})
}

func TestContactsAreFoundAsPeopleType(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		create := func(c engine.Contact) int64 {
			c.BotID = w.bot.ID
			id, err := db.CreateContact(w.ctx, c)
			must(t, err)
			return id
		}
		mai := create(engine.Contact{FirstName: "Mai", LastName: "Trần", ExternalID: "kh-1", Tags: []string{"vip"},
			Phones: []engine.Phone{{E164: "+84912345678", Raw: "0912 345 678", Source: engine.PhoneImport}}, Attributes: map[string]any{"a": "b"}})
		lin := create(engine.Contact{Name: "林美玲", Email: "Lin@Example.tw"})
		create(engine.Contact{Name: "100%_sure", DoNotContact: true})
		refusedTwice := engine.Contact{BotID: w.bot.ID, ExternalID: "kh-1"}
		_, err := db.CreateContact(w.ctx, refusedTwice)
		refused(t, err, engine.Conflict)

		for search, want := range map[string][]int64{
			"": {lin + 1, lin, mai}, "tran": {mai}, "TRẦN": {mai}, "mai": {mai}, "林": {lin}, "lin@example": {lin}, "kh-1": {mai}, "0912 345": {mai}, "+84912": {mai},
			"%": {lin + 1}, "_": {lin + 1}, "nobody": nil, "09123456789": nil,
		} {
			list, next, err := db.ListContacts(w.ctx, w.bot.ID, search, engine.Page{})
			must(t, err)
			var ids []int64
			for _, c := range list {
				ids = append(ids, c.ID)
			}
			same(t, fmt.Sprintf("search %q", search), ids, want)
			same(t, "next", next, "")
		}
		list, next, err := db.ListContacts(w.ctx, w.bot.ID, "", engine.Page{Limit: 2})
		must(t, err)
		same(t, "first page", len(list), 2)
		list, next, err = db.ListContacts(w.ctx, w.bot.ID, "", engine.Page{Limit: 2, Cursor: next})
		must(t, err)
		same(t, "last page", []any{len(list), next}, []any{1, ""})
		same(t, "listed as it is read", &list[0], w.contact(mai))
		_, _, err = db.ListContacts(w.ctx, w.bot.ID, "", engine.Page{Cursor: "x"})
		refused(t, err, engine.Invalid)

		must(t, db.SetDoNotContact(w.ctx, w.bot.ID, mai, true))
		same(t, "do not contact", w.contact(mai).DoNotContact, true)
		id, err := db.ContactByExternalID(w.ctx, w.bot.ID, "kh-1")
		must(t, err)
		same(t, "by external id", id, mai)
		id, err = db.ContactByExternalID(w.ctx, w.bot.ID, "")
		must(t, err)
		same(t, "by none", id, int64(0))
	})
}

func TestDeliveriesAreListedAndTallied(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p, q := w.person("U1"), w.person("U2")
		orders := []struct {
			to       *engine.Identity
			block    string
			category string
			status   engine.Status
			reason   string
		}{{p, "b1", "order", engine.Queued, ""}, {p, "b2", "", engine.Skipped, "blocked"}, {q, "b1", "order", engine.Skipped, "blocked"}}
		for _, o := range orders {
			s := w.order(o.to)
			s.Delivery.BlockID, s.Delivery.Category, s.Delivery.Status, s.Delivery.Reason = o.block, o.category, o.status, o.reason
			w.accepted(s)
		}
		for _, c := range []struct {
			filter engine.DeliveryFilter
			want   int
		}{{engine.DeliveryFilter{}, 3}, {engine.DeliveryFilter{Status: engine.Skipped}, 2}, {engine.DeliveryFilter{ContactID: p.ContactID}, 2},
			{engine.DeliveryFilter{BlockID: "b1"}, 2}, {engine.DeliveryFilter{Category: "order", Status: engine.Queued}, 1}} {
			rows, _, err := db.ListDeliveries(w.ctx, w.bot.ID, c.filter, engine.Page{})
			must(t, err)
			same(t, fmt.Sprintf("%+v", c.filter), len(rows), c.want)
		}
		rows, next, err := db.ListDeliveries(w.ctx, w.bot.ID, engine.DeliveryFilter{}, engine.Page{Limit: 2})
		must(t, err)
		if rows[0].ID < rows[1].ID {
			t.Error("the oldest stands first")
		}
		rows, next, err = db.ListDeliveries(w.ctx, w.bot.ID, engine.DeliveryFilter{}, engine.Page{Limit: 2, Cursor: next})
		must(t, err)
		same(t, "last page", []any{len(rows), next}, []any{1, ""})
		tally, err := db.Tally(w.ctx, w.bot.ID, noon)
		must(t, err)
		same(t, "tally", tally, []engine.TallyRow{{Status: engine.Queued, Count: 1}, {Status: engine.Skipped, Reason: "blocked", Count: 2}})
		tally, err = db.Tally(w.ctx, w.bot.ID, noon.Add(time.Second))
		must(t, err)
		same(t, "tally of later", tally, []engine.TallyRow(nil))
	})
}
