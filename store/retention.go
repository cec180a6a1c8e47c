package store

import (
	"context"
	"fmt"
	"time"
)

// How long things are kept.
const (
	keepEventKeys = 8 * 24 * time.Hour  // longer than any platform redelivers
	keepContent   = 30 * 24 * time.Hour // what people wrote and were told, after its last use
	keepLedger    = 13 * 30 * 24 * time.Hour
	keepPoison    = 30 * 24 * time.Hour
	keepReceipts  = 24 * time.Hour // those that ApplyReceipts never came to
)

// pruning is one line of the retention table.
type pruning struct {
	name string // as counted
	keep time.Duration
	// prune removes up to limit rows older than before and says how many.
	prune func(ctx context.Context, d *DB, before time.Time, limit int) (int64, error)
}

// prunings is the whole of what is forgotten, and when.
var prunings = [...]pruning{
	{"event_keys", keepEventKeys, old("event_keys", "account_id, event_key", "at")},
	{"idempotency_keys", 0, old("idempotency_keys", "token_hash, key", "expires_at")},
	{"kept_answers", 0, old("kept_answers", "token_hash, key", "expires_at")},
	{"receipts", keepReceipts, oldest("receipts", "received_at")},
	{"interaction_payloads", keepContent, walk(markInteractions, "interactions", "received_at", `payload = '{}', reply_token = ''`, "true")},
	{"delivery_content", keepContent, walk(markDeliveries, "deliveries", "created_at", `attributes = '{}'`, "closed_at IS NOT NULL")},
	{"send_requests", keepContent, sendRequests},
	{"renders", keepContent, renders},
	{"events", keepContent, oldest("events", "at")},
	{"webhook_postings", keepContent, oldest("webhook_postings", "created_at")},
	{"poison", keepPoison, oldest("poison", "at")},
	{"taps", keepLedger, oldest("taps", "at")},
	{"links", keepLedger, old("links", "id", "created_at")},
	{"attempts", keepLedger, oldest("attempts", "at")},
	{"delivery_messages", keepLedger, deliveryMessages},
	{"deliveries", keepLedger, oldest("deliveries", "created_at")},
	{"interactions", keepLedger, oldest("interactions", "received_at")},
	{"sends", keepLedger, old("sends", "id", "created_at")},
	{"broadcast_versions", keepLedger, old("broadcast_versions", "broadcast_id, version", "replaced_at")},
	{"audit_log", keepLedger, oldest("audit_log", "at")},
}

// Prune forgets what has been kept long enough, up to limit rows of each kind,
// and returns how many by kind. A kind that comes back with limit has more.
// Each is a transaction of its own, so that nobody waits for long.
func (d *DB) Prune(ctx context.Context, now time.Time, limit int) (map[string]int, error) {
	limit = min(limit, rangeRows)
	out := map[string]int{}
	for _, p := range prunings {
		n, err := p.prune(ctx, d, now.Add(-p.keep), limit)
		if err != nil {
			return out, fmt.Errorf("prune %s: %w", p.name, err)
		}
		if n > 0 {
			out[p.name] = int(n)
		}
	}
	return out, nil
}

// old removes by a time that has an index.
func old(table, key, at string) func(context.Context, *DB, time.Time, int) (int64, error) {
	return func(ctx context.Context, d *DB, before time.Time, limit int) (n int64, err error) {
		s := new(script)
		s.exec(`DELETE FROM `+table+` WHERE (`+key+`) IN (SELECT `+key+` FROM `+table+` WHERE `+at+` < ? ORDER BY `+at+` LIMIT ?)`, before, limit).affected(&n)
		return n, d.write(ctx, s)
	}
}

// oldest removes from the low end of a table whose ids rise with time: it
// needs no index on the time. What is still open is never so old.
func oldest(table, at string) func(context.Context, *DB, time.Time, int) (int64, error) {
	key := "id"
	if table == "attempts" {
		key = "n"
	}
	return func(ctx context.Context, d *DB, before time.Time, limit int) (n int64, err error) {
		s := new(script)
		s.exec(`DELETE FROM `+table+` WHERE `+key+` IN (SELECT `+key+` FROM `+table+` ORDER BY `+key+` LIMIT ?) AND `+at+` < ?`, limit, before).affected(&n)
		return n, d.write(ctx, s)
	}
}

// walk empties columns of old rows, once each: a mark keeps how far it came.
// It stops before the first row that is too young or not done.
func walk(mark, table, at, set, done string) func(context.Context, *DB, time.Time, int) (int64, error) {
	return func(ctx context.Context, d *DB, before time.Time, limit int) (n int64, err error) {
		err = d.transact(ctx, func(t transaction) error {
			from, err := d.mark(ctx, t, mark)
			if err != nil {
				return err
			}
			to := from
			s := new(script)
			open := false
			s.query(`SELECT id, CASE WHEN `+at+` < ? AND `+done+` THEN 1 ELSE 0 END FROM `+table+` WHERE id > ? ORDER BY id LIMIT ?`, before, from, limit).each(func(r scanner) error {
				var id, ready int64
				err := r.Scan(&id, &ready)
				if open = open || ready == 0; !open {
					to = id
				}
				return err
			})
			if err := t.run(ctx, s); err != nil || to == from {
				return err
			}
			s = new(script)
			s.exec(`UPDATE `+table+` SET `+set+` WHERE id > ? AND id <= ?`, from, to).affected(&n)
			setMark(s, mark, to)
			return t.commit(ctx, s)
		})
		return n, err
	}
}

// sendRequests empties what callers sent; the row stays as long as the ledger.
func sendRequests(ctx context.Context, d *DB, before time.Time, limit int) (n int64, err error) {
	s := new(script)
	s.exec(`UPDATE sends SET request = '' WHERE id IN (SELECT id FROM sends WHERE created_at < ? AND request <> '' ORDER BY created_at LIMIT ?)`, before, limit).affected(&n)
	return n, d.write(ctx, s)
}

// unneeded holds for a render that no open delivery has.
func unneeded(render string) string {
	return `NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.waiting AND d.render_id = ` + render + `)
		AND NOT EXISTS (SELECT 1 FROM broadcast_runs o CROSS JOIN deliveries d
			WHERE d.run_id = o.id AND d.run_id > '' AND o.closed_at IS NULL AND d.closed_at IS NULL AND d.render_id = ` + render + `)`
}

// renders go when they were not used for long and nothing that waits needs them.
func renders(ctx context.Context, d *DB, before time.Time, limit int) (n int64, err error) {
	s := new(script)
	s.exec(`DELETE FROM renders WHERE id IN (SELECT r.id FROM renders r WHERE r.used_on < ?
		AND `+unneeded("r.id")+`
		ORDER BY r.used_on LIMIT ?)`, before, limit).affected(&n)
	return n, d.write(ctx, s)
}

// deliveryMessages go before the deliveries they belong to.
func deliveryMessages(ctx context.Context, d *DB, before time.Time, limit int) (n int64, err error) {
	s := new(script)
	s.exec(`DELETE FROM delivery_messages WHERE delivery_id IN
		(SELECT id FROM (SELECT id, created_at FROM deliveries ORDER BY id LIMIT ?) low WHERE created_at < ?)`, limit, before).affected(&n)
	return n, d.write(ctx, s)
}
