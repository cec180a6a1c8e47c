package flows_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/flows"
)

// What broadcasts and segments name is not lost without a word: each warning
// names who would miss it.
func TestOrphans(t *testing.T) {
	t.Parallel()
	sale := flows.Known{ID: "65f000000000000000000001", Name: "Sale", Flow: "shop", Module: true}
	winter := func(as string) []flows.Dependent {
		return []flows.Dependent{{What: `scheduled broadcast "Winter"`, Blocks: []flows.Naming{{ID: sale.ID, As: as}}}}
	}
	taipei := []flows.Dependent{{What: `segment "Taipei"`, Attributes: []string{"city"}}}
	city := []expression.Declaration{{Name: "city", Type: expression.Text}}
	module := func(name, more string) string {
		return `"modules": [{"name": "` + name + `"` + more + `, "steps": [{"type": "text", "text": "x"}]}]`
	}
	for name, c := range map[string]struct {
		document string
		catalog  flows.Catalog
		want     string // "" for no warning
	}{
		"the block stays":          {module("Sale", ""), flows.Catalog{Dependents: winter("sale")}, ""},
		"it is gone":               {module("Other", ""), flows.Catalog{Dependents: winter("sale")}, `/blocks: module "Sale" is gone, but the scheduled broadcast "Winter" names it, and would fail`},
		"it is renamed":            {module("Offer", `, "was": "Sale"`), flows.Catalog{Dependents: winter("sale")}, `/modules/0/name: "Sale" is now "Offer", but the scheduled broadcast "Winter" knows it as "sale", and would fail`},
		"renamed with an alias":    {module("Offer", `, "was": "Sale", "aliases": ["SALE"]`), flows.Catalog{Dependents: winter("sale")}, ""},
		"renamed, known by id":     {module("Offer", `, "was": "Sale"`), flows.Catalog{Dependents: winter(sale.ID)}, ""},
		"an attribute is gone":     {module("Sale", ""), flows.Catalog{Before: city, Dependents: taipei}, `/attributes: no flow declares attribute "city" any more, but the segment "Taipei" names it`},
		"it is declared elsewhere": {module("Sale", ""), flows.Catalog{Before: city, Attributes: city, Dependents: taipei}, ""},
		"it becomes a number":      {`"attributes": {"city": "number"}, ` + module("Sale", ""), flows.Catalog{Before: city, Dependents: taipei}, `/attributes/city: attribute "city" was text and is now number: look at the segment "Taipei", which names it`},
		"nobody asks for it":       {module("Sale", ""), flows.Catalog{Before: city, Dependents: winter("sale")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.catalog.Blocks = []flows.Known{sale}
			checked, problems := flows.Check([]byte(`{"format": 1, "flow": "Shop", `+c.document+`}`), "", c.catalog)
			if checked == nil {
				t.Errorf("it cannot be published: %+v", problems)
			}
			got := ""
			for _, p := range problems {
				if p.Code == flows.CodeOrphan {
					got += p.Path + ": " + p.Message
				}
			}
			if got != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestFilesTheBotDoesNotKeep(t *testing.T) {
	t.Parallel()
	kept, lost := strings.Repeat("a", 32), strings.Repeat("b", 32)
	document := []byte(`{"format": 1, "flow": "f", "blocks": [{"name": "b", "entry": {}, "steps": [
		{"type": "image", "url": "media:` + kept + `"}, {"type": "text", "text": "media:` + lost + ` is only a text"},
		{"type": "carousel", "cards": [{"title": "x", "image_url": "media:` + lost + `"}]}]}]}`)
	if got := flows.FilesNamed(document); !slices.Equal(got, []string{kept, lost}) {
		t.Errorf("it names %v", got)
	}
	checked, problems := flows.Check(document, "", flows.Catalog{Files: map[string]bool{kept: true}})
	if checked != nil || len(problems) != 1 || problems[0].Code != flows.CodeUnknownFile || problems[0].Path != "/blocks/0/steps/2/cards/0/image_url" ||
		!strings.Contains(problems[0].Message, lost) {
		t.Errorf("got %+v", problems)
	}
	if checked, problems = flows.Check(document, "", flows.Catalog{}); checked == nil {
		t.Errorf("by itself it is refused: %+v", problems)
	}
}

func TestAttributeUses(t *testing.T) {
	t.Parallel()
	document := []byte(`{"format": 1, "flow": "shop", "attributes": {"city": "text", "Số điện": "number"},
		"modules": [{"name": "thanks", "steps": [{"type": "text", "text": "See you in {{ city }}, {{ nope }}"}]}],
		"blocks": [
			{"name": "ask", "entry": {"needs": ["Số điện"]}, "steps": [{"type": "ask", "save_to": "city", "text": "?", "expect": "text"}]},
			{"name": "if", "steps": [{"type": "if", "when": "city == 'Hue'", "then": [{"type": "set", "set": {"city": "Huế"}}]}]},
			{"name": "quiet", "steps": [{"type": "text", "text": "city is a word"}]}]}`)
	for name, want := range map[string][]flows.Mention{
		"city":    {{"", "declares"}, {"ask", "sets"}, {"if", "reads"}, {"if", "sets"}, {"thanks", "reads"}},
		"Số điện": {{"", "declares"}, {"ask", "reads"}},
		"nope":    nil,
	} {
		got, err := flows.AttributeUses(document, name)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	if _, err := flows.AttributeUses([]byte("{"), "city"); err == nil {
		t.Error("a broken document has no error")
	}
}
