package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// BeginMany claims rows, keeps what was prepared and writes sending before the
// calls of a batch: first the rows themselves, which tells those that are ours,
// then all that follows from them. A row that was only read is ours when nobody
// has claimed it or begun its call since, its run goes on and no neighbour comes
// first; one that was claimed before, while its lease lasts.
func (d *DB) BeginMany(ctx context.Context, b outbox.Beginning) (map[int64]bool, error) {
	ours := make(map[int64]bool, len(b.Rows))
	if len(b.Rows) == 0 {
		return ours, nil
	}
	in, err := beginnings(b)
	if err != nil {
		return nil, fmt.Errorf("begin rows: %w", err)
	}
	var told int64
	row := b.Rows[0].Delivery
	alone, neighbours := foremostOf(row.BotID, row.RunID, accountsOf(b.Rows), b.Now)
	err = d.transact(ctx, func(t transaction) error {
		s := new(script)
		d.skipCapped(s, row.BotID, toCall(b), b.Caps, b.Now, map[int64]bool{})
		d.lostBefore(s, b)
		v, meant, ids := in.meets("deliveries.id")
		s.with(v, `UPDATE deliveries SET attempt_id = CASE WHEN v.claims THEN ? ELSE deliveries.attempt_id END,
				lease_until = CASE WHEN v.claims THEN ? ELSE lease_until END, expires_at = v.expires_at, attempt = attempt + CASE WHEN v.claims THEN 1 ELSE 0 END,
				render_id = CASE WHEN v.prepared THEN v.render_id ELSE deliveries.render_id END,
				prepared_at = CASE WHEN v.prepared THEN v.now ELSE prepared_at END, warnings = CASE WHEN v.prepared THEN v.warnings ELSE deliveries.warnings END,
				version_id = CASE WHEN v.prepared THEN v.version_id ELSE deliveries.version_id END,
				status = CASE WHEN v.route <> '' THEN 'sending' WHEN v.claims AND status = 'held' THEN 'queued' ELSE status END,
				route = CASE WHEN v.route <> '' THEN v.route ELSE deliveries.route END, group_id = CASE WHEN v.route <> '' THEN v.group_id ELSE deliveries.group_id END,
				called_at = CASE WHEN v.route <> '' THEN v.now WHEN v.claims THEN NULL ELSE called_at END
			FROM v WHERE `+meant+` AND deliveries.attempt_id = v.attempt_id AND status IN ('held', 'queued', 'sending') AND (NOT v.prepared OR prepared_at IS NULL)
			AND (v.claims OR v.route = '' OR lease_until > v.now) AND (NOT v.claims OR `+stillAsRead+` AND `+callTold+` AND `+ofRunning+` AND `+alone+`)
			RETURNING deliveries.id`, slices.Concat([]any{b.Claim.AttemptID, b.Claim.LeaseUntil}, ids, []any{row.RunID}, neighbours)...).each(noting(ours))
		if err := t.run(ctx, s); err != nil {
			return err
		}
		s = new(script)
		if err := d.writeBegun(ctx, t, s, b, ours, &told); err != nil {
			return err
		}
		return t.commit(ctx, s)
	})
	if err != nil {
		return nil, fmt.Errorf("begin rows: %w", err)
	}
	d.noticed(told)
	return ours, nil
}

// stillAsRead holds for a row of deliveries that nobody has begun since v was
// read, and nobody holds: its last holder, whose attempt it still names, may be
// late and not dead.
const stillAsRead = `(v.called OR deliveries.status <> 'sending') AND (deliveries.lease_until IS NULL OR deliveries.lease_until <= v.now)`

// asRead is stillAsRead for one row, of which it takes whether it is claimed,
// whether it was read as one whose call was under way, and now.
const asRead = `(? OR (? OR status <> 'sending') AND (lease_until IS NULL OR lease_until <= ?))`

// accountsOf are the accounts of rows, each once.
func accountsOf(rows []outbox.Begun) (out []string) {
	for _, r := range rows {
		if !slices.Contains(out, r.Delivery.AccountID) {
			out = append(out, r.Delivery.AccountID)
		}
	}
	return out
}

// lostBefore writes down the calls that were under way when the last holders of
// rows died: from then on a row tells of ours. It asks what the claim asks.
func (d *DB) lostBefore(s *script, b outbox.Beginning) {
	in := newInput("id bigint", "attempt_id text")
	for _, r := range b.Rows {
		if r.Claims && r.Delivery.Status == engine.Sending {
			in.add(r.Delivery.ID, r.Delivery.AttemptID)
		}
	}
	if !in.empty() {
		d.tellLost(s, in, b.Now, `status = 'sending' AND (lease_until IS NULL OR lease_until <= ?) AND `+ofRunning+` AND `+foremost("deliveries"),
			b.Now, b.Rows[0].Delivery.RunID, b.Now, b.Now, b.Now)
	}
}

// beginnings is what is written to the rows.
func beginnings(b outbox.Beginning) (*input, error) {
	in := newInput("id bigint", "attempt_id text", "claims boolean", "called boolean", "prepared boolean", "render_id text", "warnings text", "version_id bigint", "route text", "group_id text", "expires_at timestamptz", "now timestamptz")
	for _, r := range b.Rows {
		row, render, warnings := r.Delivery, "", ""
		if p := r.Prepared; p != nil {
			if p.Turn != nil && p.Turn.Touched {
				return nil, errors.New("a session was touched without the contact's lease")
			}
			if p.Render != nil {
				render = p.Render.ID
			}
			list, err := toJSON(orEmpty(row.Warnings))
			if err != nil {
				return nil, err
			}
			warnings = list
		}
		in.add(row.ID, row.AttemptID, r.Claims, row.Status == engine.Sending, r.Prepared != nil, render, warnings, row.VersionID, r.Route, r.GroupID, row.ExpiresAt, b.Now)
	}
	return in, nil
}

// writeBegun adds what follows from the rows that are ours: renders once, the
// groups, and of each turn its events, timers, notices and deltas.
func (d *DB) writeBegun(ctx context.Context, t transaction, s *script, b outbox.Beginning, ours map[int64]bool, told *int64) error {
	if err := saveGroups(s, b, ours); err != nil {
		return err
	}
	var renders []engine.Render
	var notices []announcement
	var changes []change
	for _, r := range b.Rows {
		row, p := r.Delivery, r.Prepared
		if !ours[row.ID] {
			continue
		}
		if p == nil {
			continue
		}
		if p.Render != nil {
			renders = append(renders, *p.Render)
		}
		if p.Turn == nil {
			continue
		}
		of := eventOf{row.BotID, row.ContactID, row.IdentityID, 0, row.ID, p.Now}
		if err := saveEvents(s, p.Turn.Events, of); err != nil {
			return err
		}
		if err := saveTimers(s, p.Turn, of); err != nil {
			return err
		}
		notices = append(notices, ofTurn(p.Turn, row.BotID, p.Now)...)
		changes = append(changes, change{row.BotID, row.ContactID, row.IdentityID, &p.Turn.Deltas})
	}
	saveRenders(s, renders, b.Now)
	if err := d.announce(s, told, notices...); err != nil {
		return err
	}
	return d.apply(ctx, t, s, changes, b.Now)
}
