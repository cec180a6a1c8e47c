package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// due holds for a row that may be worked on at a time: nothing holds it and
// its not_before has passed. It takes the time twice.
const due = `(not_before IS NULL OR not_before <= ?) AND (lease_until IS NULL OR lease_until <= ?)`

// Claim takes one delivery for an attempt, nil when it is not to be had now.
//
// Input: the attempt's id, its lease, the row's id, now.
// Output: the row as it is then; its status is not changed.
//
// The row's own conditions and those on its neighbours are one statement: of
// two claimers the second waits for the first one's row and finds it leased.
// Neighbours are read by deliveries_waiting_identity, a handful of rows. The row
// itself is not asked for closed_at, here as everywhere a row is named by its
// id: a planner that thinks few rows are open would read all of those instead.
func (d *DB) Claim(ctx context.Context, id int64, c outbox.Claim) (*engine.Delivery, error) {
	var rows []engine.Delivery
	err := d.together(ctx, func() (order, error) {
		rows = nil
		return d.claiming(id, c, &rows), nil
	})
	if err != nil {
		return nil, fmt.Errorf("claim delivery %d: %w", id, err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return &rows[0], nil
}

func (d *DB) claiming(id int64, c outbox.Claim, rows *[]engine.Delivery) order {
	s := new(script)
	d.claim(s, id, c, listDeliveries(rows))
	return order{body: s, delivery: id}
}

// foremost holds for a row x whose person nothing else is being sent, and whom
// nothing waits for that was ordered before. Rows of runs are looked up by their
// runs, those that go on. It takes the time three times.
func foremost(x string) string {
	return `NOT EXISTS (` + inFrontOf(x, `e.id < `+x+`.id AND `, `e.id <> `+x+`.id AND `) + `) AND NOT EXISTS (` + underWay(x, `o.id <> `+x+`.run_id AND `) + `)`
}

// foremostOf is foremost for many rows of a run on a bot's accounts, with its
// arguments. Mostly nothing waits for the accounts' people or is being sent to
// them, which is asked once, and nobody's neighbours are looked up.
func foremostOf(botID, runID string, accounts []string, now time.Time) (string, []any) {
	args := make([]any, 0, len(accounts)+6)
	for _, id := range accounts {
		args = append(args, id)
	}
	return `(NOT EXISTS (SELECT 1 FROM deliveries w WHERE w.account_id IN (` + places(len(accounts)) + `) AND w.waiting AND w.run_id = '')
		AND NOT EXISTS (SELECT 1 FROM deliveries w WHERE w.run_id = ? AND w.run_id <> '' AND w.waiting)
		AND NOT EXISTS (SELECT 1 FROM broadcast_runs o WHERE o.bot_id = ? AND o.closed_at IS NULL AND o.id <> ?)
		OR ` + foremost("deliveries") + `)`, append(args, runID, botID, runID, now, now, now)
}

// first is foremost for a row that is about to be made.
func first(x string) string {
	return `NOT EXISTS (` + inFrontOf(x, ``, ``) + `) AND NOT EXISTS (` + underWay(x, ``) + `)`
}

// inFrontOf are the rows that x waits behind. OFFSET keeps Postgres from making
// the question a join: where it thinks that few rows are open it would read all
// of them for each.
func inFrontOf(x, earlier, other string) string {
	return `SELECT 1 FROM deliveries e WHERE e.identity_id = ` + x + `.identity_id AND e.waiting AND e.status IN ('queued', 'sending')
		AND (` + earlier + `e.run_id = '' AND (e.not_before IS NULL OR e.not_before <= ? OR e.attempt > 0 OR e.status = 'sending') OR ` + other + `e.lease_until > ?)
		LIMIT 1 OFFSET 0`
}

// underWay are the rows of runs that x's person is being sent. SQLite keeps the
// order of a CROSS JOIN: else it would walk all rows of runs for each x.
func underWay(x, other string) string {
	return `SELECT 1 FROM broadcast_runs o CROSS JOIN deliveries e WHERE ` + other + `o.bot_id = ` + x + `.bot_id AND o.closed_at IS NULL
		AND e.run_id = o.id AND e.identity_id = ` + x + `.identity_id AND e.seq = 0 AND e.run_id <> '' AND e.closed_at IS NULL AND e.lease_until > ? LIMIT 1 OFFSET 0`
}

// claim adds the claim of a row. The call that was under way when its last
// holder died is written down first: from then on the row tells of ours. One that
// is begun between the two statements leaves the row to its holder.
func (d *DB) claim(s *script, id int64, c outbox.Claim, read func(scanner) error) {
	args := []any{id, c.Now, c.Now, c.Now, c.Now, c.Now}
	const free = `id = ? AND status IN ('queued', 'sending') AND ` + due + `
		AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = deliveries.account_id AND ` + working + `)`
	mine := free + ` AND (run_id = '' OR ` + running("deliveries") + `) AND ` + foremost("deliveries")
	d.tellLost(s, nil, c.Now, mine, args...)
	s.query(`UPDATE deliveries SET attempt_id = ?, lease_until = ?, attempt = attempt + 1, called_at = NULL WHERE `+mine+` AND `+callTold+` RETURNING `+deliveryColumns,
		append([]any{c.AttemptID, c.LeaseUntil}, args...)...).each(read)
}

// Release gives a claimed row back, still ours or not at all. How its call ended
// is written in either case.
func (d *DB) Release(ctx context.Context, r outbox.Release) error {
	err := d.together(ctx, func() (order, error) { return releasing(r) })
	if err == outbox.ErrLost && r.Attempt != nil {
		call, late := callOf(r.Delivery, *r.Attempt), new(script)
		saveAttempts(late, r.Now, call)
		answerLost(late, r.Now, call)
		tellNoMore(late, r.Now, call)
		if failed := d.together(ctx, alike(late)); failed != nil {
			err = failed
		}
	}
	if err != nil {
		return wrapUnlessLost(fmt.Sprintf("release delivery %d", r.Delivery.ID), err)
	}
	return nil
}

func releasing(r outbox.Release) (order, error) {
	row, guard, body := r.Delivery, new(script), new(script)
	guard.exec(`UPDATE deliveries SET status = ?, not_before = ?, lease_until = NULL, class = ?, code = ?, error = ?,
			generation = ?, attempt = attempt + ?, called_at = CASE WHEN ? THEN called_at END
		WHERE id = ? AND attempt_id = ? AND status IN ('held', 'queued', 'sending') AND `+asRead,
		string(r.Status), r.NotBefore, r.Class, r.Code, r.Error, row.Generation, counted(r), r.Unclaimed != "",
		row.ID, row.AttemptID, r.Unclaimed == "", r.Unclaimed == engine.Sending, r.Now).must(outbox.ErrLost)
	if err := instead(body, r); err != nil {
		return order{}, err
	}
	if r.Attempt != nil {
		saveAttempts(body, r.Now, callOf(row, *r.Attempt))
	}
	return order{guard: guard, body: body}, nil
}

// instead writes what the next attempt of a row that was given back sends in
// the place of what was prepared.
func instead(s *script, r outbox.Release) error {
	row := r.Delivery
	if r.EndSession {
		s.exec(`DELETE FROM sessions WHERE identity_id = ? AND origin = ?`, row.IdentityID, row.ID)
	}
	if r.Instead == nil {
		return nil
	}
	warnings, err := toJSON(orEmpty(row.Warnings))
	if err != nil {
		return err
	}
	saveRenders(s, one(*r.Instead), r.Now)
	s.exec(`UPDATE deliveries SET render_id = ?, prepared_at = ?, warnings = ? WHERE id = ?`, r.Instead.ID, r.Now, warnings, row.ID)
	return nil
}

// single holds for a row of no run, where rows are looked for by their person. A
// plain comparison would let Postgres take deliveries_waiting_account for it,
// whose predicate it is, and walk what waits for anybody.
const single = `run_id || '' = ''`

// NextOf returns the id of the earliest open, due delivery of an identity that
// nobody holds, 0 when there is none.
func (d *DB) NextOf(ctx context.Context, identityID int64, now time.Time) (int64, error) {
	var id int64
	s := new(script)
	s.query(`SELECT id FROM deliveries WHERE identity_id = ? AND waiting AND `+single+` AND status IN ('queued', 'sending') AND `+due+`
		ORDER BY id LIMIT 1`, identityID, now, now).one(&id)
	if err := d.read(ctx, s); err != nil {
		return 0, fmt.Errorf("read what follows for identity %d: %w", identityID, err)
	}
	return id, nil
}

// DueOf returns the open, due deliveries of a contact that nobody holds,
// earliest first. It goes by the contact's identities, whose open rows are
// few, and not by the contact's whole history: Postgres takes them one by one,
// for as a join it would walk the ledger if that was empty when it was planned.
func (d *DB) DueOf(ctx context.Context, contactID int64, now time.Time, limit int) ([]int64, error) {
	var ids []int64
	s := new(script)
	if open := `waiting AND ` + single + ` AND status IN ('queued', 'sending') AND ` + due; d.postgres {
		s.query(`SELECT d.id FROM identities i CROSS JOIN LATERAL (SELECT id FROM deliveries WHERE identity_id = i.id AND `+open+` ORDER BY id LIMIT ?) d
			WHERE i.contact_id = ? ORDER BY d.id LIMIT ?`, now, now, limit, contactID, limit).each(into(&ids))
	} else {
		s.query(`SELECT id FROM deliveries WHERE identity_id IN (SELECT id FROM identities WHERE contact_id = ?) AND `+open+` ORDER BY id LIMIT ?`,
			contactID, now, now, limit).each(into(&ids))
	}
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read due deliveries of contact %d: %w", contactID, err)
	}
	return ids, nil
}

// accountDeliveries reads what is open by deliveries_waiting_account; see
// dueDeliveries for its ORDER BY.
const accountDeliveries = `SELECT id FROM deliveries WHERE account_id = ? AND waiting AND run_id = '' AND status IN ('queued', 'sending') AND ` + due + `
	ORDER BY id + 0 LIMIT ?`

// DueOfAccount returns the open, due deliveries of an account that nobody
// holds, earliest first.
func (d *DB) DueOfAccount(ctx context.Context, accountID string, now time.Time, limit int) ([]int64, error) {
	var ids []int64
	s := new(script)
	s.query(accountDeliveries, accountID, now, now, limit).each(into(&ids))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read due deliveries of account %s: %w", accountID, err)
	}
	return ids, nil
}

// dueDeliveries reads what is open by deliveries_waiting_account, so that the rows
// of paused accounts cost nothing. The sum in ORDER BY keeps SQLite from
// walking the whole ledger by its id instead. What waits behind an earlier row
// of the same person is left out: that one's end rings for it.
const dueDeliveries = `SELECT id, contact_id FROM deliveries
	WHERE account_id IN (SELECT a.id FROM accounts a WHERE ` + working + `) AND waiting AND run_id = '' AND status IN ('queued', 'sending')
	AND COALESCE(not_before, created_at) <= ? AND (lease_until IS NULL OR lease_until <= ?) AND id > ?
	AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.identity_id = deliveries.identity_id AND e.waiting AND e.` + single + ` AND e.id < deliveries.id
		AND e.status IN ('queued', 'sending') AND (e.not_before IS NULL OR e.not_before <= ? OR e.attempt > 0 OR e.status = 'sending'))
	ORDER BY id + 0 LIMIT ?`

// Due returns open rows of active accounts that should have been worked on
// before the given time, with ids beyond after.
func (d *DB) Due(ctx context.Context, before time.Time, after int64, limit int) ([]outbox.Waiting, error) {
	var out []outbox.Waiting
	s := new(script)
	s.query(dueDeliveries, before, before, after, before, limit).each(func(r scanner) error {
		var w outbox.Waiting
		if err := r.Scan(&w.ID, &w.ContactID); err != nil {
			return err
		}
		out = append(out, w)
		return nil
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read due deliveries: %w", err)
	}
	return out, nil
}

// lateDeliveries reads what is open, as dueDeliveries does.
const lateDeliveries = `SELECT id FROM deliveries WHERE waiting AND run_id = '' AND status = 'queued' AND messages_sent = 0 AND expires_at <= ?
	AND (lease_until IS NULL OR lease_until <= ?) ORDER BY id + 0 LIMIT ?`

// Expire closes queued rows that are too late and that nobody holds.
func (d *DB) Expire(ctx context.Context, now time.Time, limit int) (int, error) {
	var late []announcement
	var told int64
	err := d.transact(ctx, func(t transaction) error {
		s := new(script)
		s.query(`UPDATE deliveries SET status = 'skipped', reason = 'expired', closed_at = ?, lease_until = NULL
			WHERE id IN (`+lateDeliveries+`) AND status = 'queued' AND (lease_until IS NULL OR lease_until <= ?)
			RETURNING `+endedColumns, now, now, now, limit, now).each(ended(&late, engine.Skipped, now))
		if err := t.run(ctx, s); err != nil {
			return err
		}
		s = new(script)
		if err := d.announce(s, &told, late...); err != nil {
			return err
		}
		return t.commit(ctx, s)
	})
	if err != nil {
		return 0, fmt.Errorf("expire deliveries: %w", err)
	}
	d.noticed(told)
	return len(late), nil
}
