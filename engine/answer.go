package engine

import "time"

// KeptAnswer is what a call with an Idempotency-Key was answered, for those
// that repeat it.
type KeptAnswer struct {
	TokenHash   string // the key is the token's
	Key         string
	RequestHash string // over what was asked
	Owner       string // the call that holds the key
	Status      int    // of the answer; 0 while the call is under way
	Body        []byte
	LeaseUntil  time.Time // when a call that is still under way has broken off
	ExpiresAt   time.Time
}
