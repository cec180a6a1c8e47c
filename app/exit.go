package app

import (
	"errors"
	"fmt"
)

// Codes a command ends with.
const (
	exitFine    = 0
	exitFailed  = 1 // something went wrong
	exitUsage   = 2 // the command line or a setting is wrong
	exitRefused = 3 // the flow has mistakes, or the send was refused
	exitAbsent  = 4 // what was named does not exist
	exitAway    = 5 // no server could be reached
)

// exitError ends a command with a code of its own. Its message may be empty
// when all has been said.
type exitError struct {
	code    int
	message string
}

func (e *exitError) Error() string { return e.message }

func exitWith(code int, format string, args ...any) error {
	return &exitError{code, fmt.Sprintf(format, args...)}
}

// exitCode is the code an error ends a command with.
func exitCode(err error) int {
	if err == nil {
		return exitFine
	}
	if e, ok := errors.AsType[*exitError](err); ok {
		return e.code
	}
	return exitFailed
}
