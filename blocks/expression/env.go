package expression

import (
	"math/rand/v2"
	"time"
)

// Values is what a turn knows, by name. Missing names read as their defaults.
// The maps are read when a text is evaluated and never written; Bot, Answer and
// Send may be changed by their owner between evaluations.
type Values struct {
	Facts      map[string]any        // first_name, phone, tags, today …
	Fact       func(name string) any // finds a fact that Facts does not hold; nil: there are no more
	Attributes map[string]any        // as kept: JSON values of the declared types
	Bot        map[string]any
	Answer     map[string]any
	Send       map[string]any
	Secret     func(name string) (string, bool)
	Now        time.Time
	Zone       *time.Location // nil: UTC
	MonthDay   bool           // a text such as 12/30/2023 is read month first
	Seed       uint64         // pick and random repeat for the same seed

	ask func(question, about string) any // of a scope over people
}

// Env is the values of one turn, ready to evaluate against. It is not safe for
// concurrent use. Set changes an attribute or fact for what is evaluated
// afterwards. Texts of another document's scope may be evaluated against it
// too: they find their values by name.
type Env struct {
	values  Values
	now     time.Time
	changed map[string]any // by folded name, what Set was given
	table   *table         // whose names the slots are
	slots   []slot
	random  *rand.Rand

	// either reads a date both ways: a check does not know the bot's order.
	either bool

	// The running evaluation.
	steps     int
	limit     int // of steps
	locals    map[string]any
	item      any // what a condition over a list is asked about
	position  int
	variables []any  // by let
	arguments []any  // of the calls being made, as a stack
	room      [4]any // the stack begins here: most calls need no more
	buffer    []byte
}

// slot is what a declared name reads as, once it has been read.
type slot struct {
	value any
	read  bool
	set   bool // neither unset nor empty
}

// Env readies values for the texts of this scope.
func (s *Scope) Env(v Values) *Env {
	if v.Zone == nil {
		v.Zone = time.UTC
	}
	e := &Env{values: v, now: v.Now.In(v.Zone)}
	e.use(s.table)
	return e
}

// Set makes a later evaluation see the value under the attribute's or fact's
// name; nil unsets it. The value is of kept form.
func (e *Env) Set(name string, value any) {
	if e.changed == nil {
		e.changed = map[string]any{}
	}
	name = fold(name)
	e.changed[name] = value
	if i, ok := e.table.index[name]; ok {
		e.slots[i] = slot{}
	}
}

// begin readies the Env for one evaluation of a text of the table's document.
func (e *Env) begin(t *table, locals map[string]any) {
	if e.table != t {
		e.use(t)
	}
	e.steps, e.limit = 0, MaxSteps
	e.locals = locals
	if e.arguments == nil {
		e.arguments = e.room[:]
	}
	e.arguments = e.arguments[:0]
}

func (e *Env) use(t *table) {
	e.table = t
	e.slots = make([]slot, len(t.names))
}

// slot returns what the name at the place reads as. The pointer is good until
// the next Set.
func (e *Env) slot(i int) *slot {
	s := &e.slots[i]
	if !s.read {
		e.read(s, &e.table.names[i])
	}
	return s
}

func (e *Env) read(s *slot, n *entry) {
	s.read = true
	if v := e.typed(n.Type, e.kept(n)); !isEmpty(v) {
		s.value, s.set = v, true
		return
	}
	if v := e.typed(n.Type, n.Default); v != nil {
		s.value = v
		return
	}
	s.value = n.Type.zero()
}

// kept finds what is kept under the name, nil when nothing is.
func (e *Env) kept(n *entry) any {
	if v, ok := e.changed[n.folded]; ok {
		return v
	}
	if !n.fact {
		return e.values.Attributes[n.Name]
	}
	if v, ok := e.values.Facts[n.Name]; ok {
		return v
	}
	switch n.Name {
	case "now":
		return e.now
	case "today":
		return dayOf(e.now)
	}
	if e.values.Fact != nil {
		return e.values.Fact(n.Name)
	}
	return nil
}

// attribute finds an attribute that this document does not declare.
func (e *Env) attribute(name string) any {
	if v, ok := e.changed[fold(name)]; ok {
		return plain(v)
	}
	return plain(loosely(e.values.Attributes, name))
}

// typed makes of a kept value what expressions compute with: nil when it is
// missing or cannot be of the type.
func (e *Env) typed(t Type, v any) any {
	v = plain(v)
	switch t {
	case JSON, Any:
		return v
	case Text:
		if _, ok := v.(string); ok {
			return v
		}
	case Number:
		if _, ok := v.(float64); ok {
			return v
		}
	case Boolean:
		if _, ok := v.(bool); ok {
			return v
		}
	case List:
		if _, ok := v.([]any); ok {
			return v
		}
	case Date:
		if d, ok := e.day(v); ok {
			return d
		}
	case DateTime:
		if at, ok := e.instant(v); ok {
			return at
		}
	}
	return e.converted(t, v)
}

// converted reads a value that was kept before its attribute was declared with
// this type.
func (e *Env) converted(t Type, v any) any {
	if isEmpty(v) {
		return nil
	}
	kept, err := Convert(t, v, Locale{Zone: e.values.Zone, MonthDay: e.values.MonthDay})
	if err != nil {
		return nil
	}
	switch t {
	case Date:
		if d, ok := e.day(kept); ok {
			return d
		}
	case DateTime:
		if at, ok := e.instant(kept); ok {
			return at
		}
	default:
		return plain(kept)
	}
	return nil
}

// day reads a kept date, or the day of an instant.
func (e *Env) day(v any) (day, bool) {
	switch v := v.(type) {
	case day:
		return v, true
	case time.Time:
		return dayOf(v.In(e.values.Zone)), true
	case string:
		at, err := time.ParseInLocation(time.DateOnly, v, e.values.Zone)
		return day{at}, err == nil
	}
	return day{}, false
}

// instant reads a kept datetime, or the beginning of a day.
func (e *Env) instant(v any) (time.Time, bool) {
	switch v := v.(type) {
	case time.Time:
		return v.In(e.values.Zone), true
	case day:
		return v.Time, true
	case string:
		at, err := time.Parse(time.RFC3339, v)
		return at.In(e.values.Zone), err == nil
	}
	return time.Time{}, false
}

// dice returns the turn's random numbers. They come in the same order for the
// same seed.
func (e *Env) dice() *rand.Rand {
	if e.random == nil {
		e.random = rand.New(rand.NewPCG(e.values.Seed, 0x9e3779b97f4a7c15))
	}
	return e.random
}
