package outbox

import "errors"

// ErrLost means the row, the attempt or the contact is somebody else's by now:
// nothing was written and nothing may be sent.
var ErrLost = errors.New("no longer ours")
