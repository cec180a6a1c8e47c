package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
)

// capReasons are the reasons of frequency caps for contacts c, as WHENs of a
// CASE, with their arguments.
func capReasons(list []outbox.Cap) (string, []any) {
	var sql strings.Builder
	var args []any
	for _, c := range list {
		had, more := hadEnough(c, "c.id", "")
		fmt.Fprintf(&sql, "WHEN %s THEN '%s' ", had, policy.FrequencyCap)
		args = append(args, more...)
	}
	return sql.String(), args
}

// hadEnough is the condition that a contact had as much as a cap lets, in runs
// other than one. What is on its way counts as sent.
func hadEnough(c outbox.Cap, contact, run string) (string, []any) {
	sql := `(SELECT COUNT(*) FROM deliveries x WHERE x.contact_id = ` + contact + ` AND x.run_id <> '' AND x.seq = 0
		AND (x.sent_at > ? OR x.status IN ('sending', 'unknown') AND x.created_at > ?)`
	args := []any{c.Since, c.Since}
	if run != "" {
		sql += ` AND x.run_id <> ` + run
	}
	if c.Category != "" {
		sql += ` AND x.category = ?`
		args = append(args, c.Category)
	}
	return sql + `) >= ?`, append(args, c.Most)
}

// skipCapped closes those of claimed rows whose people have reached a cap since
// the audience was written down, and returns which. Whoever is about to send
// for the same bot waits until the transaction ends, so that two runs do not
// both find that nothing was sent.
func (d *DB) skipCapped(s *script, botID string, rows *input, caps []outbox.Cap, now time.Time, skipped map[int64]bool) {
	if len(caps) == 0 || rows.empty() {
		return
	}
	if d.postgres {
		s.query(`SELECT 1 FROM bots WHERE id = ? FOR NO KEY UPDATE`, botID)
	}
	args := []any{policy.FrequencyCap, now}
	conditions := make([]string, len(caps))
	for i, c := range caps {
		had, more := hadEnough(c, "deliveries.contact_id", "deliveries.run_id")
		conditions[i] = had
		args = append(args, more...)
	}
	s.with(rows, `UPDATE deliveries SET status = 'skipped', reason = ?, closed_at = ?, lease_until = NULL
		FROM v WHERE deliveries.id = v.id AND deliveries.attempt_id = v.attempt_id AND deliveries.status IN ('held', 'queued')
		AND (`+strings.Join(conditions, " OR ")+`) RETURNING deliveries.id`, args...).each(func(r scanner) error {
		var id int64
		err := r.Scan(&id)
		skipped[id] = true
		return err
	})
}

// SkipCapped implements outbox.Ledger.
func (d *DB) SkipCapped(ctx context.Context, c outbox.Capping) (map[int64]bool, error) {
	skipped := map[int64]bool{}
	in := newInput("id bigint", "attempt_id text")
	for _, r := range c.Rows {
		in.add(r.ID, r.AttemptID)
	}
	s := new(script)
	d.skipCapped(s, c.BotID, in, c.Caps, c.Now, skipped)
	if len(s.statements) == 0 {
		return skipped, nil
	}
	if err := d.write(ctx, s); err != nil {
		return nil, fmt.Errorf("skip rows over a cap: %w", err)
	}
	return skipped, nil
}

// toCall are the rows of a beginning that are about to be sent.
func toCall(b outbox.Beginning) *input {
	in := newInput("id bigint", "attempt_id text")
	for _, r := range b.Rows {
		if r.Route != "" {
			in.add(r.Delivery.ID, r.Delivery.AttemptID)
		}
	}
	return in
}
