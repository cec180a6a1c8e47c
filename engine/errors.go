package engine

import "errors"

// ErrorCode classes a caller's mistake.
type ErrorCode string

const (
	Invalid     ErrorCode = "invalid"
	NotFound    ErrorCode = "not_found"
	Conflict    ErrorCode = "conflict"
	Forbidden   ErrorCode = "forbidden"
	Unsupported ErrorCode = "unsupported"
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

func (e *Error) Error() string { return e.Message }

// IsCode reports whether err is an *Error with that code.
func IsCode(err error, code ErrorCode) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}
