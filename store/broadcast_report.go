package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// leftWithin is how long after a message somebody's leaving is put down to it.
const leftWithin = 24 * time.Hour

// within holds where one time comes at most so long after another.
func (d *DB) within(later, earlier string, span time.Duration) string {
	if d.postgres {
		return fmt.Sprintf("%s <= %s + interval '%d seconds'", later, earlier, int64(span.Seconds()))
	}
	// Most rows have no later time, and SQLite would read the earlier one of them all the same.
	return fmt.Sprintf("%s IS NOT NULL AND unixepoch(%s, 'subsec') - unixepoch(%s, 'subsec') <= %d", later, later, earlier, int64(span.Seconds()))
}

func countIf(condition string) string { return "SUM(CASE WHEN " + condition + " THEN 1 ELSE 0 END)" }

// CountFigures counts a run over the ledger: its rows in one pass, who left
// after it by the people who left at all, taps by their run, and what followed
// by what it followed.
func (d *DB) CountFigures(ctx context.Context, r *engine.Run) (*broadcast.Figures, error) {
	f := &broadcast.Figures{FollowUps: map[engine.Status]int64{}}
	s := new(script)
	replied := func(hours time.Duration) string { return countIf(d.within("replied_at", "sent_at", hours*time.Hour)) }
	s.query(`SELECT account_id, variant, status, reason, class, route, COUNT(*), SUM(messages_sent), COUNT(clicked_at), `+replied(12)+`, `+replied(24)+`, `+replied(48)+`
		FROM deliveries WHERE run_id = ? AND run_id > '' AND seq = 0 GROUP BY account_id, variant, status, reason, class, route, messages_sent
		ORDER BY account_id, variant, status, reason, class, route, messages_sent`, r.ID).each(func(row scanner) error {
		var t broadcast.Tally
		err := row.Scan(&t.AccountID, &t.Variant, &t.Status, &t.Reason, &t.Class, &t.Route, &t.Count, &t.Messages, &t.Clicked, &t.Replied12, &t.Replied24, &t.Replied48)
		f.Rows = append(f.Rows, t)
		return err
	})
	since := r.CreatedAt
	s.query(`SELECT d.account_id, d.variant, `+countIf("i.unsubscribed_at > d.sent_at AND "+d.within("i.unsubscribed_at", "d.sent_at", leftWithin))+`,
			`+countIf("i.blocked_at > d.sent_at AND "+d.within("i.blocked_at", "d.sent_at", leftWithin))+`
		FROM identities i JOIN deliveries d ON d.run_id = ? AND d.run_id <> '' AND d.seq = 0 AND d.identity_id = i.id
		WHERE i.account_id IN (SELECT id FROM accounts WHERE bot_id = ?) AND (i.unsubscribed_at >= ? OR i.blocked_at >= ?) AND d.status IN ('sent', 'delivered', 'read')
		GROUP BY d.account_id, d.variant ORDER BY d.account_id, d.variant`, r.ID, r.BotID, since, since).each(func(row scanner) error {
		var l broadcast.Leaving
		err := row.Scan(&l.AccountID, &l.Variant, &l.Unsubscribed, &l.Blocked)
		f.Left = append(f.Left, l)
		return err
	})
	s.query(`SELECT place, MIN(title), COUNT(DISTINCT CASE WHEN delivery_id > 0 THEN delivery_id END), COUNT(*) FROM taps
		WHERE run_id = ? AND run_id > '' GROUP BY place ORDER BY place`, r.ID).each(func(row scanner) error {
		var c broadcast.Click
		err := row.Scan(&c.Place, &c.Title, &c.People, &c.Taps)
		f.Clicks = append(f.Clicks, c)
		return err
	})
	s.query(`SELECT EXISTS (SELECT 1 FROM links WHERE run_id = ?)`, r.ID).one(&f.Linked)
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("count run %s: %w", r.ID, err)
	}
	return f, d.countFollowUps(ctx, r, f)
}

// countFollowUps counts what followed a run's rows, and what followed that.
func (d *DB) countFollowUps(ctx context.Context, r *engine.Run, f *broadcast.Figures) error {
	first, end, err := d.spanOf(ctx, r)
	if err != nil {
		return err
	}
	s := new(script)
	s.query(`WITH RECURSIVE after AS (
			SELECT f.id, f.status FROM deliveries f JOIN deliveries d ON d.id = f.origin_id
			WHERE f.origin_id > 0 AND f.origin_id >= ? AND f.origin_id < ? AND d.run_id = ?
			UNION ALL SELECT n.id, n.status FROM deliveries n JOIN after a ON n.origin_id = a.id WHERE n.origin_id > 0)
		SELECT status, COUNT(*) FROM after GROUP BY status`, first, end, r.ID).each(countStatus(f.FollowUps))
	if err := d.read(ctx, s); err != nil {
		return fmt.Errorf("count what followed run %s: %w", r.ID, err)
	}
	return nil
}

// spanOf is the range of ids that holds a run's rows, and few others: it is
// found by time, in a few looks however long the ledger is.
func (d *DB) spanOf(ctx context.Context, r *engine.Run) (first, end int64, err error) {
	if first, err = d.firstSince(ctx, r.CreatedAt.Add(-reportSlack)); err != nil {
		return 0, 0, err
	}
	last := r.FrozenAt
	if last.IsZero() {
		last = d.now()
	}
	end, err = d.firstSince(ctx, last.Add(reportSlack))
	return first, end, err
}

// KeptFigures is the last count that was kept of a run, nil when none was.
func (d *DB) KeptFigures(ctx context.Context, runID string) (*broadcast.Figures, error) {
	var out *broadcast.Figures
	s := new(script)
	s.query(`SELECT figures FROM run_figures WHERE run_id = ?`, runID).each(func(r scanner) error {
		out = new(broadcast.Figures)
		return r.Scan(fromJSON(out))
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read figures of run %s: %w", runID, err)
	}
	return out, nil
}

// KeepFigures keeps a count in place of the one before.
func (d *DB) KeepFigures(ctx context.Context, runID string, f *broadcast.Figures) error {
	text, err := toJSON(f)
	if err != nil {
		return fmt.Errorf("keep figures of run %s: %w", runID, err)
	}
	s := new(script)
	s.exec(`INSERT INTO run_figures (run_id, figures, counted_at) VALUES (?, ?, ?)
		ON CONFLICT (run_id) DO UPDATE SET figures = excluded.figures, counted_at = excluded.counted_at`, runID, text, f.At)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("keep figures of run %s: %w", runID, err)
	}
	return nil
}
