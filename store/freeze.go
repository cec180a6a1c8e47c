package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
)

// workedTogether is about how many rows one worker at a time goes through.
const workedTogether = 5_000

// How an audience is written on Postgres: a part is one statement, and a
// statement has one processor. SQLite has one writer, which takes a part at a
// time.
const (
	partsAtOnce = 2
	partsInARow = 4 // before the run's place moves on, and sending begins
)

// Freeze writes the next parts of a run's audience into the ledger: policy's
// word on each person with it, and of a person's addresses the best one that
// may be written to.
//
// The parts are transactions of their own, and the place moves on when all are
// written. Who dies between leaves rows that nothing works yet; the parts are
// then written again, which adds who is missing.
func (d *DB) Freeze(ctx context.Context, f broadcast.Freezing) (done bool, err error) {
	parts, done, err := d.nextParts(ctx, f)
	if err == nil {
		err = d.holdFreezing(ctx, f)
	}
	if err != nil {
		return false, wrapUnlessLost(fmt.Sprintf("freeze run %s", f.Run.ID), err)
	}
	last := f.Run.FrozenTo
	if len(parts) > 0 {
		last = parts[len(parts)-1].last
	}
	err = d.freezeParts(ctx, f, parts)
	if err == nil {
		err = d.moveFreezing(ctx, f, last, done)
	}
	if err != nil {
		err = wrapUnlessLost(fmt.Sprintf("freeze run %s", f.Run.ID), err)
		return false, errors.Join(err, d.letFreezing(context.WithoutCancel(ctx), f))
	}
	f.Run.FrozenTo = last
	return done, nil
}

// freezeLease is how long a run's next parts are one process's to write.
const freezeLease = time.Minute

// holdFreezing lets nobody else write the same parts meanwhile: they would find
// all of it there only after the work.
func (d *DB) holdFreezing(ctx context.Context, f broadcast.Freezing) error {
	s := new(script)
	s.exec(`UPDATE broadcast_runs SET lease_until = ? WHERE id = ? AND state = 'freezing' AND frozen_to = ? AND (lease_until IS NULL OR lease_until <= ?)`,
		f.Now.Add(freezeLease), f.Run.ID, f.Run.FrozenTo, f.Now).must(outbox.ErrLost)
	return d.write(ctx, s)
}

// letFreezing lets others go on at once with what failed here.
func (d *DB) letFreezing(ctx context.Context, f broadcast.Freezing) error {
	s := new(script)
	s.exec(`UPDATE broadcast_runs SET lease_until = NULL WHERE id = ? AND state = 'freezing' AND frozen_to = ? AND lease_until = ?`,
		f.Run.ID, f.Run.FrozenTo, f.Now.Add(freezeLease))
	return d.write(ctx, s)
}

// stretch are the contacts after one up to another.
type stretch struct{ after, last int64 }

// nextParts are what is written down now; done says that nobody comes after.
func (d *DB) nextParts(ctx context.Context, f broadcast.Freezing) (parts []stretch, done bool, err error) {
	most := int64(1)
	if d.postgres && f.Left <= 0 { // the first n are counted one part after the other
		most = partsInARow
	}
	after, people := f.Run.FrozenTo, int64(0)
	s := new(script)
	s.query(`SELECT MAX(id), COUNT(*) FROM (SELECT id, (ROW_NUMBER() OVER (ORDER BY id) - 1) / ? AS part
			FROM (SELECT id FROM contacts WHERE bot_id = ? AND id > ? ORDER BY id LIMIT ?) o) p
		GROUP BY part ORDER BY part`, f.Size, f.Run.BotID, after, most*int64(f.Size)).each(func(r scanner) error {
		var last, n int64
		err := r.Scan(&last, &n)
		parts = append(parts, stretch{after, last})
		after, people = last, people+n
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, false, err
	}
	return parts, people < most*int64(f.Size), nil
}

// freezeParts writes the rows of parts, while the run is frozen from where it
// was read and is ours to freeze: who has taken it over looks once at what is
// written, and would choose another address for whom we write after that.
func (d *DB) freezeParts(ctx context.Context, f broadcast.Freezing, parts []stretch) error {
	again, err := d.frozenBeyond(ctx, f)
	if err != nil {
		return err
	}
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(partsAtOnce)
	for _, p := range parts {
		all.Go(func() error {
			err := d.freezePart(ctx, f, p, again)
			if isRepeated(err) { // an address has become another contact's since it was written down
				err = d.freezePart(ctx, f, p, true)
			}
			return err
		})
	}
	return all.Wait()
}

// freezePart writes the rows of a part. Again leaves out who has one.
func (d *DB) freezePart(ctx context.Context, f broadcast.Freezing, p stretch, again bool) error {
	return d.transact(ctx, func(t transaction) error {
		s := new(script)
		s.query(`SELECT 1 FROM broadcast_runs WHERE id = ? AND state = 'freezing' AND frozen_to = ? AND lease_until = ?`+d.forShare(),
			f.Run.ID, f.Run.FrozenTo, f.Now.Add(freezeLease)).must(outbox.ErrLost)
		if err := t.run(ctx, s); err != nil {
			return err
		}
		s = new(script)
		if err := d.insertAudience(s, f, p, again); err != nil {
			return err
		}
		return t.commit(ctx, s)
	})
}

// frozenBeyond reports whether people beyond the run's place are written down
// already, by who died before it moved: the newest row is one of theirs.
func (d *DB) frozenBeyond(ctx context.Context, f broadcast.Freezing) (bool, error) {
	var newest int64
	s := new(script)
	s.query(`SELECT contact_id FROM deliveries WHERE run_id = ? AND run_id > '' ORDER BY id DESC LIMIT 1`, f.Run.ID).one(&newest)
	err := d.read(ctx, s)
	return newest > f.Run.FrozenTo, err
}

// forShare lets nobody change a row that was read until the transaction ends.
func (d *DB) forShare() string {
	if d.postgres {
		return " FOR SHARE"
	}
	return ""
}

// moveFreezing notes how far the freezing has come, and the ranges in which what
// was written is worked; who freezes beside us is refused by it.
func (d *DB) moveFreezing(ctx context.Context, f broadcast.Freezing, to int64, done bool) error {
	state, frozen := engine.RunFreezing, time.Time{}
	if done {
		frozen = f.Now
		state = engine.RunRunning
		if f.Status == engine.Held {
			state = engine.RunPreparing
		}
	}
	var first, highest int64
	return d.transact(ctx, func(t transaction) error {
		s := new(script)
		s.exec(`UPDATE broadcast_runs SET frozen_to = ?, state = ?, frozen_at = ?, lease_until = NULL
			WHERE id = ? AND state = 'freezing' AND frozen_to = ?`, to, string(state), frozen, f.Run.ID, f.Run.FrozenTo).must(outbox.ErrLost)
		s.query(`SELECT COALESCE(MIN(id), 0), COALESCE(MAX(id), 0) FROM deliveries WHERE run_id = ? AND run_id > '' AND closed_at IS NULL
			AND id > (SELECT COALESCE(MAX(last_id), 0) FROM run_ranges WHERE run_id = ?)`, f.Run.ID, f.Run.ID).one(&first, &highest)
		if err := t.run(ctx, s); err != nil {
			return err
		}
		s = new(script)
		in := newInput("next_id bigint", "last_id bigint")
		for from := first; from > 0 && from <= highest; from += workedTogether {
			in.add(from, min(from+workedTogether-1, highest))
		}
		if !in.empty() {
			s.with(in, `INSERT INTO run_ranges (run_id, next_id, last_id) SELECT ?, next_id, last_id FROM v ORDER BY next_id`, f.Run.ID)
		}
		return t.commit(ctx, s)
	})
}

// insertAudience is one INSERT … SELECT.
//
// Input: the accounts, the preferred first, with what policy skips on each;
// the run's plan; the contacts of the part.
// Output: a row for each address of the audience, closed where it is skipped.
//
// Where a part is written again, those who have a row are left out: another of
// their addresses may be the best by now. Elsewhere nobody has one, and Postgres
// does not have to look for each (a tenth of the time).
//
// Addresses are found by their contact. By their account, for which there is an
// index as well, each contact would be looked for among all of it: Postgres
// takes that for quicker while it knows nothing of people who have just come
// (16 s for 5,000 after an import, without that index 0.4 s).
func (d *DB) insertAudience(s *script, f broadcast.Freezing, p stretch, again bool) error {
	condition, args, err := d.audience(f.Filter, f.Run.BotID, f.Now)
	if err != nil {
		return err
	}
	missing, conflicts := "", ""
	capped, all := capReasons(f.Caps)
	plan := f.Run.Plan
	all = append(all, f.Run.BotID, p.after, p.last, p.after, p.last)
	all = append(all, args...)
	if again {
		missing = " AND NOT EXISTS (SELECT 1 FROM deliveries h WHERE h.contact_id = c.id AND h.run_id = ?)"
		conflicts = " ON CONFLICT DO NOTHING"
		all = append(all, f.Run.ID)
	}
	kept, left := keptAddresses(f)
	all = append(all, left...)
	all = append(all, f.Run.BotID, f.Run.ID, string(f.Status), string(plan.Intent), plan.Category)
	s.with(waysOf(f), `, reached AS (
			SELECT c.id AS contact_id, i.id AS identity_id, i.last_inbound_at, v.place, v.account_id, v.block_id, v.variant, v.not_before, v.waits, v.now, v.expires,
				CASE `+skipReasons+`
					WHEN v.locked THEN 'route_locked'
					WHEN v.missed THEN 'missed'
					`+capped+`
					WHEN v.held_out THEN 'hold_out'
					ELSE '' END AS reason
			FROM contacts c JOIN identities i ON i.contact_id = c.id JOIN v ON v.account_id = i.account_id || ''`+ofTheirs(f)+`
			WHERE c.bot_id = ? AND c.id > ? AND c.id <= ? AND i.contact_id > ? AND i.contact_id <= ? AND c.merged_into = 0 AND i.kind = 'person' AND `+condition+missing+`),
		chosen AS (SELECT r.*, ROW_NUMBER() OVER (PARTITION BY contact_id
				ORDER BY CASE WHEN reason = '' THEN 0 ELSE 1 END, place, last_inbound_at DESC, identity_id) AS choice FROM reached r),
		kept AS (`+kept+`)
		INSERT INTO deliveries (bot_id, account_id, run_id, contact_id, identity_id, chosen_because, block_id, variant, status, reason, class,
			intent, category, not_before, expires_at, created_at, closed_at)
		SELECT ?, account_id, ?, contact_id, identity_id, 'the audience of the broadcast', block_id, variant,
			CASE WHEN reason = '' THEN ? ELSE 'skipped' END, reason, CASE WHEN reason = '' THEN waits ELSE '' END, ?, ?, not_before, expires, now,
			CASE WHEN reason <> '' THEN now END
		FROM kept WHERE true ORDER BY contact_id, identity_id`+conflicts, all...)
	return nil
}

// waysOf are the ways a broadcast may reach people: for each account, what is
// told on it to whom, when, and whom policy skips.
func waysOf(f broadcast.Freezing) *input {
	in := newInput("place bigint", "account_id text", "block_id text", "no_contact boolean", "consent boolean", "handed_over boolean", "heard_since timestamptz",
		"locked boolean", "variant text", "share_from bigint", "share_to bigint", "held_out boolean",
		"zone text", "not_before timestamptz", "waits text", "missed boolean", "now timestamptz", "expires timestamptz")
	for _, a := range f.Accounts {
		waits, expires := "", a.Expires
		if a.Quiet {
			waits = policy.QuietHours
		}
		if expires.IsZero() {
			expires = f.Expires
		}
		in.add(a.Place, a.AccountID, a.BlockID, a.Skip.DoNotContact, a.Skip.Consent, a.Skip.HandedOver, a.Skip.HeardSince,
			a.Locked, a.Variant, a.From, a.To, a.HeldOut, a.Zone, a.NotBefore, waits, a.Missed, f.Now, expires)
	}
	return in
}

// ofTheirs leaves each person the ways of their variant and of their time zone.
func ofTheirs(f broadcast.Freezing) string {
	share, zone := "", ""
	if f.Spread.Total > 0 {
		share = " AND " + f.Spread.SQL("c.id") + " BETWEEN v.share_from AND v.share_to"
	}
	if f.Zoned {
		zone = " AND v.zone = CASE WHEN c.time_zone IN (SELECT zone FROM v) THEN c.time_zone ELSE '' END"
	}
	return share + zone
}

// keptAddresses are a person's best, or all of them, of as many people as are
// left of those the audience is cut to.
func keptAddresses(f broadcast.Freezing) (sql string, args []any) {
	one := "choice = 1"
	if f.Each {
		one = "choice > 0"
	}
	if f.Left <= 0 {
		return `SELECT * FROM chosen WHERE ` + one, nil
	}
	return `SELECT * FROM (SELECT h.*, SUM(CASE WHEN reason = '' THEN 1 ELSE 0 END) OVER (ORDER BY contact_id, identity_id) AS nth FROM chosen h WHERE ` + one +
		`) counted WHERE nth <= ?`, []any{f.Left}
}
