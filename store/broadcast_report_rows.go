package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/policy"
)

// reached holds for rows that the platform has taken.
const reached = "d.status IN ('sent', 'delivered', 'read')"

// left holds for rows whose person, i, has done something within a day of them.
func (d *DB) left(column string) string {
	return reached + " AND EXISTS (SELECT 1 FROM identities i WHERE i.id = d.identity_id AND i." + column + " > d.sent_at AND " + d.within("i."+column, "d.sent_at", leftWithin) + ")"
}

// outcome is a condition on rows d of a run.
func (d *DB) outcome(f broadcast.Filter) (string, []any, error) {
	where, args := "d.seq = 0", []any(nil)
	conditions := map[broadcast.Outcome]string{
		"":                            "true",
		broadcast.OutcomeAccepted:     reached,
		broadcast.OutcomeDelivered:    "d.status IN ('delivered', 'read')",
		broadcast.OutcomeRead:         "d.status = 'read'",
		broadcast.OutcomeClicked:      "d.clicked_at IS NOT NULL",
		broadcast.OutcomeReplied:      "d.replied_at IS NOT NULL",
		broadcast.OutcomeFailed:       "d.status = 'failed'",
		broadcast.OutcomeUnknown:      "d.status = 'unknown'",
		broadcast.OutcomeSkipped:      "d.status = 'skipped'",
		broadcast.OutcomeCanceled:     "d.status = 'canceled'",
		broadcast.OutcomeOpen:         "d.status IN ('held', 'queued', 'sending')",
		broadcast.OutcomeUnsubscribed: d.left("unsubscribed_at"),
		broadcast.OutcomeBlocked:      d.left("blocked_at"),
		broadcast.OutcomeNotReached:   "d.status IN ('failed', 'skipped', 'canceled')",
		broadcast.OutcomeNotClicked:   reached + " AND d.clicked_at IS NULL",
		broadcast.OutcomeUnsettled:    "d.status IN ('held', 'queued', 'sending', 'unknown')",
	}
	condition, ok := conditions[f.Outcome]
	if !ok {
		return "", nil, invalid("outcome", "there is no outcome %q", f.Outcome)
	}
	where += " AND " + condition
	if f.Reason != "" {
		where, args = where+" AND (d.reason = ? OR d.status = 'failed' AND d.class = ?)", append(args, f.Reason, f.Reason)
	}
	if f.Variant != "" {
		where, args = where+" AND d.variant = ?", append(args, f.Variant)
	}
	if f.Meant {
		where, args = where+" AND d.reason <> ?", append(args, policy.HeldOut)
	}
	return where, args, nil
}

// Recipients returns a run's rows with who they are for, the first first.
func (d *DB) Recipients(ctx context.Context, r *engine.Run, f broadcast.Filter, p engine.Page) ([]broadcast.Recipient, string, error) {
	after, limit, err := numbered(p)
	if err != nil {
		return nil, "", err
	}
	where, args, err := d.outcome(f)
	if err != nil {
		return nil, "", err
	}
	first, end, err := d.spanOf(ctx, r)
	if err != nil {
		return nil, "", fmt.Errorf("list recipients of run %s: %w", r.ID, err)
	}
	var rows []broadcast.Recipient
	s := new(script)
	all := append([]any{r.ID, max(first, after+1), end}, args...)
	s.query(recipientRows()+` WHERE d.run_id = ? AND d.id >= ? AND d.id < ? AND `+where+` ORDER BY d.id LIMIT ?`, append(all, limit+1)...).each(listRecipients(&rows))
	if err := d.read(ctx, s); err != nil {
		return nil, "", fmt.Errorf("list recipients of run %s: %w", r.ID, err)
	}
	rows, next := cut(rows, limit, func(v broadcast.Recipient) string { return strconv.FormatInt(v.Delivery.ID, 10) })
	return rows, next, nil
}

// recipientRows selects rows d with who they are for; listRecipients reads them.
func recipientRows() string {
	return `SELECT ` + prefixed("d", deliveryColumns) + `, d.variant, COALESCE(NULLIF(c.name, ''), c.first_name, ''), COALESCE(i.external_id, ''), i.unsubscribed_at, i.blocked_at,
		COALESCE((SELECT MIN(p.phone) FROM contact_phones p WHERE p.contact_id = d.contact_id), '')
	FROM deliveries d LEFT JOIN contacts c ON c.id = d.contact_id LEFT JOIN identities i ON i.id = d.identity_id`
}

func listRecipients(out *[]broadcast.Recipient) func(scanner) error {
	return func(row scanner) error {
		var v broadcast.Recipient
		err := scanDelivery(longer{row, []any{&v.Variant, &v.Name, &v.User, moment(&v.UnsubscribedAt), moment(&v.BlockedAt), &v.Phone}}, &v.Delivery)
		*out = append(*out, v)
		return err
	}
}

// prefixed are columns of one table of several.
func prefixed(table, columns string) string {
	names := strings.Split(columns, ",")
	for i, name := range names {
		names[i] = table + "." + strings.TrimSpace(name)
	}
	return strings.Join(names, ", ")
}

// longer is a row with more columns than what scans it knows.
type longer struct {
	scanner
	more []any
}

func (l longer) Scan(dest ...any) error { return l.scanner.Scan(append(dest, l.more...)...) }

// RecipientRows returns a person's rows of a run.
func (d *DB) RecipientRows(ctx context.Context, runID string, contactID int64) ([]engine.Delivery, error) {
	var rows []engine.Delivery
	s := new(script)
	s.query(`SELECT `+deliveryColumns+` FROM deliveries WHERE contact_id = ? AND run_id = ? ORDER BY id`, contactID, runID).each(listDeliveries(&rows))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read rows of run %s for contact %d: %w", runID, contactID, err)
	}
	return rows, nil
}

// HadBroadcasts counts what a person was sent by broadcasts between two times,
// as a freezing's caps do.
func (d *DB) HadBroadcasts(ctx context.Context, contactID int64, category string, since, until time.Time) (int64, error) {
	var n int64
	s := new(script)
	s.query(`SELECT COUNT(*) FROM deliveries WHERE contact_id = ? AND run_id <> '' AND seq = 0 AND sent_at > ? AND sent_at < ? AND (? = '' OR category = ?)`,
		contactID, since, until, category, category).one(&n)
	if err := d.read(ctx, s); err != nil {
		return 0, fmt.Errorf("count broadcasts to contact %d: %w", contactID, err)
	}
	return n, nil
}

// InAudience asks a filter's question about one person.
func (d *DB) InAudience(ctx context.Context, botID string, f *expression.Filter, contactID int64, now time.Time) (bool, error) {
	condition, args, err := d.audience(f, botID, now)
	if err != nil {
		return false, err
	}
	var n int64
	s := new(script)
	s.query(`SELECT COUNT(*) FROM (SELECT 1 AS one FROM contacts c JOIN identities i ON i.contact_id = c.id
		WHERE c.bot_id = ? AND c.id = ? AND c.merged_into = 0 AND i.kind = 'person' AND `+condition+`) o`, append([]any{botID, contactID}, args...)...).one(&n)
	if err := d.read(ctx, s); err != nil {
		return false, fmt.Errorf("ask the audience about contact %d: %w", contactID, err)
	}
	return n > 0, nil
}
