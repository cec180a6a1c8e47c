package console_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// gone writes a broadcast and sends it.
func (b *browser) gone(change ...string) string {
	b.h.t.Helper()
	at := b.write(change...)
	if got := b.post(at+"/start", nil); got.status != http.StatusSeeOther {
		b.h.t.Fatalf("starting: %d %s", got.status, got.body)
	}
	b.h.work()
	return at
}

// leaves lets the nth person unsubscribe and returns their contact.
func (h *harness) leaves(n int) engine.Contact {
	h.t.Helper()
	people, _, err := h.db.ListContacts(h.t.Context(), h.bot.ID, "", engine.Page{})
	must(h.t, err)
	c, no := people[len(people)-1-n], false
	at, err := h.db.IdentitiesOf(h.t.Context(), h.bot.ID, []int64{c.ID})
	must(h.t, err)
	must(h.t, h.db.PatchContact(h.t.Context(), h.bot.ID, c.ID, at[0].ID, engine.Deltas{Subscribe: &no}, h.clock.Now()))
	return c
}

func TestPeoplePageByPage(t *testing.T) {
	h := newHarness(t)
	h.people(60)
	b := h.enter(h.bot)
	at := b.gone()
	first := b.get(at + "/recipients?outcome=accepted")
	if n := strings.Count(first.body, `<span class="dot sent">`); n != 50 || strings.Contains(first.body, "From the first") {
		t.Errorf("the first page has %d people", n)
	}
	_, rest, found := strings.Cut(first.body, `<a class="button" href="?after=`)
	if !found {
		t.Fatal("there is no way to the next page")
	}
	further, _, _ := strings.Cut(rest, `"`)
	second := b.get(at + "/recipients?after=" + html.UnescapeString(further))
	if n := strings.Count(second.body, `<span class="dot sent">`); n != 10 || !strings.Contains(second.body, `href="?outcome=accepted"`) {
		t.Errorf("the second page has %d people", n)
	}
}

func TestReasonsLeadToTheirPeople(t *testing.T) {
	h := newHarness(t)
	h.people(3)
	left := h.leaves(1)
	b := h.enter(h.bot)
	at := b.gone()
	link := at + "/recipients?outcome=not_reached&reason=unsubscribed"
	if body := b.get(at).body; !strings.Contains(html.UnescapeString(body), `href="`+link+`"`) {
		t.Fatal("the reason leads nowhere")
	}
	if body := b.get(link).body; strings.Count(body, `<span class="dot skipped">`) != 1 || !strings.Contains(body, "only unsubscribed ×") {
		t.Errorf("who unsubscribed: %s", body)
	}
	if body := b.get(at + "/recipients?outcome=not_reached&reason=blocked").body; !strings.Contains(body, "Nobody.") {
		t.Error("people of another reason")
	}
	why := b.get(at + "/recipients/" + itoa(left.ID)).body
	for _, want := range []string{"skipped: unsubscribed", "They unsubscribed on 2026-11-21 10:00 +07.", "Consent", "Everyone", "P1 &lt;script&gt;"} {
		if !strings.Contains(html.UnescapeString(why), want) && !strings.Contains(why, want) {
			t.Errorf("why not does not say %q", want)
		}
	}
}

func TestWhySomebodyGotIt(t *testing.T) {
	h := newHarness(t)
	h.people(2)
	b := h.enter(h.bot)
	at := b.gone("who", "where", "where", `first_name == "P1" and subscribed_at != nil`)
	people, _, err := h.db.ListContacts(t.Context(), h.bot.ID, "", engine.Page{})
	must(t, err)
	got := html.UnescapeString(b.get(at + "/recipients/" + itoa(people[0].ID)).body)
	for _, want := range []string{"Route", "push", "agreed on", "Attempts", "sent", "Hello P1!", `<code>first_name == "P1"</code>`, "All of it in words", "Planned by a broadcast"} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	not := html.UnescapeString(b.get(at + "/recipients/" + itoa(people[1].ID)).body)
	for _, want := range []string{"They are not in it", "The audience does not mean them.", "does not hold", "would get it"} {
		if !strings.Contains(not, want) {
			t.Errorf("of who is not in it, it does not say %q", want)
		}
	}
	for _, path := range []string{"/recipients/999", "/recipients/x", "/recipients/-1"} {
		if got := b.get(at + path); got.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	if got := h.enter(h.other).get(at + "/recipients/" + itoa(people[0].ID)); got.status != http.StatusNotFound {
		t.Errorf("another bot's: %d", got.status)
	}
}

func TestLookingForSomebody(t *testing.T) {
	h := newHarness(t)
	h.people(12)
	b := h.enter(h.bot)
	at := b.gone()
	people, _, err := h.db.ListContacts(t.Context(), h.bot.ID, "P11", engine.Page{})
	must(t, err)
	if got := b.get(at + "/why?who=P11"); got.status != http.StatusSeeOther || got.header.Get("Location") != at+"/recipients/"+itoa(people[0].ID) {
		t.Errorf("one who is meant: %d to %q", got.status, got.header.Get("Location"))
	}
	if got := b.get(at + "/why?who=" + url.QueryEscape("#"+itoa(people[0].ID))); got.status != http.StatusSeeOther {
		t.Errorf("by number: %d", got.status)
	}
	if got := b.get(at + "/why?who=P1"); got.status != http.StatusOK || strings.Count(got.body, at+"/recipients/") != 3 || strings.Contains(got.body, "There are more") {
		t.Errorf("several: %d, %d links", got.status, strings.Count(got.body, at+"/recipients/"))
	}
	if got := b.get(at + "/why?who=" + url.QueryEscape(nasty)); got.status != http.StatusOK || strings.Contains(got.body, "<script>alert") {
		t.Errorf("nobody: %d", got.status)
	}
}

func TestMoreAreFoundThanAreShown(t *testing.T) {
	h := newHarness(t)
	h.people(21)
	b := h.enter(h.bot)
	at := b.gone()
	if got := b.get(at + "/why?who=P"); strings.Count(got.body, at+"/recipients/") != 20 || !strings.Contains(got.body, "There are more") {
		t.Errorf("%d of 21: %s", strings.Count(got.body, at+"/recipients/"), got.body)
	}
}

func TestPeopleAsAFile(t *testing.T) {
	h := newHarness(t)
	h.people(3)
	h.leaves(0)
	b := h.enter(h.bot)
	at := b.gone()
	got := b.get(at + "/recipients.csv?outcome=accepted")
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "text/csv; charset=utf-8" || strings.Count(got.body, "\n") != 3 || !strings.HasPrefix(got.body, "contact_id,") {
		t.Errorf("%d %s: %s", got.status, got.header.Get("Content-Type"), got.body)
	}
	if got := h.enter(h.other).get(at + "/recipients.csv"); got.status != http.StatusNotFound {
		t.Errorf("another bot's: %d", got.status)
	}
}

func TestPeopleAreKept(t *testing.T) {
	h := newHarness(t)
	h.people(3)
	h.leaves(0)
	b := h.enter(h.bot)
	at := b.gone()
	id := strings.TrimPrefix(at, "/broadcasts/")
	keep := func(form url.Values) answer {
		t.Helper()
		return b.post(at+"/keep", form)
	}
	got := keep(url.Values{"outcome": {"skipped"}, "name": {"left out"}, "as": {"list"}})
	where := got.header.Get("Location")
	if got.status != http.StatusSeeOther || !strings.HasPrefix(where, "/broadcasts/new?list=") {
		t.Fatalf("a list: %d to %q, %s", got.status, where, got.body)
	}
	if body := b.get(where).body; !strings.Contains(body, "left out, 1 person") {
		t.Error("the list is not offered")
	}
	got = keep(url.Values{"outcome": {string(broadcast.OutcomeAccepted)}, "name": {"got it"}, "as": {"segment"}})
	if where = got.header.Get("Location"); got.status != http.StatusSeeOther || !strings.HasPrefix(where, "/broadcasts/new?segment=") {
		t.Fatalf("a segment: %d to %q, %s", got.status, where, got.body)
	}
	s, err := h.db.Segment(t.Context(), h.bot.ID, "got it")
	must(t, err)
	if s.Audience.Where != `received("`+id+`")` {
		t.Errorf("the segment asks %q", s.Audience.Where)
	}
	if body := b.get(where).body; !strings.Contains(body, `value="segment" checked`) {
		t.Error("the segment is not chosen")
	}
	if got := b.post("/broadcasts/reach", written("who", "segment", "segment", s.ID)); !strings.Contains(got.body, "<b>2 people</b>") {
		t.Errorf("it means %s", got.body)
	}
	for name, f := range map[string]url.Values{
		"no name":                  {"outcome": {"skipped"}},
		"nobody":                   {"outcome": {"failed"}, "name": {"x"}},
		"a segment of who left":    {"outcome": {"skipped"}, "name": {"x"}, "as": {"segment"}},
		"a segment's name is used": {"outcome": {"accepted"}, "name": {"Got it"}, "as": {"segment"}},
	} {
		if got := keep(f); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `role="alert"`) {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	again := b.post(at+"/again", url.Values{"outcome": {"accepted"}})
	if again.status != http.StatusSeeOther || !strings.Contains(b.get(again.header.Get("Location")).body, "A list") {
		t.Errorf("the same again to those who got it: %d", again.status)
	}
}

func TestADraftIsForgotten(t *testing.T) {
	h := newHarness(t)
	h.people(1)
	b := h.enter(h.bot)
	at := b.write()
	if got := b.post(at+"/delete", nil); got.status != http.StatusSeeOther || b.get(at).status != http.StatusNotFound {
		t.Errorf("deleting a draft: %d", got.status)
	}
	if got := b.post(b.gone()+"/delete", nil); got.status != http.StatusConflict {
		t.Errorf("deleting what went out: %d", got.status)
	}
}
