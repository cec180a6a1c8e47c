package expression

// Type is the declared type of an attribute or the wanted type of an
// expression.
type Type string

const (
	Text     Type = "text"
	Number   Type = "number"
	Boolean  Type = "boolean"
	Date     Type = "date"     // a day, without time or zone
	DateTime Type = "datetime" // a moment
	List     Type = "list"
	JSON     Type = "json" // an object, or what no other type fits
	Any      Type = "any"  // only wanted, never declared
)

// Types that only the inside of an expression can have.
const (
	duration Type = "duration"
	moment   Type = "moment"    // a date or a datetime
	nothing  Type = "nil"       // the literal nil
	truth    Type = "condition" // a condition over a list's items
)

// Types returns the types an attribute can be declared with.
func Types() []Type {
	return []Type{Text, Number, Boolean, Date, DateTime, List, JSON}
}

// Declarable reports whether an attribute can have the type.
func (t Type) Declarable() bool {
	switch t {
	case Text, Number, Boolean, Date, DateTime, List, JSON:
		return true
	}
	return false
}

// dynamic reports whether only the value at run time says what it is.
func (t Type) dynamic() bool { return t == Any || t == JSON }

// temporal reports whether values of the type are points in time.
func (t Type) temporal() bool { return t == Date || t == DateTime || t == moment }

// scalar reports whether a value of the type reads well inside a text.
func (t Type) scalar() bool {
	return t == Text || t == Number || t == Boolean || t == duration || t.temporal()
}

// phrase names a value of the type in a sentence.
func (t Type) phrase() string {
	switch t {
	case Number, Date, List, duration:
		return "a " + string(t)
	case Boolean:
		return "a boolean (true or false)"
	case DateTime:
		return "a date and time"
	case moment:
		return "a date or time"
	case JSON:
		return "a JSON value"
	case Any:
		return "any value"
	}
	return string(t)
}

// zero is what an unset value of the type reads as. A date has no empty value,
// so it reads as nil: it prints as nothing and is neither before nor after
// anything.
func (t Type) zero() any {
	switch t {
	case Text:
		return ""
	case Number:
		return 0.0
	case Boolean:
		return false
	case List:
		return []any{}
	case JSON:
		return map[string]any{}
	}
	return nil
}
