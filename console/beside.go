package console

import (
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/blockcast/blockcast/engine"
)

// mistake is what is wrong in a form, and beside which field that is said.
type mistake struct {
	At   string // the field's id, "" where the form has none for it
	Says string
}

// mistaken keeps what is wrong in a form: it is said beside the field.
func (f *form) mistaken(e *engine.Error) {
	f.Mistake = &mistake{At: f.place(e.Field), Says: sentence(e)}
}

// Wrong is the mistake in the field with an id, nil when it is in none or another.
func (f *form) Wrong(id string) *mistake {
	if f.Mistake == nil || f.Mistake.At != id {
		return nil
	}
	return f.Mistake
}

// Mark are the attributes of a field that say whether it holds the mistake.
// Where scripts are off, too, the browser goes there.
func (f *form) Mark(id string) template.HTMLAttr {
	if f.Wrong(id) == nil {
		return ""
	}
	return template.HTMLAttr(` aria-invalid="true" aria-describedby="` + template.HTMLEscapeString(id) + `-wrong" autofocus`)
}

// Within reports whether the mistake is in one of these fields; an id that ends
// in * means all that begin so.
func (f *form) Within(ids ...string) bool {
	return f.Mistake != nil && slices.ContainsFunc(ids, func(id string) bool {
		all, prefix := strings.CutSuffix(id, "*")
		return prefix && strings.HasPrefix(f.Mistake.At, all) || id == f.Mistake.At
	})
}

// Choose is a field to choose from what there is.
func (f *form) Choose(field, chosen string, from any) choice {
	return choice{field, chosen, from, f.Mark(field)}
}

// places are the ids of fields by what plans call them. A plan's field that is
// not here is looked for by what it is part of.
var places = map[string]string{
	"subject": "subject", "category": "category", "intent": "intent", "track": "track", "tags": "tags", "attributes": "attributes",
	"hold_out": "hold_out", "unsubscribe": "farewell", "frozen": "frozen", "tolerance": "tolerance", "fetch_now": "fetch_now",
	"audience.where": "where", "audience.segment": "segment", "audience.list": "list", "audience.first": "first", "audience.accounts": "prefer",
	"audience.exclude": "but", "audience.exclude.segment": "but_segment", "audience.exclude.list": "but_list",
	"content.block": "block", "content.template": "template_name", "content.template.language": "template_language", "content.template.body": "template_body",
	"variants": "v0n", "when": "at", "when.time_zone": "zone", "when.max_lateness": "max_lateness",
	"when.repeat": "repeat", "when.repeat.every_days": "repeat_days", "when.repeat.until": "repeat_until", "when.repeat.times": "repeat_times",
}

// indexed is a plan's field that is one of several.
var indexed = regexp.MustCompile(`^(content\.messages|variants)\[(\d+)\](.*)$`)

// place is the id of the form's field that a plan's field is written in.
func (f *form) place(field string) string {
	if m := indexed.FindStringSubmatch(field); m != nil {
		n, err := strconv.Atoi(m[2])
		switch {
		case err != nil:
			return ""
		case m[1] == "variants":
			return f.variantPlace(n, m[3])
		case f.Raw == "":
			return f.messagePlace(n, m[3])
		}
	}
	switch {
	case strings.HasPrefix(field, "content.messages"):
		if f.Raw != "" {
			return "raw"
		}
		return "m0t"
	case strings.HasPrefix(field, "content.template") && f.Template.Raw != "":
		return "template_raw"
	case field == "audience":
		return map[string]string{whoWhere: "where", whoSegment: "segment", whoList: "list"}[f.Who]
	}
	for field != "" {
		if id, known := places[field]; known {
			return id
		}
		field = field[:max(0, strings.LastIndexAny(field, ".["))]
	}
	return ""
}

// messagePlace is the field of the nth step that the form's messages become.
func (f *form) messagePlace(step int, rest string) string {
	for n, m := range f.Messages {
		if m.Image != "" {
			if step == 0 {
				return fmt.Sprintf("m%di", n)
			}
			step--
		}
		if m.Text != "" || m.Button != "" || m.URL != "" {
			if step == 0 {
				return fmt.Sprintf("m%d%s", n, ending(rest))
			}
			step--
		}
	}
	return "m0t"
}

// variantPlace is the field of the nth variant that is written.
func (f *form) variantPlace(nth int, rest string) string {
	for n, v := range f.Variants {
		if v.Empty() {
			continue
		}
		if nth > 0 {
			nth--
			continue
		}
		switch {
		case strings.HasPrefix(rest, ".name"):
			return fmt.Sprintf("v%dn", n)
		case strings.HasPrefix(rest, ".weight"):
			return fmt.Sprintf("v%dw", n)
		case v.Raw != "":
			return fmt.Sprintf("v%dr", n)
		case v.Block != "" || v.Message.Empty():
			return fmt.Sprintf("variant%d_block", n)
		case v.Message.Image != "" && strings.Contains(rest, "[0]"):
			return fmt.Sprintf("v%di", n)
		}
		return fmt.Sprintf("v%d%s", n, ending(rest))
	}
	return "v0n"
}

// ending is the end of the id of a message's field.
func ending(rest string) string {
	switch {
	case strings.Contains(rest, ".url"):
		return "u"
	case strings.Contains(rest, ".buttons"):
		return "b"
	}
	return "t"
}
