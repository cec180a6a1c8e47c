package channels

import (
	"errors"
	"fmt"
	"time"
)

// ErrSignature means a webhook was not signed with the account's secret.
var ErrSignature = errors.New("the signature does not match")

// ErrorKind classes a platform's refusal by what follows from it.
type ErrorKind string

const (
	KindThrottled    ErrorKind = "throttled"     // too fast: later
	KindQuota        ErrorKind = "quota"         // the month's messages are used up
	KindBlocked      ErrorKind = "blocked"       // this person cannot be reached
	KindWindowClosed ErrorKind = "window_closed" // too long since they wrote
	KindContent      ErrorKind = "content"       // the message itself is refused
	KindTemplate     ErrorKind = "template"      // the template is unknown, paused or misfilled
	KindAuth         ErrorKind = "auth"          // the credentials are refused
	KindRestricted   ErrorKind = "restricted"    // the account may not do this
	KindDown         ErrorKind = "down"          // the platform is out of order, or not to be reached
	KindReplyToken   ErrorKind = "reply_token"   // the reply token is spent or too old
)

// Scope says who else is touched by the cause of an error.
type Scope string

const (
	ScopeRecipient Scope = "recipient" // this message to this person alone
	ScopeAccount   Scope = "account"   // all that the account sends
	ScopeApp       Scope = "app"       // all accounts of the platform's app
)

// Retry says whether and how a call may be repeated.
type Retry string

const (
	RetryNever   Retry = ""        // refused for good
	RetryLater   Retry = "later"   // refused for now: nothing was sent
	RetryUnknown Retry = "unknown" // the answer was lost: it may have been sent
)

// SendError is a platform's refusal, or the loss of its answer.
type SendError struct {
	Kind       ErrorKind
	Scope      Scope
	Retry      Retry
	RetryAfter time.Duration // 0: not said
	Code       string        // the platform's own code or HTTP status
	Message    string        // the platform's own words, without secrets
	RequestID  string
	Recipients []int // of a refused multicast: the indexes it names
}

// Error is for logs and tests; people read Message.
func (e *SendError) Error() string {
	return fmt.Sprintf("%s %s: %s", e.Kind, e.Code, e.Message)
}
