package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// below lists the states a state may follow, as SQL: a status only goes up.
func below(to engine.Status) string {
	var from []engine.Status
	switch to {
	case engine.Failed:
		from = []engine.Status{engine.Held, engine.Queued, engine.Sending, engine.Unknown, engine.SentOut}
	case engine.Skipped, engine.Canceled:
		from = []engine.Status{engine.Held, engine.Queued, engine.Sending}
	default:
		for _, s := range []engine.Status{engine.Held, engine.Queued, engine.Sending, engine.Unknown, engine.SentOut, engine.Delivered} {
			if s.Rank() < to.Rank() {
				from = append(from, s)
			}
		}
	}
	quoted := make([]string, len(from))
	for i, s := range from {
		quoted[i] = "'" + string(s) + "'"
	}
	return "(" + strings.Join(quoted, ", ") + ")"
}

// Finish writes an outcome. What the attempt learnt is written also when the
// state is beyond it already (a receipt was quicker than the answer); that the
// platform accepted the message is written whoever holds the row by now, and how a
// call ended in any case.
func (d *DB) Finish(ctx context.Context, o outbox.Outcome) error {
	end := endedInTime
	if o.Uncalled {
		end = endedUncalled
	}
	err := d.finish(ctx, o, end)
	if err == outbox.ErrLost && o.Unclaimed == "" && !o.Uncalled {
		err = d.finish(ctx, o, endedLate)
	}
	if err == outbox.ErrLost && o.Attempt != nil {
		s := new(script)
		answerLost(s, o.Now, callOf(o.Delivery, *o.Attempt))
		if failed := d.together(ctx, alike(s)); failed != nil {
			err = failed
		}
	}
	if err == nil {
		return nil
	}
	return wrapUnlessLost(fmt.Sprintf("finish delivery %d", o.Delivery.ID), err)
}

// finish writes an outcome, as the row's end says, and what follows from it.
func (d *DB) finish(ctx context.Context, o outbox.Outcome, end func(guard, body *script, o outbox.Outcome)) error {
	row := o.Delivery
	ends, err := ofDelivery(row, engine.Ending{Status: o.Status, Reason: o.Reason, Class: o.Class, Code: o.Code, Error: o.Error}, o.Now)
	if err != nil {
		return err
	}
	var told int64
	write := func(t transaction) (order, error) {
		guard, s := new(script), new(script)
		end(guard, s, o)
		saveMessageIDs(s, row, o.MessageIDs)
		if o.Blocked {
			s.exec(`UPDATE identities SET blocked_at = ? WHERE id = ? AND blocked_at IS NULL`, o.Now, row.IdentityID)
		}
		if o.EndSession {
			s.exec(`DELETE FROM sessions WHERE identity_id = ? AND origin = ?`, row.IdentityID, row.ID)
		}
		if o.Effects != nil {
			if err := d.apply(ctx, t, s, []change{{row.BotID, row.ContactID, row.IdentityID, o.Effects}}, o.Now); err != nil {
				return order{}, err
			}
		}
		return order{guard: guard, body: s}, d.announce(s, &told, ends...)
	}
	if common(o.Effects) {
		err = d.alone(ctx, write)
	} else {
		err = d.together(ctx, func() (order, error) { return write(nil) })
	}
	if err == nil {
		d.noticed(told)
	}
	return err
}

// endedInTime ends a row that is the attempt's and has not gone further. One that
// is closed without a call of ours tells of the one before, if there was one.
func endedInTime(guard, body *script, o outbox.Outcome) {
	var sent time.Time
	call, args := "", []any{string(o.Status), o.Reason, o.Class, o.Code, o.Error, o.Now, o.Route, o.RequestID}
	if accepted(o.Status) {
		sent = o.Now
	}
	if o.Attempt != nil {
		var called time.Time
		if accepted(o.Status) {
			called, _ = spanOf(*o.Attempt, o.Now)
		} else {
			saveAttempts(body, o.Now, callOf(o.Delivery, *o.Attempt))
		}
		call, args = `, called_at = ?`, append(args, called)
	}
	guard.exec(`UPDATE deliveries SET status = ?, reason = ?, class = ?, code = ?, error = ?, closed_at = COALESCE(closed_at, ?),
			lease_until = NULL, route = ?, request_id = ?`+call+`, sent_at = COALESCE(sent_at, ?),
			messages_sent = CASE WHEN messages_sent < ? THEN ? ELSE messages_sent END
		WHERE id = ? AND attempt_id = ? AND status IN `+below(o.Status)+` AND `+asRead,
		append(args, sent, o.MessagesSent, o.MessagesSent, o.Delivery.ID, o.Delivery.AttemptID, o.Unclaimed == "", o.Unclaimed == engine.Sending, o.Now)...).must(outbox.ErrLost)
}

// endedLate writes what an attempt learnt of a row that a receipt has carried
// further, or, of a message that was taken, that is somebody else's by now.
func endedLate(guard, body *script, o outbox.Outcome) {
	row := o.Delivery
	var called, sent time.Time
	mine, args := `attempt_id = ?`, []any{row.AttemptID}
	if accepted(o.Status) {
		sent = o.Now
	}
	switch {
	case o.Attempt == nil:
	case accepted(o.Status):
		called, _ = spanOf(*o.Attempt, o.Now)
		mine = `(attempt_id = ? OR EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id = deliveries.id AND a.id = ?))`
		args = append(args, o.Attempt.ID)
		answerLost(body, o.Now, callOf(row, *o.Attempt))
	default:
		saveAttempts(body, o.Now, callOf(row, *o.Attempt))
	}
	up := `status IN ` + below(o.Status)
	raised := func(column string) string { return column + ` = CASE WHEN ` + up + ` THEN ? ELSE ` + column + ` END` }
	guard.exec(`UPDATE deliveries SET `+raised("status")+`, `+raised("reason")+`, `+raised("class")+`, `+raised("code")+`, `+raised("error")+`,
			closed_at = CASE WHEN `+up+` THEN COALESCE(closed_at, ?) ELSE closed_at END, called_at = CASE WHEN ? AND attempt_id = ? THEN ? ELSE called_at END,
			lease_until = NULL, route = ?, request_id = ?, sent_at = COALESCE(sent_at, ?),
			messages_sent = CASE WHEN messages_sent < ? THEN ? ELSE messages_sent END
		WHERE id = ? AND `+mine,
		append([]any{string(o.Status), o.Reason, o.Class, o.Code, o.Error, o.Now, o.Attempt != nil, row.AttemptID, called, o.Route, o.RequestID, sent,
			o.MessagesSent, o.MessagesSent, row.ID}, args...)...).must(outbox.ErrLost)
}

// endedUncalled ends a row that was given up as unknown for a call of the
// attempt's that was begun and never made, and for no other. It tells of that call
// no more: who claimed the row has written it down, who only read it has not.
func endedUncalled(guard, body *script, o outbox.Outcome) {
	id, attempt := o.Delivery.ID, o.Delivery.AttemptID
	guard.exec(`UPDATE deliveries SET status = ?, reason = ?, class = ?, code = ?, error = ?, called_at = NULL
		WHERE id = ? AND status = '`+string(engine.Unknown)+`' AND (attempt_id = ? OR called_at IS NULL)
		AND (SELECT COUNT(*) FROM attempts l WHERE l.delivery_id = deliveries.id AND l.outcome = '`+outcomeLost+`' AND l.id = ?) = CASE WHEN attempt_id = ? THEN 0 ELSE 1 END
		AND NOT EXISTS (SELECT 1 FROM attempts l WHERE l.delivery_id = deliveries.id AND l.outcome = '`+outcomeLost+`' AND l.id <> ?)`,
		string(o.Status), o.Reason, o.Class, o.Code, o.Error, id, attempt, attempt, attempt, attempt).must(outbox.ErrLost)
	body.exec(`DELETE FROM attempts WHERE delivery_id = ? AND id = ? AND outcome = '`+outcomeLost+`'`, id, attempt)
}

// accepted reports whether a status says that the platform took the message.
func accepted(s engine.Status) bool {
	return s == engine.SentOut || s == engine.Delivered || s == engine.Read
}

// Settle sets an unknown delivery to what a person found out.
func (d *DB) Settle(ctx context.Context, botID string, id int64, as engine.Status, now time.Time) error {
	sentAt, err := settledAt(as, now)
	if err != nil {
		return err
	}
	var n int64
	s := new(script)
	s.exec(`UPDATE deliveries SET status = ?, sent_at = COALESCE(sent_at, ?), closed_at = COALESCE(closed_at, ?)
		WHERE id = ? AND bot_id = ? AND status = 'unknown'`, string(as), sentAt, now, id, botID).affected(&n)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("settle delivery %d: %w", id, err)
	}
	if n > 0 {
		return nil
	}
	row, err := d.Delivery(ctx, botID, id)
	if err != nil {
		return err
	}
	return &engine.Error{Code: engine.Conflict, Message: fmt.Sprintf("delivery %d is %s: only one whose outcome is unknown can be settled", id, row.Status)}
}
