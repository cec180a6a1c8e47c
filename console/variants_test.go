package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/engine"
)

// twoWords is a form of two variants with a hold-out.
func twoWords() url.Values {
	f := written("says", "variants", "block", "", "variant0_name", "block", "variant0_block", "hello", "variant1_name", "own", "variant1_weight", "2",
		"variant1_text", "Own words for {{ first_name }}", "hold_out", "1", "tags", "tried")
	f.Set("attributes", "shoe = 42\n city= Huế = old capital ")
	return f
}

func TestVariantsFromTheFormToTheReport(t *testing.T) {
	h := newHarness(t)
	h.people(40)
	must(t, h.db.DeclareAttribute(t.Context(), engine.Attribute{BotID: h.bot.ID, Name: "shoe", Type: "number", DeclaredBy: "test"}))
	must(t, h.db.DeclareAttribute(t.Context(), engine.Attribute{BotID: h.bot.ID, Name: "city", Type: "text", DeclaredBy: "test"}))
	b := h.enter(h.bot)
	got := b.post("/broadcasts/new", twoWords())
	if got.status != http.StatusSeeOther {
		t.Fatalf("writing: %d %s", got.status, got.body)
	}
	at := got.header.Get("Location")
	of, err := h.db.Broadcast(t.Context(), h.bot.ID, strings.TrimPrefix(at, "/broadcasts/"))
	must(t, err)
	if p := of.Plan; p.HoldOut != 1 || len(p.Variants) != 2 || p.Variants[1].Weight != 2 || p.Attributes["shoe"] != 42.0 || p.Attributes["city"] != "Huế = old capital" {
		t.Errorf("the plan is %+v", p)
	}
	form := b.get(at + "/edit").body
	for _, want := range []string{`name="variant1_name" value="own"`, `Own words for {{ first_name }}`, `name="hold_out" inputmode="numeric" value="1"`, "shoe = 42"} {
		if !strings.Contains(form, want) {
			t.Errorf("the form lost %s", want)
		}
	}
	b.post(at+"/check", nil)
	h.work()
	if body := b.get(at).body; !strings.Contains(body, "Variant block") || !strings.Contains(body, "Variant own") || !strings.Contains(body, "hold out") {
		t.Errorf("the check does not tell the variants: %s", body)
	}
	b.post(at+"/start", nil)
	h.work()
	report := b.get(at).body
	_, table, _ := strings.Cut(report, `<table class="variants">`)
	table, _, _ = strings.Cut(table, "</table>")
	for _, want := range []string{">block</th>", ">own</th>", ">hold out</th>", "got nothing, to compare with"} {
		if !strings.Contains(table, want) {
			t.Errorf("the report's variants lack %q", want)
		}
	}
	if strings.LastIndex(table, "<tr>") > strings.Index(table, ">hold out</th>") {
		t.Error("those who are held out do not stand last")
	}
}

func TestVariantsThatCannotBe(t *testing.T) {
	h := newHarness(t)
	b := h.enter(h.bot)
	for name, c := range map[string]struct {
		change []string
		says   string
	}{
		"one alone":          {[]string{"variant1_name", "", "variant1_text", "", "variant1_weight", ""}, "at least two variants"},
		"no name":            {[]string{"variant1_name", ""}, "Variant 2 needs a name"},
		"the same name":      {[]string{"variant1_name", "block"}, "taken"},
		"nothing said":       {[]string{"variant1_text", ""}, "Say what own says"},
		"two things said":    {[]string{"variant1_block", "hello"}, "only one of them"},
		"no weight":          {[]string{"variant1_weight", "-1"}, "no number above 0"},
		"a mistake in it":    {[]string{"variant1_text", "{{ nobody }}"}, "nobody"},
		"no such JSON":       {[]string{"variant1_text", "", "variant1_raw", "{"}, "is no content"},
		"an attribute twice": {[]string{"attributes", "city = a\ncity = b"}, "set twice"},
		"no value":           {[]string{"attributes", "city"}, "name = value"},
		"no hold-out":        {[]string{"hold_out", "some"}, "no number above 0"},
	} {
		f := twoWords()
		f.Set("attributes", "")
		for i := 0; i < len(c.change); i += 2 {
			f.Set(c.change[i], c.change[i+1])
		}
		if got := b.post("/broadcasts/new", f); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `-wrong" autofocus`) || !strings.Contains(got.body, c.says) {
			_, said, _ := strings.Cut(got.body, `role="alert">`)
			said, _, _ = strings.Cut(said, "<")
			t.Errorf("%s: %d, %q", name, got.status, said)
		}
	}
}

func TestATemplateFromTheForm(t *testing.T) {
	h := newHarness(t)
	b := h.enter(h.bot)
	f := written("says", "template", "intent", "utility", "template_name", "order_ready", "template_language", "en_US", "template_body", "{{ first_name }}\n\nA-17")
	got := b.post("/broadcasts/new", f)
	if got.status != http.StatusSeeOther {
		t.Fatalf("%d %s", got.status, got.body)
	}
	of, err := h.db.Broadcast(t.Context(), h.bot.ID, strings.TrimPrefix(got.header.Get("Location"), "/broadcasts/"))
	must(t, err)
	if want := `{"name":"order_ready","language":"en_US","body":["{{ first_name }}","A-17"]}`; string(of.Plan.Content.Template) != want {
		t.Errorf("%s", of.Plan.Content.Template)
	}
	f.Set("template_language", "")
	if got := b.post("/broadcasts/new", f); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "the language the template is approved in") {
		t.Errorf("without a language: %d", got.status)
	}
}
