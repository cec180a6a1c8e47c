package outbox

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// errPanicked is what a panic of one row's attempt becomes.
var errPanicked = errors.New("panic")

// guard does something for a row of the visit, or for the first of several that
// share a call, and turns a panic into an error with the place it came from in
// the log: what cannot be done for one ends neither the process nor what is
// done for the others. What a call that panicked came to is nobody's to say; the
// row is seen to when its lease is over, as one whose process died.
func (v *visit) guard(a *attempt, do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			v.o.log.Error("delivery_panic", "delivery_id", a.d.ID, "run_id", v.batch.RunID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("deliver %d: %w: %v", a.d.ID, errPanicked, p)
		}
	}()
	return do()
}
