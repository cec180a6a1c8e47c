// Package foreign reads the message JSON of other products into messages, so
// that their callers need not learn ours. All texts in it are literal. It knows
// formats; who may say what to whom is decided elsewhere.
package foreign

import "strings"

// Fault is one thing that is wrong with a message.
type Fault struct {
	Field   string // where, such as message.cards[1].title
	Message string // what, and what to do; begins with the field
	Err     error  // what the caller's Block said, or an Err… of this package; nil for any other fault
}

// Faults is all that is wrong with a message, at most maxFaults of it. It is
// the error of every reader of this package.
type Faults []Fault

// maxFaults is how many are told: more help nobody.
const maxFaults = 20

// Error implements error.
func (f Faults) Error() string {
	texts := make([]string, len(f))
	for i := range f {
		texts[i] = f[i].Message
	}
	return strings.Join(texts, "; ")
}

// Unwrap gives the Err of those that have one.
func (f Faults) Unwrap() []error {
	var errs []error
	for i := range f {
		if f[i].Err != nil {
			errs = append(errs, f[i].Err)
		}
	}
	return errs
}

// Block finds the block or module that an id, alias or name means and returns
// its id. Its error becomes a fault.
type Block func(name string) (id string, err error)
