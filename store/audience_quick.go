package store

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/channels"
)

// quick is a comparison of an attribute with a constant as Postgres reads it in
// one look at the JSON, and not in three; ok is false where there is no such
// form. What is not set, or is of another kind, must compare as false: that
// leaves out the values that it reads as.
func (q *asked) quick(f *expression.Filter) (sql string, ok bool) {
	field, v, flipped := f.Left.Field, f.Right.Value, false
	if f.Left.Constant() {
		field, v, flipped = f.Right.Field, f.Left.Value, true
	}
	if !q.dialect.postgres || field.Kind != expression.AttributeField || v == nil || v == "" {
		return "", false
	}
	switch field.Type {
	case expression.Text, expression.Boolean:
		if f.Op != expression.Equal || v == field.Default {
			return "", false
		}
	case expression.Number:
		return q.quickNumber(f.Op, field, v, flipped)
	default:
		return "", false
	}
	return q.holds(field, v)
}

// holds is true where exactly this is kept of an attribute.
func (q *asked) holds(field expression.Field, v any) (string, bool) {
	if word, is := v.(string); is && q.joins != nil && onlyText(word) {
		return "COALESCE(" + q.value(field) + " = " + q.give(q.dialect.typed("text"), word) + ", false)", true
	}
	text, err := json.Marshal(map[string]any{field.Name: v})
	if word, is := v.(string); err != nil || is && word != channels.CleanText(word) || field.Name != channels.CleanText(field.Name) {
		return "", false
	}
	return q.give("(c.attributes @> CAST(CAST(? AS text) AS jsonb))", string(text)), true
}

// onlyText reports whether nothing but a text is shown as this: no number,
// truth, list or object, which JSON writes in another way. Of a million people
// what is shown is compared in half the time that what is kept takes.
func onlyText(word string) bool {
	return word == channels.CleanText(word) && word != "true" && word != "false" && !strings.ContainsRune("-0123456789[{", rune(word[0]))
}

// quickNumber compares by a JSON path, whose answer about what is no number is
// not known.
func (q *asked) quickNumber(op expression.FilterOp, field expression.Field, v any, flipped bool) (string, bool) {
	n, isNumber := v.(float64)
	unset, isSet := field.Default.(float64)
	if !isNumber || !isSet {
		return "", false
	}
	sign, unsetHolds := "==", unset == n
	switch {
	case op == expression.Less && flipped:
		sign, unsetHolds = ">", n < unset
	case op == expression.Less:
		sign, unsetHolds = "<", unset < n
	case op == expression.AtMost && flipped:
		sign, unsetHolds = ">=", n <= unset
	case op == expression.AtMost:
		sign, unsetHolds = "<=", unset <= n
	}
	name, err := json.Marshal(field.Name)
	if unsetHolds || err != nil || field.Name != channels.CleanText(field.Name) {
		return "", false
	}
	path := "strict $." + string(name) + " " + sign + " " + strconv.FormatFloat(n, 'g', -1, 64)
	return q.give("COALESCE(c.attributes @@ CAST(CAST(? AS text) AS jsonpath), false)", path), true
}
