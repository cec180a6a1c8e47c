package outbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/phone"
)

// attributes is what a caller brought, read and typed.
type attributes struct {
	deltas   engine.Deltas
	values   map[string]any // the send's own, by name
	warnings []string
}

// readAttributes turns what a caller brought into deltas of the contact and
// the send's own values. A value that cannot be what its attribute is declared
// to be is refused with the attribute's name; nothing is saved then.
func (o *Outbox) readAttributes(bot *engine.Bot, declared map[string]engine.Attribute, given map[string]any) (attributes, error) {
	a := attributes{values: make(map[string]any, len(given))}
	locale := o.localeOf(bot)
	names := make([]string, 0, len(given))
	for name := range given {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, raw := range names {
		name := strings.TrimSpace(raw)
		if ignored(name) || name == "" {
			continue
		}
		if err := o.readAttribute(bot, declared, locale, name, given[raw], &a); err != nil {
			return attributes{}, err
		}
	}
	return a, nil
}

func (o *Outbox) readAttribute(bot *engine.Bot, declared map[string]engine.Attribute, l expression.Locale, name string, value any, a *attributes) error {
	if f, ok := expression.FactNamed(strings.ReplaceAll(name, " ", "_")); ok {
		return readFact(bot, f, l, value, a)
	}
	kind := expression.Text
	d, known := declared[name]
	switch {
	case known:
		kind = expression.Type(d.Type)
	case !o.newNames.allow(bot.ID, name):
		a.warnings = append(a.warnings, fmt.Sprintf("attribute %q is not declared and was ignored: more than %d new names this hour", name, newNamesPerHour))
		return nil
	}
	v, err := expression.Convert(kind, plain(kind, value), l)
	if err != nil {
		return &engine.Error{Code: engine.Invalid, Field: name, Message: fmt.Sprintf("attribute %q: %s", name, err)}
	}
	if a.deltas.Set == nil {
		a.deltas.Set = map[string]any{}
	}
	a.deltas.Set[name] = v
	a.values[name] = v
	return nil
}

// readFact takes a fact about the person; those that only the platform knows
// cannot be written from outside.
func readFact(bot *engine.Bot, f expression.Fact, l expression.Locale, value any, a *attributes) error {
	if !f.Writable {
		return &engine.Error{Code: engine.Invalid, Field: f.Name,
			Message: fmt.Sprintf("%q is known by itself and cannot be set: use another attribute name", f.Name)}
	}
	v, err := expression.Convert(f.Type, value, l)
	if err != nil {
		return &engine.Error{Code: engine.Invalid, Field: f.Name, Message: fmt.Sprintf("attribute %q: %s", f.Name, err)}
	}
	if f.Name == "phone" {
		text := fmt.Sprint(v)
		e164, err := phone.Parse(text, bot.DefaultRegion)
		if err != nil {
			return &engine.Error{Code: engine.Invalid, Field: "phone", Message: fmt.Sprintf("phone %q: %s", text, err)}
		}
		a.deltas.Phones = append(a.deltas.Phones, engine.Phone{E164: e164, Raw: text, Source: engine.PhoneAPI})
		a.values["phone"] = e164
		return nil
	}
	if a.deltas.Facts == nil {
		a.deltas.Facts = map[string]any{}
	}
	a.deltas.Facts[f.Name] = v
	a.values[f.Name] = v
	return nil
}

// plain keeps undeclared structures readable: as the JSON they came in.
func plain(kind expression.Type, value any) any {
	if kind != expression.Text {
		return value
	}
	switch value.(type) {
	case map[string]any, []any:
		if text, err := json.Marshal(value); err == nil {
			return string(text)
		}
	}
	return value
}

// localeOf is how a bot's callers write dates. Zones are kept: loading one
// reads a file.
func (o *Outbox) localeOf(bot *engine.Bot) expression.Locale {
	if z, ok := o.zones.Load(bot.TimeZone); ok {
		return expression.Locale{Zone: z.(*time.Location), MonthDay: bot.Settings.MonthDay}
	}
	zone, err := time.LoadLocation(bot.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	o.zones.Store(bot.TimeZone, zone)
	return expression.Locale{Zone: zone, MonthDay: bot.Settings.MonthDay}
}
