package expression

import (
	"slices"
	"strings"
)

// Function describes a function authors can call, for documentation and
// editors.
type Function struct {
	Name      string
	Signature string // money(amount number, currency text) text
	Doc       string
	Example   string // an expression
	Result    string // what the example prints
}

// Functions returns all functions, sorted by name.
func Functions() []Function {
	all := make([]Function, 0, len(functions))
	for _, f := range functions {
		all = append(all, Function{f.Name, f.signature(), f.Doc, f.Example, f.Result})
	}
	slices.SortFunc(all, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// function is one row of the table.
type function struct {
	Function
	params []parameter
	gives  Type
	// givesFor overrides gives by the arguments.
	givesFor func(args []node) Type
	// item: the result is an item of the first argument; same: it is of the
	// first argument's type, items and all.
	item, same bool
	// varies: the result depends on the turn, so a call with constants is run
	// at check time only to see that it can be.
	varies bool
	// run is nil for the functions the compiler writes out itself.
	run func(e *Env, args []any) (any, error)
}

type parameter struct {
	name     string
	typ      Type
	optional bool
	rest     bool                          // any number of them; always the last
	check    func(e *Env, value any) error // of a constant argument, at check time
}

func (f *function) signature() string {
	var b strings.Builder
	b.WriteString(f.Name + "(")
	for i, p := range f.params {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p.name)
		switch {
		case p.rest:
			b.WriteString("…")
		case p.optional:
			b.WriteString("?")
		}
		b.WriteString(" " + string(p.typ.shown()))
	}
	b.WriteString(") " + string(f.gives.shown()))
	return b.String()
}

// shown is the type's name in a signature.
func (t Type) shown() Type {
	if t == moment {
		return Date
	}
	return t
}

// least and most are how many arguments it takes.
func (f *function) least() int {
	n := 0
	for _, p := range f.params {
		if !p.optional && !p.rest {
			n++
		}
	}
	return n
}

func (f *function) most() int {
	if n := len(f.params); n == 0 || !f.params[n-1].rest {
		return n
	}
	return maxArguments
}

// maxArguments is how many arguments a call may have.
const maxArguments = 100

// param is the parameter an argument is for.
func (f *function) param(i int) parameter {
	return f.params[min(i, len(f.params)-1)]
}

// functions is the one table of functions; nothing changes it.
var functions = slices.Concat(textFunctions, numberFunctions, timeFunctions, listFunctions, conditionFunctions, valueFunctions)

var functionIndex = func() map[string]*function {
	index := make(map[string]*function, len(functions))
	for i := range functions {
		f := &functions[i]
		if index[f.Name] != nil {
			panic("expression: function " + f.Name + " listed twice")
		}
		index[f.Name] = f
	}
	return index
}()

func functionNamed(name string) *function { return functionIndex[name] }

func functionNames() []string {
	names := make([]string, 0, len(functions))
	for i := range functions {
		names = append(names, functions[i].Name)
	}
	return names
}
