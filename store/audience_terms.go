package store

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
)

// audienceDialect writes what the databases write differently.
type audienceDialect struct{ postgres bool }

// typed makes a placeholder one of a type, which only Postgres needs.
func (a audienceDialect) typed(kind string) string {
	if a.postgres {
		return "CAST(? AS " + kind + ")"
	}
	return "?"
}

// isDate and isInstant hold for texts in the kept form of a date and of a date
// and time.
func (a audienceDialect) isDate(x string) string {
	if a.postgres {
		return x + ` ~ '^\d{4}-\d{2}-\d{2}$'`
	}
	return x + ` GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'`
}

func (a audienceDialect) isInstant(x string) string {
	if a.postgres {
		return x + ` ~ '^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+){0,1}Z$'`
	}
	return x + ` GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]*Z'`
}

// keptInstants is how a date and time attribute is compared: as kept, without
// the Z, so that a fraction sorts after none.
const keptInstants = "2006-01-02T15:04:05.999999"

// term is one side of a comparison with a field of beside's kind.
func (q *asked) term(t expression.Term, beside expression.Field) string {
	if t.Constant() {
		return q.constant(t.Value, beside)
	}
	f := t.Field
	switch f.Kind {
	case expression.TaggedAtField:
		if tag, ok := q.tag(f.Name); ok {
			return tag + ".tagged_at"
		}
		return q.give(`(SELECT ct.tagged_at FROM contact_tags ct WHERE ct.contact_id = c.id AND `+ofTag+`)`, q.botID, f.Name)
	case expression.FactField:
		return q.fact(f)
	}
	kept := q.attribute(f)
	if f.Default == nil {
		return kept
	}
	return "COALESCE(" + kept + ", " + q.constant(f.Default, f) + ")"
}

func (q *asked) constant(v any, beside expression.Field) string {
	switch v := v.(type) {
	case string:
		if beside.Type == expression.DateTime { // a default, in kept form
			return q.give(q.dialect.typed("text"), strings.TrimSuffix(v, "Z"))
		}
		return q.give(q.dialect.typed("text"), v)
	case bool:
		return q.give(q.dialect.typed("boolean"), v)
	case float64:
		if q.dialect.postgres { // as it is written: exactly what is kept
			return q.give("CAST(CAST(? AS text) AS numeric)", strconv.FormatFloat(v, 'g', -1, 64))
		}
		return q.give("?", v)
	case time.Time:
		if beside.Kind == expression.AttributeField {
			return q.give(q.dialect.typed("text"), v.UTC().Format(keptInstants))
		}
		return q.give(q.dialect.typed("timestamptz"), v)
	}
	return q.wrong("a constant %T", v)
}

// facts of one column, which is a text.
var factTexts = map[string]string{
	"first_name": "c.first_name", "last_name": "c.last_name", "gender": "c.gender", "locale": "c.locale", "language": "c.language",
	"time_zone": "c.time_zone", "email": "c.email", "external_id": "c.external_id", "messenger_user_id": "i.external_id",
	"name":    "CASE WHEN c.name <> '' THEN c.name ELSE trim(c.first_name || ' ' || c.last_name) END",
	"user_id": "CAST(c.id AS text)", "channel": "a.channel", "account": "CASE WHEN a.name <> '' THEN a.name ELSE a.id END",
	"phone": `COALESCE((SELECT p.phone FROM contact_phones p WHERE p.contact_id = c.id ORDER BY ` + phoneOrder + ` LIMIT 1), '')`,
}

// phoneOrder has the number that is believed most first.
var phoneOrder = phoneRank("p.source") + ` DESC, p.added_at DESC, p.phone`

// facts that are moments; NULL where they are not known.
var factMoments = map[string]string{
	"created_at": "c.created_at", "last_seen_at": "c.last_seen_at",
	"subscribed_at": "i.subscribed_at", "unsubscribed_at": "i.unsubscribed_at",
	"last_broadcast_at": lastBroadcast,
}

const lastBroadcast = `(SELECT MAX(d.sent_at) FROM deliveries d WHERE d.contact_id = c.id AND d.run_id <> '' AND d.status IN ('sent', 'delivered', 'read'))`

// facts that are true or false.
var factTruths = map[string]string{
	"do_not_contact": "c.do_not_contact",
	"subscribed":     "(i.subscribed_at IS NOT NULL AND i.unsubscribed_at IS NULL)",
	"unsubscribed":   "(i.unsubscribed_at IS NOT NULL)",
	"blocked":        "(i.blocked_at IS NOT NULL)",
}

func (q *asked) fact(f expression.Field) string {
	for _, columns := range [...]map[string]string{factTexts, factMoments, factTruths} {
		if sql, ok := columns[f.Name]; ok {
			return sql
		}
	}
	switch f.Name {
	case "birthday":
		return "CASE WHEN " + q.dialect.isDate("c.birthday") + " THEN c.birthday END"
	case "birthday_month":
		return "CASE WHEN " + q.dialect.isDate("c.birthday") + " THEN CAST(substr(c.birthday, 6, 2) AS integer) ELSE 0 END"
	case "tags":
		return "(SELECT COUNT(*) FROM contact_tags ct WHERE ct.contact_id = c.id)"
	case "days_since_broadcast":
		return q.daysSince()
	}
	return q.wrong("the fact %q", f.Name)
}

// daysSince counts full days between whole seconds.
func (q *asked) daysSince() string {
	never := strconv.Itoa(expression.NeverBroadcast)
	if q.dialect.postgres {
		return q.give(`COALESCE(floor((? - floor(extract(epoch FROM `+lastBroadcast+`))) / 86400), `+never+`)`, q.now.Unix())
	}
	return q.give(`COALESCE((? - unixepoch(`+lastBroadcast+`)) / 86400, `+never+`)`, q.now.Unix())
}

// attribute is what is kept under a name, NULL where nothing of the type is.
func (q *asked) attribute(f expression.Field) string {
	if f.Type == expression.Text {
		return "CASE WHEN " + q.kind(f) + " = " + q.kindName("string", "text") + " AND " + q.value(f) + " <> '' THEN " + q.value(f) + " END"
	}
	switch f.Type {
	case expression.Number:
		if q.dialect.postgres {
			return "CASE WHEN " + q.kind(f) + " = 'number' THEN CAST(" + q.value(f) + " AS numeric) END"
		}
		return "CASE WHEN " + q.kind(f) + " IN ('integer', 'real') THEN " + q.value(f) + " END"
	case expression.Boolean:
		if q.dialect.postgres {
			return "CASE WHEN " + q.kind(f) + " = 'boolean' THEN CAST(" + q.value(f) + " AS boolean) END"
		}
		return "CASE " + q.kind(f) + " WHEN 'true' THEN true WHEN 'false' THEN false END"
	case expression.Date:
		return "CASE WHEN " + q.kind(f) + " = " + q.kindName("string", "text") + " THEN CASE WHEN " + q.dialect.isDate(q.value(f)) + " THEN " + q.value(f) + " END END"
	case expression.DateTime:
		return "CASE WHEN " + q.kind(f) + " = " + q.kindName("string", "text") + " THEN CASE WHEN " + q.dialect.isInstant(q.value(f)) + " THEN rtrim(" + q.value(f) + ", 'Z') END END"
	}
	return q.wrong("an attribute of type %q", f.Type)
}

func (q *asked) kindName(postgres, sqlite string) string {
	if q.dialect.postgres {
		return "'" + postgres + "'"
	}
	return "'" + sqlite + "'"
}

// kind, value and raw are an attribute's JSON type, its value as SQL has it, and
// its JSON. A name that no path can say is looked for.
func (q *asked) kind(f expression.Field) string {
	switch path, plain := jsonPath(f.Name); {
	case q.dialect.postgres:
		return q.give("jsonb_typeof(c.attributes -> CAST(? AS text))", f.Name)
	case plain:
		return q.give("json_type(c.attributes, ?)", path)
	}
	return q.give("(SELECT type FROM json_each(c.attributes) WHERE key = ?)", f.Name)
}

func (q *asked) value(f expression.Field) string {
	switch path, plain := jsonPath(f.Name); {
	case q.dialect.postgres:
		return q.give("(c.attributes ->> CAST(? AS text))", f.Name)
	case plain:
		return q.give("(c.attributes ->> ?)", path)
	}
	return q.give("(SELECT value FROM json_each(c.attributes) WHERE key = ?)", f.Name)
}

func (q *asked) raw(f expression.Field) string {
	switch path, plain := jsonPath(f.Name); {
	case q.dialect.postgres:
		return q.give("(c.attributes -> CAST(? AS text))", f.Name)
	case plain:
		return q.give("(c.attributes -> ?)", path)
	}
	return q.give("(SELECT CASE type WHEN 'text' THEN json_quote(value) WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE COALESCE(value, 'null') END FROM json_each(c.attributes) WHERE key = ?)", f.Name)
}

// jsonPath is the path of a key; plain is false for a key that has none.
func jsonPath(name string) (path string, plain bool) {
	return `$."` + name + `"`, !strings.ContainsAny(name, "\"\\")
}

// has holds where a field is set and not empty; its default does not count.
func (q *asked) has(f expression.Field) string {
	switch {
	case f.Kind == expression.AttributeField && (f.Type == expression.JSON || f.Type == expression.List):
		return q.kept(f, `'null'`, `'""'`, `'[]'`, `'{}'`)
	case f.Kind == expression.AttributeField:
		return "((" + q.attribute(f) + ") IS NOT NULL)"
	case f.Name == "tags" && f.Type == expression.List:
		return "EXISTS (SELECT 1 FROM contact_tags ct WHERE ct.contact_id = c.id)"
	case f.Type == expression.Number:
		return "true" // counted of everybody
	case f.Name == "phone":
		return "EXISTS (SELECT 1 FROM contact_phones p WHERE p.contact_id = c.id)"
	case f.Type == expression.Text:
		return "(" + q.fact(f) + " <> '')"
	case f.Type == expression.Boolean:
		return q.fact(f)
	}
	return "((" + q.term(expression.Term{Field: f}, f) + ") IS NOT NULL)"
}

// kept holds where an attribute's JSON is there and none of some.
func (q *asked) kept(f expression.Field, none ...string) string {
	if q.dialect.postgres {
		for i := range none {
			none[i] += "::jsonb"
		}
	}
	sql := q.raw(f) + " NOT IN (" + strings.Join(none, ", ") + ")"
	if f.Type == expression.List {
		sql += " AND " + q.kind(f) + " = 'array'"
	}
	return "COALESCE(" + sql + ", false)"
}

// includes holds where a list attribute has an item that equals v.
func (q *asked) includes(f expression.Field, v any) string {
	blank := v == "" || v == 0.0 || v == false
	set := q.has(f)
	has := q.item(f, v)
	if blank { // null reads as the empty value
		has = "(" + has + " OR " + q.item(f, nil) + ")"
	}
	byDefault := "false"
	if list, ok := f.Default.([]any); ok {
		for _, item := range list {
			if item == v || item == nil && blank {
				byDefault = "true"
			}
		}
	}
	return "(CASE WHEN " + set + " THEN " + has + " ELSE " + byDefault + " END)"
}

// item holds where a list has exactly this item.
func (q *asked) item(f expression.Field, v any) string {
	if q.dialect.postgres {
		text, _ := json.Marshal([]any{v}) // a text, a number, a boolean or nothing
		return "(" + q.raw(f) + " @> " + q.give("CAST(CAST(? AS text) AS jsonb)", string(text)) + ")"
	}
	each := "EXISTS (SELECT 1 FROM json_each(" + q.raw(f) + ") WHERE "
	switch v := v.(type) {
	case string:
		return each + q.give("type = 'text' AND value = ?)", v)
	case bool:
		return each + q.give("type = ?)", strconv.FormatBool(v))
	case float64:
		return each + q.give("type IN ('integer', 'real') AND value = ?)", v)
	}
	return each + "type = 'null')"
}

// blank holds where a field reads as what is missing does.
func (q *asked) blank(f expression.Field) string {
	if f.Kind == expression.AttributeField {
		switch f.Type {
		case expression.JSON:
			return "(NOT " + q.kept(f, `'null'`, `'""'`, `'[]'`, `'{}'`, `'0'`, `'false'`) + ")"
		case expression.Number:
			return "(COALESCE(" + q.attribute(f) + ", 0) = 0)"
		case expression.Boolean:
			return "(NOT COALESCE(" + q.attribute(f) + ", false))"
		}
	} else if f.Type == expression.Number {
		return "(" + q.fact(f) + " = 0)"
	}
	return "(NOT " + q.has(f) + ")"
}
