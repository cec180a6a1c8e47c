// Package expression compiles and runs what authors write between {{ and }}:
// templates and bare expressions, typed against what their document declares
// and bounded in time and size. It is the only package that knows expr-lang;
// it knows no blocks, flows or people.
//
// The language is expr-lang's: its parser reads the text, and this package
// checks the tree against the declarations and compiles it to closures over an
// Env. expr's own machine is not used, because it bounds neither steps nor
// text, knows two kinds of number, and stops at a missing member; here every
// evaluation counts its steps against MaxSteps, a number is a number, and what
// is missing reads as empty.
package expression
