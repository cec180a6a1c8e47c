package outbox

import (
	"context"
	"errors"

	"github.com/blockcast/blockcast/engine"
)

// stoodStill gives a row back whose call was begun and is not made: this process
// has stood still in between, and the row is somebody else's by now or soon will
// be. Who has found it meanwhile and cannot repeat a call has given it up as
// unknown; that nothing was called is known only here, so it has failed. The
// error is ErrLost when all of this went well: there is nothing more to do.
func (a *attempt) stoodStill(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), letGoTimeout)
	defer cancel()
	a.o.log.Warn("call_not_made", "delivery_id", a.d.ID, "lease_until", a.d.LeaseUntil)
	back := Release{Delivery: a.d, Status: engine.Queued, Class: a.d.Class, Code: a.d.Code, Error: a.d.Error, Uncounted: true}
	if a.lost {
		back.Status = engine.Sending // a call before this one may have been taken
	}
	a.to = a.o.Ledger
	err := a.release(ctx, back)
	switch {
	case err == nil:
		return ErrLost // it is the next attempt's
	case !errors.Is(err, ErrLost):
		return err
	}
	unsent := "nothing was sent"
	if a.d.MessagesSent > 0 {
		unsent = "the rest was not sent"
	}
	err = a.finish(ctx, Outcome{Status: engine.Failed, Class: "not_called", Uncalled: true,
		Error: "the server stood still before it called the platform, and another gave the message up: " + unsent})
	if err != nil {
		return err
	}
	return ErrLost
}
