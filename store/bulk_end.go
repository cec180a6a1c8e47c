package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// endTries is how often it is tried to write what became of a batch: nobody but
// its caller knows what the platform took.
const endTries = 3

// EndMany writes what became of a batch's rows: outcomes by one statement,
// rows that are given back by another, and then what follows from those that
// were ours. Where Postgres undid it for another one's sake the rows are taken by
// their ids first, as who applies receipts does: two that do wait for each other
// in one order.
func (d *DB) EndMany(ctx context.Context, e outbox.Endings) (next []int64, err error) {
	if len(e.Outcomes)+len(e.Releases) == 0 {
		return nil, nil
	}
	slices.SortStableFunc(e.Outcomes, func(a, b outbox.Outcome) int { return cmp.Compare(a.Delivery.ID, b.Delivery.ID) })
	slices.SortStableFunc(e.Releases, func(a, b outbox.Release) int { return cmp.Compare(a.Delivery.ID, b.Delivery.ID) })
	for try := range endTries {
		first := new(script)
		if try > 0 {
			d.lock(first, "deliveries", rowsOf(e))
		}
		if next, err = d.endMany(ctx, first, e); !rolledBack(err) {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("end rows: %w", err)
	}
	return next, nil
}

// rowsOf are the ids of a batch's rows in their order.
func rowsOf(e outbox.Endings) (ids []int64) {
	for _, o := range e.Outcomes {
		ids = append(ids, o.Delivery.ID)
	}
	for _, r := range e.Releases {
		ids = append(ids, r.Delivery.ID)
	}
	slices.Sort(ids)
	return ids
}

// endMany is EndMany once, after first.
func (d *DB) endMany(ctx context.Context, first *script, e outbox.Endings) (next []int64, err error) {
	ended, released := make(map[int64]bool, len(e.Outcomes)), make(map[int64]bool, len(e.Releases))
	var told int64
	err = d.transact(ctx, func(t transaction) error {
		s := first
		endRows(s, e, ended)
		releaseRows(s, e, released)
		if err := t.run(ctx, s); err != nil {
			return err
		}
		s = new(script)
		if endLate(s, e, ended, released); len(s.statements) > 0 {
			if err := t.run(ctx, s); err != nil {
				return err
			}
			s = new(script)
		}
		if err := d.writeEnded(ctx, t, s, e, ended, &told); err != nil {
			return err
		}
		waitBehind(s, e, &next)
		return t.commit(ctx, s)
	})
	if err == nil {
		d.noticed(told)
	}
	return next, err
}

// waitBehind adds the reading of what has waited for these people's rows. Mostly
// nothing waits on their accounts at all, and nobody is looked up for it.
func waitBehind(s *script, e outbox.Endings, next *[]int64) {
	in := newInput("identity_id bigint")
	var accounts []any
	for _, o := range e.Outcomes {
		in.add(o.Delivery.IdentityID)
		if id := any(o.Delivery.AccountID); !slices.Contains(accounts, id) {
			accounts = append(accounts, id)
		}
	}
	if !in.empty() {
		s.with(in, `SELECT d.id FROM v JOIN deliveries d ON d.identity_id = v.identity_id
			WHERE EXISTS (SELECT 1 FROM deliveries w WHERE w.account_id IN (`+places(len(accounts))+`) AND w.waiting AND w.run_id = '')
			AND d.waiting AND d.`+single+` AND d.status IN ('queued', 'sending')
			AND (d.not_before IS NULL OR d.not_before <= ?) AND (d.lease_until IS NULL OR d.lease_until <= ?) ORDER BY d.id`,
			append(accounts, e.Now, e.Now)...).each(into(next))
	}
}

// endRows adds the outcomes of rows that are ours and have gone no further. One
// that is closed without a call of ours tells of the one before, if there was
// one.
func endRows(s *script, e outbox.Endings, ended map[int64]bool) {
	in := newInput("id bigint", "attempt_id text", "status text", "reason text", "class text", "code text", "error text", "route text",
		"request_id text", "messages bigint", "made boolean", "unclaimed boolean", "called boolean", "called_at timestamptz", "sent_at timestamptz", "now timestamptz")
	statuses := map[engine.Status]bool{}
	for _, o := range e.Outcomes {
		var called, sent time.Time
		if o.Status == engine.SentOut {
			sent = e.Now
			if o.Attempt != nil {
				called, _ = spanOf(*o.Attempt, e.Now)
			}
		}
		statuses[o.Status] = true
		in.add(o.Delivery.ID, o.Delivery.AttemptID, o.Status, o.Reason, o.Class, o.Code, o.Error, o.Route, o.RequestID, o.MessagesSent, o.Attempt != nil,
			o.Unclaimed != "", o.Unclaimed == engine.Sending, called, sent, e.Now)
	}
	if in.empty() {
		return
	}
	v, meant, ids := in.meets("deliveries.id")
	s.with(v, `UPDATE deliveries SET status = v.status, reason = v.reason, class = v.class, code = v.code, error = v.error,
			closed_at = COALESCE(closed_at, v.now), lease_until = NULL, route = v.route, request_id = v.request_id,
			called_at = CASE WHEN v.made THEN v.called_at ELSE deliveries.called_at END, sent_at = COALESCE(deliveries.sent_at, v.sent_at),
			messages_sent = CASE WHEN messages_sent < v.messages THEN v.messages ELSE messages_sent END
		FROM v WHERE `+meant+` AND deliveries.attempt_id = v.attempt_id AND (`+upwards(statuses)+`)
			AND (NOT v.unclaimed OR `+stillAsRead+`) RETURNING deliveries.id`, ids...).each(noting(ended))
}

// endLate adds how calls ended whose rows a receipt has carried further already,
// or were closed without waiting for it, or are somebody else's by now, whose
// attempts have ours as lost. That the platform has taken the message is written
// to each of them.
func endLate(s *script, e outbox.Endings, ended, released map[int64]bool) {
	in := newInput("id bigint", "attempt_id text", "request_id text", "messages bigint", "called_at timestamptz", "now timestamptz")
	var late, refused []engine.Attempt
	for _, o := range e.Outcomes {
		switch {
		case ended[o.Delivery.ID] || o.Attempt == nil:
		case o.Status == engine.SentOut:
			called, _ := spanOf(*o.Attempt, e.Now)
			in.add(o.Delivery.ID, o.Delivery.AttemptID, o.RequestID, o.MessagesSent, called, e.Now)
			late = append(late, callOf(o.Delivery, *o.Attempt))
		default:
			refused = append(refused, callOf(o.Delivery, *o.Attempt))
		}
	}
	for _, r := range e.Releases {
		if !released[r.Delivery.ID] && r.Attempt != nil {
			refused = append(refused, callOf(r.Delivery, *r.Attempt))
		}
	}
	answerLost(s, e.Now, append(late, refused...)...)
	tellNoMore(s, e.Now, refused...)
	if in.empty() {
		return
	}
	const more = `lease_until = NULL, request_id = v.request_id, sent_at = COALESCE(sent_at, v.now),
			messages_sent = CASE WHEN messages_sent < v.messages THEN v.messages ELSE messages_sent END`
	s.with(in, `UPDATE deliveries SET `+more+`, called_at = v.called_at
		FROM v WHERE deliveries.id = v.id AND closed_at IS NOT NULL AND deliveries.attempt_id = v.attempt_id RETURNING deliveries.id`).each(noting(ended))
	s.with(in, `UPDATE deliveries SET `+more+`, status = 'sent', reason = '', class = '', code = '', error = '', closed_at = COALESCE(closed_at, v.now)
		FROM v WHERE deliveries.id = v.id AND status IN `+below(engine.SentOut)+` AND deliveries.attempt_id <> v.attempt_id
		AND EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id = v.id AND a.id = v.attempt_id) RETURNING deliveries.id`).each(noting(ended))
}

// noting reads ids into a set.
func noting(set map[int64]bool) func(scanner) error {
	return func(r scanner) error {
		var id int64
		err := r.Scan(&id)
		set[id] = true
		return err
	}
}

// upwards holds for rows whose state may become v's; a status only goes up.
func upwards(statuses map[engine.Status]bool) string {
	var parts []string
	for _, to := range []engine.Status{engine.SentOut, engine.Failed, engine.Skipped, engine.Unknown, engine.Canceled} {
		if statuses[to] {
			parts = append(parts, fmt.Sprintf("v.status = '%s' AND deliveries.status IN %s", to, below(to)))
		}
	}
	return strings.Join(parts, " OR ")
}

// releaseRows adds what is given back.
func releaseRows(s *script, e outbox.Endings, released map[int64]bool) {
	in := newInput("id bigint", "attempt_id text", "status text", "not_before timestamptz", "class text", "code text", "error text", "attempts bigint", "unclaimed boolean", "called boolean", "expires_at timestamptz", "now timestamptz")
	for _, r := range e.Releases {
		in.add(r.Delivery.ID, r.Delivery.AttemptID, r.Status, r.NotBefore, r.Class, r.Code, r.Error, counted(r), r.Unclaimed != "", r.Unclaimed == engine.Sending, r.Delivery.ExpiresAt, e.Now)
	}
	if in.empty() {
		return
	}
	s.with(in, `UPDATE deliveries SET status = v.status, not_before = v.not_before, expires_at = v.expires_at, lease_until = NULL, class = v.class, code = v.code, error = v.error,
			attempt = attempt + v.attempts, called_at = CASE WHEN v.unclaimed THEN called_at END, group_id = CASE WHEN v.status = 'sending' THEN group_id ELSE '' END
		FROM v WHERE deliveries.id = v.id AND deliveries.attempt_id = v.attempt_id AND deliveries.status IN ('held', 'queued', 'sending')
			AND (NOT v.unclaimed OR `+stillAsRead+`) RETURNING deliveries.id`).each(noting(released))
}

// counted is what a row's attempts become more by when it is given back.
func counted(r outbox.Release) (n int) {
	if r.Unclaimed != "" {
		n++ // which the claim would have counted
	}
	if r.Uncounted {
		n--
	}
	return n
}

// writeEnded adds the attempts, and of the rows that ended their messages,
// their people's blocks, the broadcast's effects and the notices.
func (d *DB) writeEnded(ctx context.Context, t transaction, s *script, e outbox.Endings, ended map[int64]bool, told *int64) error {
	var calls []engine.Attempt
	var notices []announcement
	var changes []change
	messages := newInput("account_id text", "message_id text", "delivery_id bigint")
	blocked := newInput("id bigint")
	for _, o := range e.Outcomes {
		row := o.Delivery
		if o.Attempt != nil && o.Status != engine.SentOut {
			calls = append(calls, callOf(row, *o.Attempt))
		}
		for _, id := range o.MessageIDs {
			if id != "" {
				messages.add(row.AccountID, id, row.ID)
			}
		}
		if !ended[row.ID] {
			continue
		}
		if o.Blocked {
			blocked.add(row.IdentityID)
		}
		if o.Effects != nil {
			changes = append(changes, change{row.BotID, row.ContactID, row.IdentityID, o.Effects})
		}
		ends, err := ofDelivery(row, engine.Ending{Status: o.Status, Reason: o.Reason, Class: o.Class, Code: o.Code, Error: o.Error}, e.Now)
		if err != nil {
			return err
		}
		notices = append(notices, ends...)
	}
	for _, r := range e.Releases {
		if r.Attempt != nil {
			calls = append(calls, callOf(r.Delivery, *r.Attempt))
		}
	}
	saveAttempts(s, e.Now, calls...)
	if !messages.empty() {
		s.with(messages, `INSERT INTO delivery_messages (account_id, message_id, delivery_id) SELECT account_id, message_id, delivery_id FROM v
			WHERE true ORDER BY message_id ON CONFLICT (account_id, message_id) DO NOTHING`)
	}
	if !blocked.empty() {
		s.with(blocked, `UPDATE identities SET blocked_at = ? WHERE id IN (SELECT id FROM v) AND blocked_at IS NULL`, e.Now)
	}
	if err := d.apply(ctx, t, s, changes, e.Now); err != nil {
		return err
	}
	return d.announce(s, told, notices...)
}
