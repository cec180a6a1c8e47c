package expression

import (
	"maps"
	"slices"
)

// Filter is what an expression asks of people, as a tree that a database can
// be asked as well as a program. It is immutable. Every node is true or false
// of everybody: what is missing has been given the value that expressions read
// it as, so that Not never meets an unknown.
type Filter struct {
	Op    FilterOp
	Args  []Filter // of And, Or and Not
	List  string   // of InList: the list's id
	Left  Term     // of what compares; of Has and Blank the only one
	Right Term
	Among []any    // of OneOf: texts or numbers
	Name  string   // of Tagged: the folded tag; of Outcome: received, read, clicked or replied
	IDs   []string // of Outcome: the broadcasts'
}

// FilterOp says what a node of a Filter asks.
type FilterOp string

// Nodes of a filter. A moment that is not set is neither before, after nor
// equal to anything.
const (
	Everyone   FilterOp = "everyone"
	And        FilterOp = "and"
	Or         FilterOp = "or"
	Not        FilterOp = "not"
	InList     FilterOp = "in_list" // the person was named in a list
	Equal      FilterOp = "equal"
	Less       FilterOp = "less"    // Left < Right
	AtMost     FilterOp = "at_most" // Left <= Right
	Contains   FilterOp = "contains"
	StartsWith FilterOp = "starts_with"
	EndsWith   FilterOp = "ends_with"
	OneOf      FilterOp = "one_of"   // Left is among some
	Includes   FilterOp = "includes" // Left, a list, has an item equal to Right
	Has        FilterOp = "has"      // Left is set and not empty
	Blank      FilterOp = "blank"    // Left is not set, or empty, 0 or false
	Tagged     FilterOp = "tagged"
	Outcome    FilterOp = "outcome" // of a broadcast
)

// Term is one side of a comparison: a field of the person, or a constant.
type Term struct {
	Field Field // Kind "" for a constant
	Value any   // of a constant: string, float64, bool, or time.Time in UTC; of a date its text
}

// Constant reports whether the term is the same for everybody.
func (t Term) Constant() bool { return t.Field.Kind == "" }

// Field is what is kept of a person.
type Field struct {
	Kind    FieldKind
	Name    string // of the fact or attribute; of a TaggedAtField the folded tag
	Type    Type
	Default any // what it reads as where it is not set, nil for a moment
}

// FieldKind says where a field is kept.
type FieldKind string

// Kinds of fields.
const (
	FactField      FieldKind = "fact"
	AttributeField FieldKind = "attribute"
	TaggedAtField  FieldKind = "tagged_at"
)

// Addresses reports whether the filter asks about a person's address, so that
// it may hold for one of theirs and not for another.
func (f *Filter) Addresses() bool {
	if f.Left.addresses() || f.Right.addresses() {
		return true
	}
	for i := range f.Args {
		if f.Args[i].Addresses() {
			return true
		}
	}
	return false
}

func (t Term) addresses() bool {
	if t.Field.Kind != FactField {
		return false
	}
	switch t.Field.Name {
	case "channel", "account", "subscribed", "subscribed_at", "unsubscribed", "unsubscribed_at", "blocked", "messenger_user_id":
		return true
	}
	return false
}

// Attributes are the names of the attributes the filter asks for, each once.
func (f *Filter) Attributes() []string {
	found := map[string]bool{}
	f.attributes(found)
	return slices.Sorted(maps.Keys(found))
}

func (f *Filter) attributes(into map[string]bool) {
	for _, t := range [...]Term{f.Left, f.Right} {
		if t.Field.Kind == AttributeField {
			into[t.Field.Name] = true
		}
	}
	for i := range f.Args {
		f.Args[i].attributes(into)
	}
}

// Tags are the tags the filter asks for, folded, each once.
func (f *Filter) Tags() []string {
	found := map[string]bool{}
	f.tags(found)
	return slices.Sorted(maps.Keys(found))
}

func (f *Filter) tags(into map[string]bool) {
	if f.Op == Tagged {
		into[f.Name] = true
	}
	for _, t := range [...]Term{f.Left, f.Right} {
		if t.Field.Kind == TaggedAtField {
			into[t.Field.Name] = true
		}
	}
	for i := range f.Args {
		f.Args[i].tags(into)
	}
}

// AllOf is true of whom all the filters are true.
func AllOf(all ...Filter) Filter {
	if len(all) == 1 {
		return all[0]
	}
	return Filter{Op: And, Args: all}
}

// Negated is true of whom the filter is not.
func (f Filter) Negated() Filter {
	if f.Op == Not {
		return f.Args[0]
	}
	return Filter{Op: Not, Args: []Filter{f}}
}
