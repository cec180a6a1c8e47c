package firstline

import (
	"cmp"
	"context"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
)

// How long a call waits for what becomes of its message, and how often it
// looks. A platform answers in a tenth of a second.
const (
	maxWait    = 3 * time.Second
	firstPause = 25 * time.Millisecond
	maxPause   = 400 * time.Millisecond
)

// outcome waits until it is known what became of a delivery, and writes it into
// what was accepted. What is not known in time stays as it is: the message will
// go out.
func (s *Surface) outcome(ctx context.Context, botID string, a *outbox.Accepted) {
	pause := firstPause
	for waited := time.Duration(0); waited < maxWait; waited, pause = waited+pause, min(2*pause, maxPause) {
		if s.Wait(ctx, min(pause, maxWait-waited)) != nil {
			return
		}
		d, err := s.Deliveries.Delivery(ctx, botID, a.DeliveryID)
		if err != nil {
			s.Log.Warn("outcome not read", "delivery_id", a.DeliveryID, "error", err)
			return
		}
		a.Status = d.Status
		if !d.Status.Open() {
			a.Reason, a.Explanation = d.Reason, explanation(d)
			return
		}
		if d.NotBefore.After(s.Now().Add(maxWait)) { // refused for now: it is tried again much later
			return
		}
	}
}

// refused reports whether a message will certainly not arrive.
func refused(status engine.Status) bool {
	return status == engine.Skipped || status == engine.Failed || status == engine.Canceled
}

// explanation says in words why a delivery does not go out, "" when it does.
func explanation(d *engine.Delivery) string {
	switch d.Status {
	case engine.Skipped, engine.Canceled:
		return policy.Explain(cmp.Or(d.Reason, policy.Canceled))
	case engine.Failed:
		return "the platform refused the message: " + cmp.Or(d.Error, d.Class, "it did not say why")
	}
	return ""
}

// pass lets a while pass.
func pass(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
