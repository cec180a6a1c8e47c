package omnichat

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/compat/lenient"
)

// The calls about contacts are strict about types where the others take what can
// be read: the vendor has MISMATCH_TYPE for them alone, and its document says of
// a number that it is not to be a text.

// facts reads what is known of everybody into a change.
func (w *wrong) facts(given lenient.Params, into map[string]any) {
	for _, f := range []struct{ field, fact string }{{"name", "name"}, {"email", "email"}, {"phone", "phone"}, {"memberId", "external_id"}, {"note", noteAttribute}} {
		switch value := given[f.field].(type) {
		case nil:
		case string:
			if into[f.fact] = given.Text(f.field); into[f.fact] != "" {
				continue
			}
			if into[f.fact] = nil; f.fact != noteAttribute {
				w.add("%s must not be empty: leave it out, and it stays as it is", f.field)
			}
		default:
			w.mistyped("%s must be a text, not %s", f.field, shown(value))
		}
	}
}

// tags is a list of tags, nil when it is not there.
func (w *wrong) tags(given lenient.Params, field string) []string {
	list, _ := given[field].([]any)
	for i, v := range list {
		if _, number := v.(json.Number); number {
			w.mistyped("%s[%d] must be a text", field, i)
		}
	}
	return w.list(given, field, maxTags)
}

// declared holds that custom attributes are of the types they are declared to
// be; nil takes a value away, and is none.
func (w *wrong) declared(values map[string]any, types map[string]engine.Attribute) {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if value := values[key]; value != nil {
			if must := mismatch(types[key].Type, value); must != "" {
				w.mistyped("customAttributes: the value of %q must be %s, not %s", cut(key), must, shown(value))
			}
		}
	}
}

// mismatch says what a value must be; "" when it is that. Lists and objects are
// types of ours, of which the vendor's callers have none.
func mismatch(kind string, value any) string {
	_, text := value.(string)
	_, number := value.(json.Number)
	_, is := value.(bool)
	switch {
	case kind == "number" && !number:
		return "a number"
	case kind == "boolean" && !is:
		return "true or false"
	case kind == "date" && !text:
		return "a text such as 2026-11-01"
	case kind == "datetime" && !text:
		return "a text such as 2026-11-01T14:16:00"
	case kind == "text" && !text:
		return "a text"
	case kind == "" && !text && !number && !is:
		return "a text, a number, or true or false"
	}
	return ""
}

// shown is a value as a mistake says it back: the text "true" is not true.
func shown(value any) string {
	if s, ok := value.(string); ok {
		return "the text " + strconv.Quote(cut(s))
	}
	return cut(lenient.Text(value))
}

// ofValue gives a text that is no phone, date or time the vendor's code.
func ofValue(err error, types map[string]engine.Attribute) error {
	var e *engine.Error
	if !errors.As(err, &e) || e.Code != engine.Invalid {
		return err
	}
	switch kind := types[e.Field].Type; {
	case e.Field == "phone", kind == "date", kind == "datetime":
		return refuse(fiber.StatusBadRequest, codeFormat, "%s", lenient.Sentence(e))
	}
	return err
}

// spanned reads the numbers of a search, which must be numbers wherever they
// are given.
func spanned(given lenient.Params) error {
	for _, name := range []string{"updatedAfter", "updatedBefore"} {
		text := given.Text(name)
		if _, err := strconv.ParseInt(text, 10, 64); text != "" && err != nil {
			return refuse(fiber.StatusBadRequest, codeMismatch, "%s must be a whole number of milliseconds, not %q", name, cut(text))
		}
	}
	_, err := placeOf(given)
	return err
}
