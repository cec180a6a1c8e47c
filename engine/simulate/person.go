package simulate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/phone"
)

// What a person can be given beside facts and attributes.
const (
	keyTags       = "tags"
	keySubscribed = "subscribed"
)

// dress makes the person of a chat what is known of them.
func (p *Play) dress(known map[string]any) error {
	s := &p.chat.Situation
	rest := maps.Clone(known)
	if tags, ok := rest[keyTags]; ok {
		list, err := tagsOf(tags)
		if err != nil {
			return err
		}
		s.Contact.Tags = list
	}
	if v, ok := rest[keySubscribed]; ok {
		yes, err := expression.Convert(expression.Boolean, v, p.locale())
		if err != nil {
			return wrong(keySubscribed, "%q: %s", keySubscribed, err)
		}
		if yes == true {
			s.Identity.SubscribedAt = s.Identity.CreatedAt
		}
	}
	delete(rest, keyTags)
	delete(rest, keySubscribed)
	deltas, _, err := p.typed(rest)
	if err != nil {
		return err
	}
	for i := range deltas.Phones {
		deltas.Phones[i].Source = engine.PhonePlatform
	}
	engine.Merge(&deltas, s.Contact)
	if s.Contact.TimeZone != "" {
		if _, err := time.LoadLocation(s.Contact.TimeZone); err != nil {
			return wrong("time_zone", "%q is no time zone: write it as in Asia/Taipei", s.Contact.TimeZone)
		}
	}
	return nil
}

func tagsOf(v any) ([]string, error) {
	var list []string
	switch v := v.(type) {
	case string:
		for _, t := range strings.Split(v, ",") {
			list = append(list, strings.TrimSpace(t))
		}
	case []any:
		for _, t := range v {
			text, ok := t.(string)
			if !ok {
				return nil, wrong(keyTags, "tags are texts, not %v", t)
			}
			list = append(list, strings.TrimSpace(text))
		}
	default:
		return nil, wrong(keyTags, `tags are a list of texts, or one text with commas`)
	}
	list = slices.DeleteFunc(list, func(t string) bool { return t == "" })
	return list, nil
}

// typed converts what is given to what the flows declare, as the API does for
// what a call brings. A name that no flow declares is a mistake here: in a
// test it is a slip of the hand.
func (p *Play) typed(given map[string]any) (engine.Deltas, map[string]any, error) {
	d := engine.Deltas{Set: map[string]any{}, Facts: map[string]any{}}
	values := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if f, ok := expression.FactNamed(name); ok {
			if err := p.fact(f, given[name], &d, values); err != nil {
				return d, nil, err
			}
			continue
		}
		kept, kind, err := p.attribute(name)
		if err != nil {
			return d, nil, err
		}
		v, err := expression.Convert(kind, given[name], p.locale())
		if err != nil {
			return d, nil, wrong(name, "attribute %q: %s", name, err)
		}
		if v != nil {
			d.Set[kept], values[kept] = v, v
		}
	}
	return d, values, nil
}

// attribute is the name an attribute is kept under, and its type. What flows
// read as attr["any name"] needs no declaration and is given under that name.
func (p *Play) attribute(name string) (string, expression.Type, error) {
	if d, ok := p.declared[name]; ok {
		return name, d.Type, nil
	}
	for known, d := range p.declared {
		if blocks.Fold(strings.ReplaceAll(known, "_", " ")) == blocks.Fold(strings.ReplaceAll(name, "_", " ")) {
			return known, d.Type, nil
		}
	}
	if inner, ok := strings.CutPrefix(name, `attr["`); ok && strings.HasSuffix(inner, `"]`) {
		return strings.TrimSuffix(inner, `"]`), expression.Text, nil
	}
	names := slices.Collect(maps.Keys(p.declared))
	for _, f := range expression.Facts() {
		if f.Writable {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	e := wrong(name, "no flow declares the attribute %q", name)
	if e.Hint = blocks.DidYouMean(name, names); e.Hint == "" {
		e.Hint = fmt.Sprintf(`what a flow reads as attr["%[1]s"] or send.%[1]s without declaring it is given as attr["%[1]s"]`, name)
	}
	return "", "", e
}

func (p *Play) fact(f expression.Fact, value any, d *engine.Deltas, values map[string]any) error {
	if !f.Writable {
		return wrong(f.Name, "%q is known by itself and cannot be given", f.Name)
	}
	v, err := expression.Convert(f.Type, value, p.locale())
	if err != nil {
		return wrong(f.Name, "%q: %s", f.Name, err)
	}
	if v == nil {
		return nil
	}
	if f.Name != "phone" {
		d.Facts[f.Name], values[f.Name] = v, v
		return nil
	}
	text := fmt.Sprint(v)
	e164, err := phone.Parse(text, p.chat.Situation.Bot.DefaultRegion)
	if err != nil {
		return wrong("phone", "phone %q: %s", text, err)
	}
	d.Phones = append(d.Phones, engine.Phone{E164: e164, Raw: text, Source: engine.PhoneAPI})
	values["phone"] = e164
	return nil
}

// Facts are all facts that are kept of a person, "" those that are not known.
func Facts(c *engine.Contact) map[string]string {
	return map[string]string{
		"first_name": c.FirstName, "last_name": c.LastName, "name": c.Name, "gender": c.Gender, "birthday": c.Birthday,
		"locale": c.Locale, "language": c.Language, "time_zone": c.TimeZone, "profile_pic": c.ProfilePic,
		"phone": c.Phone(), "email": c.Email, "external_id": c.ExternalID,
	}
}

// missing are the attributes a caller should bring, did not, and that are not
// known of the person either.
func (p *Play) missing(needs []string, brought map[string]any) []string {
	var list []string
	for _, name := range needs {
		_, given := brought[name]
		_, kept := p.Contact().Attributes[name]
		if f, ok := expression.FactNamed(name); ok {
			value := Facts(p.Contact())[f.Name]
			_, given = brought[f.Name]
			kept = value != ""
		}
		if !given && !kept {
			list = append(list, name)
		}
	}
	return list
}

func (p *Play) locale() expression.Locale {
	return expression.Locale{Zone: p.Zone(), MonthDay: p.chat.Situation.Bot.Settings.MonthDay}
}

// wrong is a mistake of whoever plays.
func wrong(field, format string, args ...any) *engine.Error {
	return &engine.Error{Code: engine.Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}
