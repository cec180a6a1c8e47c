package console_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/engine"
)

func TestFiles(t *testing.T) {
	h := newHarness(t)
	stranger := &browser{h: h}
	for path, kind := range map[string]string{
		"static/console.js": "text/javascript; charset=utf-8", "static/console.css": "text/css; charset=utf-8", "static/line.js": "text/javascript; charset=utf-8",
		"static/chat.css": "text/css; charset=utf-8", "static/logo.svg": "image/svg+xml", "media/shirt.png": "image/svg+xml",
	} {
		got := stranger.get("/broadcasts/" + path)
		if got.status != http.StatusOK || got.header.Get("Content-Type") != kind || got.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d, %s", path, got.status, got.header.Get("Content-Type"))
		}
	}
	for _, path := range []string{"static/nothing.js", "static/..%2fconsole.go", "static/%2e%2e"} {
		if got := stranger.get("/broadcasts/" + path); got.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

func TestAFileOfPeople(t *testing.T) {
	h := newHarness(t)
	h.people(2)
	b := h.enter(h.bot)
	contacts, _, err := h.db.ListContacts(t.Context(), h.bot.ID, "", engine.Page{})
	must(t, err)
	if body := b.get("/broadcasts/new").body; !strings.Contains(body, "/broadcasts/lists") {
		t.Error("nothing leads to it")
	}
	got := b.file("/broadcasts/lists", fmt.Sprintf("contact_id\n%d\n%d\nnobody <b>\n", contacts[0].ID, contacts[0].ID))
	for _, want := range []string{"1 person", "of 3 rows, 1 of them somebody again, 1 that mean nobody", "line 4", "nobody &lt;b&gt;"} {
		if !strings.Contains(got.body, want) {
			t.Errorf("it does not say %q: %d", want, got.status)
		}
	}
	_, rest, _ := strings.Cut(got.body, "/broadcasts/new?list=")
	id, _, _ := strings.Cut(rest, `"`)
	if body := b.get("/broadcasts/new?list=" + id).body; !strings.Contains(body, `value="list" checked`) || !strings.Contains(body, `value="`+id+`" selected`) {
		t.Error("the list is not chosen")
	}
	if body := b.get(b.write("who", "list", "list", id)).body; !strings.Contains(body, "A list") {
		t.Error("the plan does not say that a list is meant")
	}
	for name, text := range map[string]string{"empty": "", "of other columns": "a,b\n1,2\n"} {
		if got := b.file("/broadcasts/lists", text); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `role="alert"`) {
			t.Errorf("a file that is %s: %d", name, got.status)
		}
	}
	if other := h.enter(h.other).get("/broadcasts/new"); strings.Contains(other.body, id) {
		t.Error("another bot is offered the list")
	}
}
