package script

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine/simulate"
)

func (j *judging) attributes(n *node) {
	for _, m := range n.members {
		got, kind, err := j.kept(m.key)
		if err != "" {
			j.fail(m.value, "attribute "+m.key, shown(m.value.plain()), err)
			continue
		}
		want := m.value.plain()
		if text, ok := want.(string); ok && strings.Contains(text, "*") {
			if s, isString := got.(string); !isString || !simulate.Like(text, s) {
				j.fail(m.value, "attribute "+m.key, shown(want), shown(got))
			}
			continue
		}
		kept, wrong := expression.Convert(kind, want, expression.Locale{Zone: j.play.Zone()})
		if wrong != nil {
			j.fail(m.value, "attribute "+m.key, shown(want), fmt.Sprintf("what is expected %s", wrong))
			continue
		}
		if !sameJSON(kept, got) {
			j.fail(m.value, "attribute "+m.key, shown(kept), shown(got))
		}
	}
}

// kept is the value of an attribute or fact, and its type.
func (j *judging) kept(name string) (value any, kind expression.Type, problem string) {
	c := j.play.Contact()
	if f, ok := expression.FactNamed(name); ok {
		v, known := simulate.Facts(c)[f.Name]
		if !known {
			return nil, f.Type, "is not kept of a person and cannot be expected"
		}
		if v == "" {
			return nil, f.Type, ""
		}
		return v, f.Type, ""
	}
	inner, quoted := strings.CutPrefix(name, `attr["`)
	if quoted {
		name = strings.TrimSuffix(inner, `"]`)
	}
	d, declared := j.play.Declared()[name]
	if v, ok := c.Attributes[name]; ok || declared || quoted {
		if !declared {
			d.Type = expression.Text
		}
		return v, d.Type, ""
	}
	return nil, "", "no flow declares this attribute"
}

func (j *judging) tags(n *node) {
	want, got := wordsOf(n), slices.Clone(j.play.Contact().Tags)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		j.fail(n, "tags", shownList(want), shownList(got))
	}
}

func (j *judging) subscribed(n *node) {
	if got := !j.play.Identity().SubscribedAt.IsZero(); got != n.value {
		j.fail(n, "subscribed", shown(n.value), shown(got))
	}
}

func (j *judging) handedOver(n *node) {
	if got := j.play.Identity().HandedOver(j.play.Now()); got != n.value {
		j.fail(n, "handed_over", shown(n.value), shown(got))
	}
}

// sameJSON compares values as JSON does: 1 and 1.0 are the same number.
func sameJSON(a, b any) bool {
	plain := func(v any) any {
		text, err := json.Marshal(v)
		if err != nil {
			return v
		}
		var out any
		if json.Unmarshal(text, &out) != nil {
			return v
		}
		return out
	}
	return fmt.Sprintf("%#v", plain(a)) == fmt.Sprintf("%#v", plain(b))
}

// shown is a value as JSON, with people's letters as they are.
func shown(v any) string {
	if v == nil {
		return "nothing"
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSpace(b.String())
}
