package expression

import (
	"errors"
	"fmt"
)

// Limits of one text and one evaluation. Each ends in a Problem at check time
// or in an error at run time, never in a hang.
const (
	// MaxTemplate is the longest template, in bytes.
	MaxTemplate = 64 << 10
	// MaxExpression is the longest expression, in bytes.
	MaxExpression = 4 << 10
	// MaxNodes is how many operations one expression may hold.
	MaxNodes = 1000
	// MaxText is the longest text an evaluation may make, in bytes.
	MaxText = 64 << 10
	// MaxItems is how many items of a list are seen; the rest is cut off.
	MaxItems = 1000
	// MaxSteps is how much one evaluation may do. A call, a compared item and
	// each operation of a condition run over a list are a step; so are each
	// stepBytes of text made or read.
	MaxSteps = 200_000
	// MaxValue is how many values a list or JSON may hold, counted through all
	// its levels.
	MaxValue = 100_000
	// MaxDepth is how deep lists and JSON may be nested.
	MaxDepth = 100

	maxValueBytes = 8 << 20 // of all texts within one value
	stepBytes     = 64
)

var (
	errSteps = errors.New("takes too many steps")
	errDepth = fmt.Errorf("is nested more than %d deep", MaxDepth)
	errText  = fmt.Errorf("makes more than %d KB of text", MaxText>>10)
	errValue = fmt.Errorf("makes a value of more than %d parts", MaxValue)
)

// spend counts steps of the running evaluation.
func (e *Env) spend(steps int) error {
	e.steps += steps
	if e.steps > MaxSteps {
		return errSteps
	}
	return nil
}

// spendText counts the bytes of a text that was made or read.
func (e *Env) spendText(bytes int) error {
	if bytes > MaxText {
		return errText
	}
	return e.spend(1 + bytes/stepBytes)
}

// made returns a text that a function made, when it is not too long.
func (e *Env) made(s string) (any, error) {
	if err := e.spendText(len(s)); err != nil {
		return nil, err
	}
	return s, nil
}

// cut returns at most MaxItems of the list.
func cut(list []any) []any {
	if len(list) > MaxItems {
		return list[:MaxItems:MaxItems]
	}
	return list
}
