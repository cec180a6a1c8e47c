package broadcast

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/engine"
)

// What a broadcast is called fits in one line, and a tag that it puts on people
// has a name.
func TestLabels(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		plan  engine.Plan
		field string
	}{
		"blank":                    {engine.Plan{Subject: " \t "}, "subject"},
		"two lines":                {engine.Plan{Subject: "Tet\nsale"}, "subject"},
		"a terminal's command":     {engine.Plan{Subject: "\x1b[2J"}, "subject"},
		"too long":                 {engine.Plan{Subject: strings.Repeat("冬", MaxSubject+1)}, "subject"},
		"a category of two lines":  {engine.Plan{Subject: "a", Category: "a\nb"}, "category"},
		"a category too long":      {engine.Plan{Subject: "a", Category: strings.Repeat("冬", MaxCategory+1)}, "category"},
		"a tag without a name":     {engine.Plan{Subject: "a", Tags: []string{"vip", " "}}, "tags[1]"},
		"a tag with a long name":   {engine.Plan{Subject: "a", Tags: []string{strings.Repeat("a", 201)}}, "tags[0]"},
		"more tags than are taken": {engine.Plan{Subject: "a", Tags: make([]string, maxTags+1)}, "tags"},
	} {
		var e *engine.Error
		if err := checkLabels(&c.plan); !errors.As(err, &e) || e.Field != c.field {
			t.Errorf("%s: got %v, want a mistake in %s", name, err, c.field)
		}
	}
	p := engine.Plan{Subject: "  " + strings.Repeat("冬", MaxSubject) + " ", Category: " news ", Tags: []string{" vip", "VIP", "ＶＩＰ", "new"}}
	if err := checkLabels(&p); err != nil || p.Subject != strings.Repeat("冬", MaxSubject) || p.Category != "news" || !slices.Equal(p.Tags, []string{"vip", "new"}) {
		t.Errorf("became %+v, %v", p, err)
	}
}
