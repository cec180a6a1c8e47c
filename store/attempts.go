package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// outcomeLost is how a call ended that another followed before its answer was
// written.
const outcomeLost = "lost"

// Begin writes sending and the call about to be made, in one round trip: the
// attempt's record is only added to a row that is ours.
func (d *DB) Begin(ctx context.Context, row *engine.Delivery, a engine.Attempt) error {
	var ours int64
	s := new(script)
	s.exec(`UPDATE deliveries SET status = 'sending', route = ?, generation = ?
		WHERE id = ? AND attempt_id = ? AND status IN ('queued', 'sending')`,
		a.Route, row.Generation, row.ID, row.AttemptID).affected(&ours)
	const own = ` FROM deliveries WHERE id = ? AND attempt_id = ? AND status = 'sending'`
	s.exec(`UPDATE attempts SET ended_at = ?, outcome = '`+outcomeLost+`' WHERE delivery_id = ? AND ended_at IS NULL
		AND EXISTS (SELECT 1`+own+`)`, a.At, row.ID, row.ID, row.AttemptID)
	s.exec(`INSERT INTO attempts (id, delivery_id, at, route, retry_key) SELECT ?, id, ?, ?, ?`+own,
		a.ID, a.At, a.Route, a.RetryKey, row.ID, row.AttemptID)
	if err := d.together(ctx, alike(s)); err != nil {
		return fmt.Errorf("begin attempt of delivery %d: %w", row.ID, err)
	}
	if ours == 0 {
		return outbox.ErrLost
	}
	row.Status, row.Route = engine.Sending, a.Route
	return nil
}

// Progress records that a call of several was accepted and that no call is
// under way any more: the row is queued until the next is begun, so that whoever
// takes it up goes on there. The platform's ids are kept also when the row is no
// longer ours, for they are true.
func (d *DB) Progress(ctx context.Context, row *engine.Delivery, a engine.Attempt, messagesSent int, ids []string) error {
	var ours int64
	s := new(script)
	s.exec(`UPDATE deliveries SET status = 'queued', messages_sent = CASE WHEN messages_sent < ? THEN ? ELSE messages_sent END, request_id = ?
		WHERE id = ? AND attempt_id = ? AND status IN ('queued', 'sending')`, messagesSent, messagesSent, a.RequestID, row.ID, row.AttemptID).affected(&ours)
	if a.Outcome == "" {
		a.Outcome = string(engine.SentOut)
	}
	endAttempt(s, row.ID, a, a.EndedAt)
	saveMessageIDs(s, row, ids)
	if err := d.together(ctx, alike(s)); err != nil {
		return fmt.Errorf("record progress of delivery %d: %w", row.ID, err)
	}
	if ours == 0 {
		return outbox.ErrLost
	}
	return nil
}

// endAttempt writes how a call ended: on the newest record of its claim, or,
// where none was begun, on a new one.
func endAttempt(s *script, deliveryID int64, a engine.Attempt, now time.Time) {
	at, ended := a.At, a.EndedAt
	if ended.IsZero() {
		ended = now
	}
	if at.IsZero() {
		at = ended
	}
	s.exec(`INSERT INTO attempts (id, delivery_id, at, route, retry_key)
		SELECT ?, id, ?, ?, ? FROM deliveries WHERE id = ?
		AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id = deliveries.id AND a.id = ?)`,
		a.ID, at, a.Route, a.RetryKey, deliveryID, a.ID)
	s.exec(`UPDATE attempts SET ended_at = ?, outcome = ?, code = ?, message = ?, request_id = ?
		WHERE n = (SELECT MAX(n) FROM attempts WHERE delivery_id = ? AND id = ?)`,
		ended, a.Outcome, a.Code, a.Message, a.RequestID, deliveryID, a.ID)
}

// saveMessageIDs keeps what a platform calls our messages, for its receipts.
func saveMessageIDs(s *script, row *engine.Delivery, ids []string) {
	in := newInput("account_id text", "message_id text", "delivery_id bigint")
	for _, id := range ids {
		if id != "" {
			in.add(row.AccountID, id, row.ID)
		}
	}
	if in.empty() {
		return
	}
	s.with(in, `INSERT INTO delivery_messages (account_id, message_id, delivery_id) SELECT account_id, message_id, delivery_id FROM v
		WHERE true ORDER BY message_id ON CONFLICT (account_id, message_id) DO NOTHING`)
}

// readAttempts adds the reading of a delivery's attempts, in their order.
func readAttempts(s *script, deliveryID int64, out *[]engine.Attempt) {
	s.query(`SELECT id, delivery_id, at, ended_at, route, retry_key, outcome, code, message, request_id FROM attempts
		WHERE delivery_id = ? ORDER BY n`, deliveryID).each(func(r scanner) error {
		var a engine.Attempt
		if err := r.Scan(&a.ID, &a.DeliveryID, moment(&a.At), moment(&a.EndedAt), &a.Route, &a.RetryKey, &a.Outcome, &a.Code, &a.Message, &a.RequestID); err != nil {
			return err
		}
		*out = append(*out, a)
		return nil
	})
}
