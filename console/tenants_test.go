package console_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/console"
	"github.com/blockcast/blockcast/engine"
)

// hidden stands in all that a stranger to the bot must not read.
const hidden = "Chrysanthemum"

// estate is what a bot has and another bot's people ask for.
type estate struct {
	draft, done         string // broadcasts, by where they are
	list, segment, lock string
	contact             string
}

// owns makes one of everything that the page can show.
func (h *harness) owns(b *browser) estate {
	h.t.Helper()
	h.people(3)
	contacts, _, err := h.db.ListContacts(h.t.Context(), h.bot.ID, "", engine.Page{})
	must(h.t, err)
	e := estate{draft: b.write("subject", hidden), contact: itoa(contacts[0].ID), list: h.bot.ID + "-list", lock: "lock1"}
	must(h.t, h.db.CreateList(h.t.Context(), engine.PeopleList{ID: e.list, BotID: h.bot.ID, Name: hidden, CreatedAt: h.clock.Now()}))
	segment, err := h.config.Calls.SaveSegment(h.t.Context(), &h.bot, hidden, engine.Audience{All: true})
	must(h.t, err)
	e.segment = segment
	e.done = b.gone("subject", hidden)
	must(h.t, h.db.LockRoute(h.t.Context(), &engine.RouteLock{ID: e.lock, BotID: h.bot.ID, AccountID: "acc" + h.bot.ID[3:], Intent: engine.IntentPromotional,
		Reason: hidden, Hits: []engine.Hit{{Found: hidden}}, LockedAt: h.clock.Now()}))
	return e
}

// seen is all that the bot's own people see of it.
func (e estate) seen(b *browser) string {
	var all strings.Builder
	for _, path := range []string{"/broadcasts", "/broadcasts/new", e.draft, e.draft + "/edit", e.done, e.done + "/recipients", e.done + "/recipients.csv", e.done + "/recipients/" + e.contact} {
		all.WriteString(path + "\n" + b.get(path).body)
	}
	return all.String()
}

// named are the addresses of a route about one broadcast of the estate.
func (h *harness) named(r fiber.Route, e estate, at string) []string {
	h.t.Helper()
	values := map[string][]string{":id": {strings.TrimPrefix(at, console.Path+"/")}, ":contact": {e.contact}, ":lock": {e.lock}, ":deed": console.New(h.config).Deeds()}
	out := []string{""}
	for part := range strings.SplitSeq(strings.TrimPrefix(r.Path, "/"), "/") {
		choices := []string{part}
		if strings.HasPrefix(part, ":") {
			if choices = values[part]; choices == nil {
				h.t.Fatalf("%s has a parameter this test does not know", r.Path)
			}
		}
		var longer []string
		for _, so := range out {
			for _, choice := range choices {
				longer = append(longer, so+"/"+choice)
			}
		}
		out = longer
	}
	return out
}

// routes are the page's own, but those that are for everybody.
func (h *harness) routes() []fiber.Route {
	app := fiber.New()
	console.New(h.config).Mount(app)
	return slices.DeleteFunc(app.GetRoutes(true), func(r fiber.Route) bool {
		return slices.Contains([]string{console.Path + "/static/:file", console.Path + "/media/*", console.Path + "/sign-in"}, r.Path)
	})
}

// about is a form with what every route about a broadcast reads.
func about(as string) url.Values {
	return written("to", "P1", "note", "It is about an order.", "name", "kept", "as", as, "outcome", "accepted", "subject", "stolen")
}

// Another bot's people find nothing of a bot behind any address of the page,
// and change nothing, even those who administer theirs. The bot's own find what
// the same calls ask for.
func TestAnotherBotsAreUnknown(t *testing.T) {
	h := newHarness(t)
	own := h.enterAs(h.bot, engine.ScopeAdmin)
	e := h.owns(own)
	rival := h.enterAs(h.other, engine.ScopeAdmin)
	before, walked := e.seen(own), 0
	walk := func(b *browser, at string, r fiber.Route, check func(path string, got answer)) {
		for _, path := range h.named(r, e, at) {
			for _, as := range []string{"list", "segment"} {
				walked++
				if r.Method == http.MethodPost {
					check(path, b.post(path, about(as)))
					continue
				}
				check(path, b.do(r.Method, path+"?who=P1&outcome=accepted", nil))
			}
		}
	}
	for _, r := range h.routes() {
		if !strings.Contains(r.Path, ":") {
			continue
		}
		for _, at := range []string{e.draft, e.done} {
			walk(rival, at, r, func(path string, got answer) {
				if got.status != http.StatusNotFound || strings.Contains(got.body, hidden) || strings.Contains(got.body, "P1") {
					t.Errorf("%s %s for another bot's people: %d %s", r.Method, path, got.status, got.body)
				}
			})
		}
	}
	if walked < 100 {
		t.Errorf("only %d calls were walked", walked)
	}
	if after := e.seen(own); after != before {
		t.Errorf("something has changed:\n%s\nwas\n%s", after, before)
	}
	for _, r := range h.routes() {
		if !strings.Contains(r.Path, ":") {
			continue
		}
		at := e.done
		if r.Method == http.MethodPost {
			at = own.write() // some of them are its end
		}
		found := false
		walk(own, at, r, func(_ string, got answer) { found = found || got.status != http.StatusNotFound })
		if !found {
			t.Errorf("%s %s is not found by the bot's own people either: it was not refused for whose it is", r.Method, r.Path)
		}
	}
}

// Addresses that name no broadcast serve another bot's people with their own
// alone, whatever of this bot's they name in the form.
func TestAnotherBotsPeopleAreNotMeant(t *testing.T) {
	h := newHarness(t)
	own := h.enterAs(h.bot, engine.ScopeAdmin)
	e := h.owns(own)
	id := strings.TrimPrefix(e.draft, console.Path+"/")
	rival := h.enterAs(h.other, engine.ScopeAdmin)
	before := e.seen(own)
	forms := map[string]url.Values{
		"its segment":            written("who", "segment", "segment", e.segment),
		"its segment by name":    written("who", "segment", "segment", hidden),
		"all but its list":       written("but_list", e.list),
		"all but its segment":    written("but_segment", e.segment),
		"who got its broadcast":  written("who", "where", "where", `received("`+strings.TrimPrefix(e.done, console.Path+"/")+`")`),
		"its account":            written("account", "acc"+h.bot.ID[3:]),
		"its broadcast":          written("id", id),
		"its list":               written("who", "list", "list", e.list),
		"its list and a segment": written("who", "list", "list", e.list, "but_segment", e.segment),
	}
	for _, r := range h.routes() {
		if strings.Contains(r.Path, ":") || r.Path == console.Path+"/sign-out" {
			continue
		}
		for name, form := range forms {
			var got answer
			switch {
			case r.Method != http.MethodPost:
				got = rival.do(r.Method, r.Path+"?"+form.Encode(), nil)
			case strings.HasSuffix(r.Path, "/lists"):
				got = rival.file(r.Path, "contact_id\n"+e.contact+"\n")
				if !strings.Contains(got.body, "1 that mean nobody") {
					t.Errorf("a file with its people: %d %s", got.status, got.body)
				}
			default:
				got = rival.post(r.Path, form)
			}
			if got.status >= http.StatusInternalServerError || strings.Contains(strings.ReplaceAll(got.body, form.Get("segment"), ""), hidden) || strings.Contains(got.body, "P1 ") {
				t.Errorf("%s %s with %s: %d %s", r.Method, r.Path, name, got.status, got.body)
			}
			if r.Path == console.Path+"/new" && got.status == http.StatusSeeOther && name != "its broadcast" {
				t.Errorf("%s can be meant by another bot's broadcast", name)
			}
		}
	}
	if got := rival.post(console.Path+"/preview", url.Values{"id": {id}}); got.status != http.StatusNotFound {
		t.Errorf("its preview: %d %s", got.status, got.body)
	}
	if after := e.seen(own); after != before {
		t.Errorf("something has changed:\n%s\nwas\n%s", after, before)
	}
}
