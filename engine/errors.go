package engine

import "errors"

// ErrorCode classes a caller's mistake.
type ErrorCode string

const (
	Invalid     ErrorCode = "invalid"     // what was given cannot be right
	NotFound    ErrorCode = "not_found"   // what was named is not there, or not the bot's
	Conflict    ErrorCode = "conflict"    // it does not fit how things are now
	Forbidden   ErrorCode = "forbidden"   // the caller may not
	Unsupported ErrorCode = "unsupported" // this program, or the platform, cannot
	Unavailable ErrorCode = "unavailable" // ours, for now: try again
)

// Error is a caller's mistake, in words the caller can act on.
type Error struct {
	Code    ErrorCode
	Message string
	Field   string // which part of the call, "" when it is the whole
	Hint    string // such as the nearest names
	Reason  string // for programs, where the code says too little: the ledger's, or ambiguous, disconnected, not_met …
}

// Error is the message alone: the hint is for who shows it.
func (e *Error) Error() string { return e.Message }

// IsCode reports whether err is an *Error with that code.
func IsCode(err error, code ErrorCode) bool {
	if err == nil {
		return false
	}
	var e *Error
	return errors.As(err, &e) && e.Code == code
}
