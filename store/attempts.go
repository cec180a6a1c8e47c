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
// before the next is begun is written down as lost. Whose lease is over has no
// row any more, also while nobody else has come for it: who comes next would
// find a call beside its own.
func (d *DB) Begin(ctx context.Context, row *engine.Delivery, a engine.Attempt) error {
	const mine = `id = ? AND attempt_id = ? AND status IN ('queued', 'sending') AND lease_until > ?`
	var ours int64
	s := new(script)
	if row.Status == engine.Sending {
		d.tellLost(s, nil, a.At, mine, row.ID, row.AttemptID, a.At)
	}
	s.exec(`UPDATE deliveries SET status = 'sending', route = ?, generation = ?, called_at = ?, lease_until = CASE WHEN lease_until < ? THEN ? ELSE lease_until END
		WHERE `+mine, a.Route, row.Generation, a.At, row.LeaseUntil, row.LeaseUntil, row.ID, row.AttemptID, a.At).affected(&ours)
	if err := d.together(ctx, alike(s)); err != nil {
		return fmt.Errorf("begin attempt of delivery %d: %w", row.ID, err)
	}
	if ours == 0 {
		return outbox.ErrLost
	}
	row.Status, row.Route = engine.Sending, a.Route
	return nil
}

// tellLost adds the writing down of calls that nobody has answered and that rows
// tell of, before they tell of others. The rows are deliveries, those of in where
// there is one, by their id and the attempt they were read with. They are held
// for it: of many that come at once one writes a call down, and none does when
// its answer came meanwhile.
func (d *DB) tellLost(s *script, in *input, now time.Time, where string, args ...any) {
	from := `deliveries`
	if in != nil {
		from = `v JOIN deliveries ON deliveries.id = v.id AND deliveries.attempt_id = v.attempt_id`
	}
	s.with(in, `INSERT INTO attempts (id, delivery_id, at, ended_at, route, outcome)
		SELECT deliveries.attempt_id, deliveries.id, deliveries.called_at, ?, deliveries.route, '`+outcomeLost+`' FROM `+from+`
		WHERE deliveries.called_at IS NOT NULL AND `+where+` ORDER BY deliveries.id`+d.forUpdateOf("deliveries"), append([]any{now}, args...)...)
}

// callTold holds for rows of deliveries that tell of no call, or of one that
// tellLost has written down: who takes a row makes it tell of nothing, and a call
// may have been begun since. OFFSET keeps Postgres from reading all attempts
// for it.
const callTold = `(deliveries.called_at IS NULL OR EXISTS (SELECT 1 FROM attempts l WHERE l.delivery_id = deliveries.id
	AND l.id = deliveries.attempt_id AND l.at = deliveries.called_at LIMIT 1 OFFSET 0))`

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
	saveAttempts(s, d.now(), callOf(row, a))
	saveMessageIDs(s, row, ids)
	if err := d.together(ctx, alike(s)); err != nil {
		return fmt.Errorf("record progress of delivery %d: %w", row.ID, err)
	}
	if ours > 0 {
		return nil
	}
	late, now := new(script), d.now()
	answerLost(late, now, callOf(row, a))
	tellNoMore(late, now, callOf(row, a))
	if err := d.together(ctx, alike(late)); err != nil {
		return fmt.Errorf("record progress of delivery %d: %w", row.ID, err)
	}
	return outbox.ErrLost
}

// callOf is a row's call as it is written down.
func callOf(row *engine.Delivery, a engine.Attempt) engine.Attempt {
	a.DeliveryID = row.ID
	return a
}

// endedCalls hands over calls that have ended, in their order.
func endedCalls(calls []engine.Attempt, now time.Time) *input {
	in := newInput("n bigint", "id text", "delivery_id bigint", "at timestamptz", "ended_at timestamptz", "route text", "retry_key text", "outcome text", "code text",
		"message text", "request_id text")
	for n, a := range calls {
		at, ended := spanOf(a, now)
		in.add(n, a.ID, a.DeliveryID, at, ended, a.Route, a.RetryKey, a.Outcome, a.Code, a.Message, a.RequestID)
	}
	return in
}

// saveAttempts writes down calls that have ended, and of which their rows do not
// tell: any but those by which the platform took the last of a message. The rows
// are still the attempts'.
func saveAttempts(s *script, now time.Time, calls ...engine.Attempt) {
	if len(calls) == 0 {
		return
	}
	s.with(endedCalls(calls, now), `INSERT INTO attempts (id, delivery_id, at, ended_at, route, retry_key, outcome, code, message, request_id)
		SELECT v.id, v.delivery_id, v.at, v.ended_at, v.route, v.retry_key, v.outcome, v.code, v.message, v.request_id
		FROM v JOIN deliveries d ON d.id = v.delivery_id AND d.attempt_id = v.id ORDER BY v.n`)
}

// answerLost writes how calls ended that were given up as lost when somebody
// else took their rows.
func answerLost(s *script, now time.Time, calls ...engine.Attempt) {
	if len(calls) == 0 {
		return
	}
	s.with(endedCalls(calls, now), `UPDATE attempts SET ended_at = v.ended_at, outcome = v.outcome, code = v.code, message = v.message, request_id = v.request_id
		FROM v JOIN deliveries d ON d.id = v.delivery_id AND d.attempt_id <> v.id WHERE attempts.delivery_id = v.delivery_id
		AND attempts.n = (SELECT MAX(l.n) FROM attempts l WHERE l.delivery_id = v.delivery_id AND l.id = v.id AND l.outcome = '`+outcomeLost+`')`)
}

// tellNoMore lets rows that were closed while their calls were under way tell of
// none that saveAttempts has written down.
func tellNoMore(s *script, now time.Time, calls ...engine.Attempt) {
	if len(calls) == 0 {
		return
	}
	s.with(endedCalls(calls, now), `UPDATE deliveries SET called_at = NULL FROM v WHERE deliveries.id = v.delivery_id AND deliveries.attempt_id = v.id
		AND called_at IS NOT NULL AND closed_at IS NOT NULL`)
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
