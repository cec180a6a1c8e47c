package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Times of waiting for what is under way.
const (
	drainEvery    = 300 * time.Millisecond
	drainPatience = 9 * time.Minute // a lease of a killed process lasts 2 min, the longest backoff is 7.5 min
	shortPatience = 2 * time.Minute // a clock a minute ahead puts things off for as long
)

// pending lists what is still to be done, and how it is counted.
func pending() []struct{ name, query string } {
	return []struct{ name, query string }{
		{"open deliveries", `SELECT COUNT(*) FROM deliveries WHERE closed_at IS NULL`},
		{"unanswered interactions", `SELECT COUNT(*) FROM interactions WHERE answered_at IS NULL`},
		{"planned sends", `SELECT COUNT(*) FROM timers`},
		{"notices", `SELECT COUNT(*) FROM webhook_postings WHERE closed_at IS NULL`},
		{"broadcasts", `SELECT COUNT(*) FROM broadcast_runs WHERE closed_at IS NULL`},
		{"pauses", `SELECT COUNT(*) FROM sessions WHERE resume_at IS NOT NULL`},
	}
}

// drain waits until nothing is to be done any more. What is left when its
// patience ends the audit names row by row.
func (w *world) drain(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for quiet := 0; quiet < 2; { // twice: a row that ends may make another
		left, err := w.left(ctx)
		if err != nil && ctx.Err() == nil {
			return err
		}
		if quiet++; left != "" || err != nil {
			quiet = 0
		}
		select {
		case <-ctx.Done():
			w.lab.say("  after %v there are still %s", patience, left)
			return nil
		case <-time.After(drainEvery):
		}
	}
	return nil
}

// left says what is still to be done, "" for nothing.
func (w *world) left(ctx context.Context) (string, error) {
	var said []string
	for _, p := range pending() {
		n, err := w.database.count(ctx, p.query)
		if err != nil {
			return "", err
		}
		if n > 0 {
			said = append(said, fmt.Sprintf("%d %s", n, p.name))
		}
	}
	return strings.Join(said, ", "), nil
}

// skipWaits kills everything and lets the time pass in which leases of the dead
// run out, as nobody is there who could hold one, and in which what was refused
// waits for its next try. Then everything is started again.
func (w *world) skipWaits(ctx context.Context) error {
	w.cluster.killAll()
	if err := w.endLeases(ctx); err != nil {
		return err
	}
	if err := w.endBackoffs(ctx); err != nil {
		return err
	}
	return w.cluster.start(ctx)
}

// endLeases lets all leases end, as time would.
func (w *world) endLeases(ctx context.Context) error {
	if w.embedded { // it frees them by itself when it starts
		return nil
	}
	return w.do(ctx, `UPDATE contact_leases SET until = TIMESTAMPTZ 'epoch' WHERE owner <> ''`,
		`UPDATE deliveries SET lease_until = TIMESTAMPTZ 'epoch' WHERE closed_at IS NULL AND lease_until IS NOT NULL`,
		`UPDATE run_ranges SET lease_until = TIMESTAMPTZ 'epoch' WHERE done_at IS NULL AND lease_until IS NOT NULL`,
		`UPDATE broadcast_runs SET lease_until = TIMESTAMPTZ 'epoch' WHERE closed_at IS NULL AND lease_until IS NOT NULL`,
		`UPDATE webhook_postings SET next_at = TIMESTAMPTZ 'epoch' WHERE closed_at IS NULL AND status = 'sending'`,
		`UPDATE locks SET until = TIMESTAMPTZ 'epoch'`)
}

// endBackoffs lets every next try be due: after a platform's or a receiver's
// no it is seconds away, and minutes for a row whose senders were killed often,
// as if it were the cause.
func (w *world) endBackoffs(ctx context.Context) error {
	return w.do(ctx, `UPDATE deliveries SET not_before = created_at WHERE closed_at IS NULL AND not_before IS NOT NULL`,
		`UPDATE webhook_postings SET next_at = created_at WHERE closed_at IS NULL AND status <> 'sending'`)
}

// do changes the database as time does.
func (w *world) do(ctx context.Context, statements ...string) error {
	for _, statement := range statements {
		if _, err := w.database.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("let time pass: %w", err)
		}
	}
	return nil
}
