package expression

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Row is a condition as a form has it: a field, an operator and a value; or a
// group of rows of which all, or any, must hold.
type Row struct {
	Field    string `json:"field,omitempty" doc:"A name of …/audience/fields, an attribute, or received, read, clicked, replied."`
	Operator string `json:"operator,omitempty" doc:"Such as is, is_not, less, more, contains, one_of, known, within_last."`
	Value    any    `json:"value,omitempty" doc:"A text, a number, true or false, or a list of them; of within_last a duration such as 30d."`
	All      []Row  `json:"all,omitempty"`
	Any      []Row  `json:"any,omitempty"`
}

// Limits of rows.
const (
	maxRows     = 200
	maxRowDepth = 5
)

// rowOperators are the operators of rows, as texts with the field and the
// value in their places.
var rowOperators = map[string]string{
	"is": "%s == %s", "is_not": "%s != %s", "less": "%s < %s", "at_most": "%s <= %s", "more": "%s > %s", "at_least": "%s >= %s",
	"before": "%s < %s", "after": "%s > %s",
	"contains": "%s contains %s", "not_contains": "not (%s contains %s)", "starts_with": "%s startsWith %s", "ends_with": "%s endsWith %s",
	"one_of": "%s in %s", "none_of": "not (%s in %s)",
	"within_last": "%s > now - duration(%s)", "not_within_last": "not (%s > now - duration(%s))",
}

// RowOperators returns the operators that rows may have, sorted.
func RowOperators() []string {
	out := []string{"known", "unknown"}
	for name := range rowOperators {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// RowError says which row is wrong: all[0].any[2].operator.
type RowError struct{ Place, Message string }

// Error is the place and what is wrong there.
func (e *RowError) Error() string { return e.Place + ": " + e.Message }

// Text writes rows as an expression over people. What it says may still be
// refused by Question, such as a value of the wrong type.
func (p *People) Text(r Row) (string, error) {
	n := 0
	return p.row(r, "", 0, &n)
}

func (p *People) row(r Row, place string, depth int, n *int) (string, error) {
	wrong := func(part, format string, args ...any) (string, error) {
		return "", &RowError{strings.Trim(place+"."+part, "."), fmt.Sprintf(format, args...)}
	}
	if *n++; *n > maxRows || depth > maxRowDepth {
		return wrong("", "there are more than %d rows, or groups more than %d deep", maxRows, maxRowDepth)
	}
	switch {
	case len(r.All) > 0 && len(r.Any) > 0, (len(r.All) > 0 || len(r.Any) > 0) && r.Field+r.Operator != "":
		return wrong("", "a row is a field with an operator, or all, or any: one of them")
	case len(r.All) > 0:
		return p.group(r.All, " and ", strings.Trim(place+".all", "."), depth, n)
	case len(r.Any) > 0:
		return p.group(r.Any, " or ", strings.Trim(place+".any", "."), depth, n)
	case r.Field == "":
		return wrong("field", "a row needs a field")
	}
	if f := peopleFunctionNamed(r.Field); f != nil && f.gives == Boolean {
		return p.outcomeRow(r, wrong)
	}
	field := p.named(r.Field)
	value, err := literal(r.Value)
	if err != nil {
		return wrong("value", "%v", err)
	}
	switch form, ok := rowOperators[r.Operator]; {
	case r.Operator == "known":
		return "has(" + field + ")", nil
	case r.Operator == "unknown":
		return "not has(" + field + ")", nil
	case !ok:
		return wrong("operator", "there is no operator %s; there are: %s", quote(r.Operator), strings.Join(RowOperators(), ", "))
	case r.Value == nil:
		return wrong("value", "%s needs a value", r.Operator)
	default:
		return fmt.Sprintf(form, field, value), nil
	}
}

// outcomeRow is received is "Tet sale".
func (p *People) outcomeRow(r Row, wrong func(part, format string, args ...any) (string, error)) (string, error) {
	name, ok := r.Value.(string)
	if !ok || name == "" {
		return wrong("value", "%s needs a broadcast's id or subject", r.Field)
	}
	call := r.Field + "(" + string(appendQuoted(nil, name)) + ")"
	switch r.Operator {
	case "is":
		return call, nil
	case "is_not":
		return "not " + call, nil
	}
	return wrong("operator", "%s takes is or is_not", r.Field)
}

func (p *People) group(rows []Row, glue, place string, depth int, n *int) (string, error) {
	parts := make([]string, len(rows))
	for i, r := range rows {
		text, err := p.row(r, fmt.Sprintf("%s[%d]", place, i), depth+1, n)
		if err != nil {
			return "", err
		}
		if len(r.All) > 1 || len(r.Any) > 1 {
			text = "(" + text + ")"
		}
		parts[i] = text
	}
	return strings.Join(parts, glue), nil
}

// Written is an attribute as an expression has to name it: by itself where that
// means the attribute, else as attr["…"].
func (p *People) Written(attribute string) string {
	if i, ok := p.scope.table.slot(attribute); ok && p.scope.table.names[i].fact {
		return "attr[" + string(appendQuoted(nil, attribute)) + "]"
	}
	return p.named(attribute)
}

// named is a field, a fact or an attribute, as an expression names it.
func (p *People) named(field string) string {
	key := fold(field)
	if _, ok := p.scope.table.slot(key); ok && wordLen(key) == len(key) && isWordStart(key) {
		return key
	}
	return "attr[" + string(appendQuoted(nil, field)) + "]"
}

// literal writes a value of a row.
func literal(v any) (string, error) {
	switch v := plain(v).(type) {
	case nil:
		return "", nil
	case string:
		return string(appendQuoted(nil, v)), nil
	case bool:
		return strconv.FormatBool(v), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			text, err := literal(v[i])
			if err != nil || text == "" {
				return "", fmt.Errorf("a list holds texts, numbers, true and false")
			}
			parts[i] = text
		}
		return "[" + strings.Join(parts, ", ") + "]", nil
	}
	return "", fmt.Errorf("a value is a text, a number, true or false, or a list of them")
}
