package expression

import (
	"encoding/json"
	"fmt"
	"time"
)

// PeopleOptions is what expressions over people may name, and the moment they
// are about.
type PeopleOptions struct {
	Attributes []Declaration // of the bot
	// Broadcast finds the ids of the broadcasts a text in received("…") means, any
	// of which counts, the newest first; near are names like it when there are
	// none. nil: every text is an id.
	Broadcast func(name string) (ids, near []string)
	Fold      func(string) string // of tags; nil: they are compared as they are
	Now       time.Time
	Zone      *time.Location // the bot's; nil: UTC
	MonthDay  bool           // a text such as 12/30/2023 is read month first
}

// People is the scope of expressions over people. It is immutable.
type People struct {
	options PeopleOptions
	scope   *Scope
}

// NewPeople readies a scope. Of attributes that are named like a fact or a
// function the fact wins; attr["name"] reads the attribute.
func NewPeople(o PeopleOptions) *People {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Fold == nil {
		o.Fold = func(s string) string { return s }
	}
	if o.Broadcast == nil {
		o.Broadcast = func(name string) ([]string, []string) { return []string{name}, nil }
	}
	t := &table{index: map[string]int{}}
	for _, f := range peopleFacts {
		t.add(entry{Declaration: Declaration{Name: f.Name, Type: f.Type}, fact: true})
	}
	members := map[string]int{}
	for _, d := range o.Attributes {
		if kept, err := Convert(d.Type, d.Default, Locale{Zone: o.Zone}); err == nil {
			d.Default = kept
		} else {
			d.Default = nil
		}
		key := fold(d.Name)
		if _, taken := members[key]; taken || !d.Type.Declarable() {
			continue
		}
		members[key] = len(t.names)
		_, taken := t.index[key]
		if taken || isKeyword(key) || isSpace(key) || functionNamed(key) != nil || peopleFunctionNamed(key) != nil {
			t.names = append(t.names, entry{Declaration: d, folded: fold(d.Name)}) // only by attr["…"]
			continue
		}
		t.add(entry{Declaration: d})
	}
	return &People{options: o, scope: &Scope{table: t, people: members}}
}

// peopleFacts is the one table of what is known of everybody, in the order of
// documentation. Those marked as of an address may differ between the accounts
// of one person.
var peopleFacts = [...]Fact{
	{"first_name", Text, false, "Their first name."},
	{"last_name", Text, false, "Their family name."},
	{"name", Text, false, "Their name as they show it."},
	{"gender", Text, false, "Their gender, as the platform or they say it."},
	{"birthday", Date, false, "Their birthday."},
	{"birthday_month", Number, false, "The month of their birthday, 1 to 12; 0 when it is not known."},
	{"locale", Text, false, "Language and country, such as vi_VN."},
	{"language", Text, false, "Their language, such as vi or zh-TW."},
	{"time_zone", Text, false, "Their time zone, such as Asia/Taipei."},
	{"phone", Text, false, `Their phone number as +84912345678; has("phone") asks whether one is known.`},
	{"email", Text, false, "Their e-mail address."},
	{"external_id", Text, false, "Their id in your own system."},
	{"user_id", Text, false, "Their id here."},
	{"tags", List, false, `Their tags: "vip" in tags, len(tags) > 2. Case does not matter.`},
	{"do_not_contact", Boolean, false, "Whether somebody marked them as not to be contacted."},
	{"created_at", DateTime, false, "When they became known."},
	{"last_seen_at", DateTime, false, "When they last wrote or tapped, on any account; up to a minute late."},
	{"last_broadcast_at", DateTime, false, "When a platform last took a broadcast to them."},
	{"days_since_broadcast", Number, false, "How many full days ago that was; a million for whom there was none."},
	{"channel", Text, false, "Of an address: its platform, such as line."},
	{"account", Text, false, "Of an address: the name of its account, or its id where it has no name."},
	{"messenger_user_id", Text, false, "Of an address: the platform's id of them."},
	{"subscribed", Boolean, false, "Of an address: whether they agreed to broadcasts there and have not taken it back."},
	{"subscribed_at", DateTime, false, "Of an address: when they agreed to broadcasts there."},
	{"unsubscribed", Boolean, false, "Of an address: whether they said they want no broadcasts there."},
	{"unsubscribed_at", DateTime, false, "Of an address: when they said so."},
	{"blocked", Boolean, false, "Of an address: whether they have blocked the account or left it."},
	{"today", Date, false, "The date, in the bot's time zone."},
	{"now", DateTime, false, "The time at which the audience is asked."},
}

// NeverBroadcast is what days_since_broadcast is for whom there was none.
const NeverBroadcast = 1_000_000

// PeopleFacts returns what an expression over people may name of everybody.
func PeopleFacts() []Fact { return append([]Fact(nil), peopleFacts[:]...) }

// peopleFunctions are what only expressions over people may call.
var peopleFunctions = [...]function{
	asking("received", Boolean, "broadcast", "Whether a platform took this broadcast to them, by the broadcast's id or subject.", `received("Tet sale")`),
	asking("read", Boolean, "broadcast", "Whether they read it, where the platform tells.", `read("Tet sale")`),
	asking("clicked", Boolean, "broadcast", "Whether they tapped something in it.", `clicked("Tet sale")`),
	asking("replied", Boolean, "broadcast", "Whether they wrote back.", `replied("Tet sale")`),
	asking("tagged_at", DateTime, "tag", "When they were given the tag; nothing for whom they were not.", `tagged_at("vip") > now - duration("7d")`),
}

// PeopleFunctions returns the functions of expressions over people.
func PeopleFunctions() []Function {
	var out []Function
	for i := range peopleFunctions {
		f := &peopleFunctions[i]
		out = append(out, Function{f.Name, f.signature(), f.Doc, f.Example, ""})
	}
	return out
}

// asking makes the row of a function that asks something about one text.
func asking(name string, gives Type, about, doc, example string) function {
	return function{
		Function: Function{Name: name, Doc: doc, Example: example},
		params:   []parameter{{name: about, typ: Text}}, gives: gives, varies: true,
		run: func(e *Env, a []any) (any, error) {
			if e.values.ask == nil {
				return gives.zero(), nil // at check time
			}
			return e.values.ask(name, a[0].(string)), nil
		},
	}
}

func peopleFunctionNamed(name string) *function {
	for i := range peopleFunctions {
		if peopleFunctions[i].Name == name {
			return &peopleFunctions[i]
		}
	}
	return nil
}

// Person is one address of one person, as an expression sees them. Facts are
// by the names of PeopleFacts, without now, today and tags.
type Person struct {
	Facts      map[string]any
	Attributes map[string]any       // as kept
	Tags       map[string]time.Time // when they were given, by folded name
	Outcomes   map[string][]string  // ids of broadcasts, by received, read, clicked and replied
}

// values is what an evaluation reads of a person. Attributes that are not kept
// as their declaration says are left out: a database does not convert them.
func (p *People) values(who *Person) Values {
	facts := make(map[string]any, len(who.Facts)+1)
	for name, v := range who.Facts {
		facts[name] = v
	}
	tags := make([]any, 0, len(who.Tags))
	for name := range who.Tags {
		tags = append(tags, name)
	}
	facts["tags"] = tags
	attributes := make(map[string]any, len(who.Attributes))
	for name, v := range who.Attributes {
		if i, ok := p.scope.people[fold(name)]; ok && keptAs(p.scope.table.names[i].Type, v) || !ok && keptAs(Text, v) {
			attributes[name] = v
		}
	}
	return Values{Facts: facts, Attributes: attributes, Now: p.options.Now, Zone: p.options.Zone, MonthDay: p.options.MonthDay,
		ask: func(question, about string) any { return p.answer(who, question, about) }}
}

func (p *People) answer(who *Person, question, about string) any {
	if question == "tagged_at" {
		if at, ok := who.Tags[p.options.Fold(about)]; ok {
			return at.In(p.options.Zone)
		}
		return nil
	}
	ids, _ := p.options.Broadcast(about)
	for _, id := range ids {
		for _, had := range who.Outcomes[question] {
			if id == had {
				return true
			}
		}
	}
	return false
}

// keptAs reports whether a value is of a type's kept form.
func keptAs(t Type, v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case string:
		switch t {
		case Text, JSON:
			return true
		case Date:
			at, err := time.Parse(time.DateOnly, v)
			return err == nil && at.Format(time.DateOnly) == v
		case DateTime:
			at, err := time.Parse(time.RFC3339, v)
			return err == nil && keepInstant(at) == v
		}
		return false
	case bool:
		return t == Boolean || t == JSON
	case float64, json.Number, int, int64:
		return t == Number || t == JSON
	case []any:
		return t == List || t == JSON
	}
	return t == JSON
}

// unreadable is a problem for what no database can be asked.
func (c *compiler) unreadable(at int, hint, format string, args ...any) {
	c.problem(CodeAudience, at, hint, "%s", fmt.Sprintf(format, args...))
}
