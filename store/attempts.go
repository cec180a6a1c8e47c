package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// outcomeLost is how a call ended whose answer was not written.
const outcomeLost = "lost"

// Begin writes sending and the call about to be made, in one round trip. A row
// tells of the call that is under way itself; one whose answer was not written
// before the next is begun is written down as lost.
func (d *DB) Begin(ctx context.Context, row *engine.Delivery, a engine.Attempt) error {
	var ours int64
	s := new(script)
	if row.Status == engine.Sending {
		s.exec(`INSERT INTO attempts (id, delivery_id, at, ended_at, route, outcome) SELECT attempt_id, id, called_at, ?, route, '`+outcomeLost+`' FROM deliveries
			WHERE id = ? AND attempt_id = ? AND status = 'sending' AND called_at IS NOT NULL`, a.At, row.ID, row.AttemptID)
	}
	s.exec(`UPDATE deliveries SET status = 'sending', route = ?, generation = ?, called_at = ?
		WHERE id = ? AND attempt_id = ? AND status IN ('queued', 'sending')`,
		a.Route, row.Generation, a.At, row.ID, row.AttemptID).affected(&ours)
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
	s.exec(`UPDATE deliveries SET status = 'queued', called_at = NULL, messages_sent = CASE WHEN messages_sent < ? THEN ? ELSE messages_sent END, request_id = ?
		WHERE id = ? AND attempt_id = ? AND status IN ('queued', 'sending')`, messagesSent, messagesSent, a.RequestID, row.ID, row.AttemptID).affected(&ours)
	if a.Outcome == "" {
		a.Outcome = string(engine.SentOut)
	}
	saveAttempt(s, row.ID, a, d.now())
	saveMessageIDs(s, row, ids)
	if err := d.together(ctx, alike(s)); err != nil {
		return fmt.Errorf("record progress of delivery %d: %w", row.ID, err)
	}
	if ours > 0 {
		return nil
	}
	late := new(script)
	answerLost(late, row.ID, a, d.now())
	if err := d.together(ctx, alike(late)); err != nil {
		return fmt.Errorf("record progress of delivery %d: %w", row.ID, err)
	}
	return outbox.ErrLost
}

// answerLost writes how a call ended that was given up as lost when somebody
// else took the row.
func answerLost(s *script, deliveryID int64, a engine.Attempt, now time.Time) {
	_, ended := spanOf(a, now)
	s.exec(`UPDATE attempts SET ended_at = ?, outcome = ?, request_id = ? WHERE n = (SELECT MAX(n) FROM attempts WHERE delivery_id = ? AND id = ? AND outcome = '`+outcomeLost+`')
		AND EXISTS (SELECT 1 FROM deliveries WHERE id = ? AND attempt_id <> ?)`, ended, a.Outcome, a.RequestID, deliveryID, a.ID, deliveryID, a.ID)
}

// saveAttempt writes down a call that has ended, and of which the row does not
// tell: any but the one by which the platform took the last of the message. The
// row is the attempt's.
func saveAttempt(s *script, deliveryID int64, a engine.Attempt, now time.Time) {
	at, ended := spanOf(a, now)
	s.exec(`INSERT INTO attempts (id, delivery_id, at, ended_at, route, retry_key, outcome, code, message, request_id)
		SELECT ?, id, ?, ?, ?, ?, ?, ?, ?, ? FROM deliveries WHERE id = ? AND attempt_id = ?`,
		a.ID, at, ended, a.Route, a.RetryKey, a.Outcome, a.Code, a.Message, a.RequestID, deliveryID, a.ID)
}

// spanOf is when a call was begun and ended, as far as the caller says.
func spanOf(a engine.Attempt, now time.Time) (at, ended time.Time) {
	at, ended = a.At, a.EndedAt
	if ended.IsZero() {
		ended = now
	}
	if at.IsZero() {
		at = ended
	}
	return at, ended
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

// readAttempts adds the reading of a delivery's attempts, in their order: those
// that were written down, and the one the row itself tells of.
func readAttempts(s *script, deliveryID int64, out *[]engine.Attempt) {
	read := func(r scanner) error {
		var a engine.Attempt
		if err := r.Scan(&a.ID, &a.DeliveryID, moment(&a.At), moment(&a.EndedAt), &a.Route, &a.RetryKey, &a.Outcome, &a.Code, &a.Message, &a.RequestID); err != nil {
			return err
		}
		*out = append(*out, a)
		return nil
	}
	s.query(`SELECT id, delivery_id, at, ended_at, route, retry_key, outcome, code, message, request_id FROM attempts
		WHERE delivery_id = ? ORDER BY n`, deliveryID).each(read)
	s.query(`SELECT attempt_id, id, called_at, CASE WHEN status <> 'sending' THEN COALESCE(sent_at, closed_at) END, route, '',
			CASE WHEN status = 'sending' THEN '' WHEN sent_at IS NULL THEN '`+outcomeLost+`' ELSE 'sent' END, '', '', request_id
		FROM deliveries WHERE id = ? AND called_at IS NOT NULL`, deliveryID).each(read)
}
