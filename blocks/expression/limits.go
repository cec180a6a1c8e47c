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
	// MaxExpressions is how many expressions a template may hold.
	MaxExpressions = 200
	// MaxExpression is the longest expression, in bytes.
	MaxExpression = 4 << 10
	// MaxNodes is how many operations one expression may hold.
	MaxNodes = 1000
	// MaxText is the longest text an evaluation may make, in bytes.
	MaxText = 64 << 10
	// MaxItems is how many items of a list are seen; the rest is cut off.
	MaxItems = 1000
	// MaxSteps is how much one evaluation may do, a template's expressions
	// together. A call, a compared item and each operation of a condition run
	// over a list are a step; so are each stepBytes of text made or read.
	MaxSteps = 200_000
	// MaxCheckSteps is how much checking one expression may do: what is constant
	// in it is run then.
	MaxCheckSteps = 20_000
	// MaxPattern is how many instructions the pattern of matches may compile to.
	MaxPattern = 1000
	// MaxValue is how many values a list or JSON may hold, counted through all
	// its levels.
	MaxValue = 100_000
	// MaxDepth is how deep lists and JSON may be nested.
	MaxDepth = 100

	maxValueBytes = 8 << 20 // of all texts within one value
	stepBytes     = 64
	stepItems     = 16
	slowBytes     = 8 // a step of what looks at every letter closely
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
	if e.steps > e.limit {
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

// spendArguments counts a call by what it is given to read.
func (e *Env) spendArguments(args []any) error {
	steps := 1
	for _, a := range args {
		switch a := a.(type) {
		case string:
			steps += len(a) / stepBytes
		case []any:
			steps += len(a) / stepItems
		}
	}
	return e.spend(steps)
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
