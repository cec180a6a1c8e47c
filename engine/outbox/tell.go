package outbox

import (
	"context"
	"log/slog"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// Queues, as the metrics call who waits for a delivery.
const (
	queueReplies = "replies" // somebody has written
	queueSends   = "sends"   // a system or a plan has asked
)

// tell counts and logs what became of a delivery. What a person should look at
// is a warning; what went well is for those who look closely.
func (a *attempt) tell(ctx context.Context, out Outcome) {
	o, d := a.o, a.d
	if m := o.Metrics.Sent; m != nil && out.Status == engine.SentOut {
		queue := queueSends
		if d.InteractionID != 0 {
			queue = queueReplies
		}
		m(queue, out.Now.Sub(wanted(d)))
	}
	level := slog.LevelDebug
	switch out.Status {
	case engine.Unknown:
		level = slog.LevelWarn
	case engine.Failed:
		level = slog.LevelInfo
	}
	if !o.log.Enabled(ctx, level) {
		return
	}
	o.log.Log(ctx, level, "delivery", "delivery_id", d.ID, "send_id", d.SendID, "interaction_id", d.InteractionID, "bot_id", d.BotID,
		"account_id", d.AccountID, "status", out.Status, "reason", out.Reason, "route", out.Route, "attempt", d.Attempt,
		"platform_request_id", out.RequestID, "error", out.Error, "class", out.Class)
}

// wanted is when a delivery should have gone out: when it was asked for, or the
// time it was planned for. A row that was put off has a class.
func wanted(d *engine.Delivery) time.Time {
	if d.Class == "" && d.NotBefore.After(d.CreatedAt) {
		return d.NotBefore
	}
	return d.CreatedAt
}
