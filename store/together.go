package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/blockcast/blockcast/engine/group"
	"github.com/blockcast/blockcast/engine/outbox"
)

// Bounds of what is committed together.
const (
	togetherOrders  = 64               // in one transaction
	togetherTime    = 10 * time.Second // for one transaction
	togetherWriters = 2                // transactions at once, on Postgres
	togetherReaders = 2                // round trips at once
	togetherLock    = "1s"             // for a row somebody else holds
)

// order is what one caller wants written in a transaction that others share.
type order struct {
	// guard holds statements that must find their row; where one does not, none
	// of them may have changed anything. nil: nobody refuses.
	guard *script
	// body is written where the guard held.
	body *script
	// contact is whose lease the order takes, checks or changes, 0 for nobody's.
	contact int64
	// delivery is the row that the order takes, which others may want as well, 0
	// for none.
	delivery int64
}

// build makes an order, with the places its results are read into empty: it is
// called once for each try, and a try may fail for somebody else's sake.
type build func() (order, error)

// alike is the order of a script whose results are set anew by each try.
func alike(s *script) build {
	return func() (order, error) { return order{body: s}, nil }
}

// together writes an order in a transaction shared with whoever writes at the
// same time: small commits cost more than what is in them. It returns when the
// order is durable, or with what its own guard or statements refused. It does
// not return earlier when ctx ends, for the results are read until then.
func (d *DB) together(ctx context.Context, b build) error {
	if _, inside := jointOf(ctx); inside {
		return d.alone(ctx, b.apart)
	}
	err, failed := d.writers.Do(context.WithoutCancel(ctx), b)
	if failed != nil {
		return failed
	}
	return err
}

// readTogether runs a script that changes nothing in a round trip shared with
// whoever reads at the same time. ask is called once for each try, as build.
func (d *DB) readTogether(ctx context.Context, ask func() *script) error {
	if _, inside := jointOf(ctx); inside || !d.postgres {
		return d.read(ctx, ask())
	}
	err, failed := d.readers.Do(context.WithoutCancel(ctx), ask)
	if failed != nil {
		return failed
	}
	return err
}

// startTogether runs what writes and reads for many, until the database closes.
func (d *DB) startTogether() {
	writers := 1
	if d.postgres {
		writers = togetherWriters
	}
	d.writers = group.New(group.Config[build, error]{Commit: d.writeAll, MaxItems: togetherOrders, Committers: writers,
		MaxCommit: togetherTime, MaxWait: group.Forever})
	d.readers = group.New(group.Config[func() *script, error]{Commit: d.readAll, MaxItems: togetherOrders, Committers: togetherReaders,
		MaxCommit: togetherTime, MaxWait: group.Forever})
	d.people = group.New(group.Config[sought, *outbox.People]{Commit: d.findSought, MaxItems: togetherOrders, Committers: togetherReaders,
		MaxCommit: togetherTime, MaxWait: togetherTime})
	d.writers.Start(context.Background())
	d.readers.Start(context.Background())
	d.people.Start(context.Background())
}

// stopTogether returns when nobody is written or read for any more.
func (d *DB) stopTogether() {
	d.writers.Stop()
	d.readers.Stop()
	d.people.Stop()
}

// apart builds an order that asks nothing on the way.
func (b build) apart(transaction) (order, error) { return b() }

// alone writes an order in a transaction of its own, which building it may ask.
func (d *DB) alone(ctx context.Context, b func(t transaction) (order, error)) error {
	return d.transact(ctx, func(t transaction) error {
		o, err := b(t)
		if err != nil {
			return err
		}
		if o.guard != nil {
			if err := t.run(ctx, o.guard); err != nil {
				return err
			}
		}
		return t.commit(ctx, o.body)
	})
}

// writeAll writes the orders in one transaction, or, when that fails for one of
// them, each in its own.
func (d *DB) writeAll(ctx context.Context, list []build) ([]error, error) {
	if len(list) > 1 {
		refused, err := d.share(ctx, list)
		if err == nil || !d.undone(err) {
			return refused, err
		}
		if rolledBack(err) {
			d.log.Warn("shared_commit_undone", "orders", len(list), "error", err)
		}
	}
	errs := make([]error, len(list))
	for i, b := range list {
		errs[i] = d.apart(ctx, b)
	}
	return errs, nil
}

// apart writes an order alone, with the time that a shared one has: that others
// took theirs must not fail it.
func (d *DB) apart(ctx context.Context, b build) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), togetherTime)
	defer cancel()
	return d.alone(ctx, b.apart)
}

// undone reports whether an error is the database's refusal of a transaction,
// of which then nothing is written. All else may have been written: an answer
// that was lost, or one that came and could not be read.
func (d *DB) undone(err error) bool {
	if !d.postgres {
		return !d.Away(err) // it commits when all is read
	}
	var refusal *pgconn.PgError
	return errors.As(err, &refusal) && (!d.Away(err) || rolledBack(err))
}

// share writes the orders in one transaction of at most two round trips: all
// guards, then the bodies of those that held. An error is not an order's own
// refusal; undone tells what it means.
func (d *DB) share(ctx context.Context, list []build) (refused []error, err error) {
	refused = make([]error, len(list))
	orders := make([]order, len(list))
	var row []int // of the orders that could be built, as they are written
	for i, b := range list {
		if orders[i], refused[i] = b(); refused[i] == nil {
			row = append(row, i)
		}
	}
	slices.SortStableFunc(row, func(i, j int) int { return orders[i].before(orders[j]) })
	locks, guards := d.lockContacts(orders), new(script)
	for _, i := range row {
		if guard := orders[i].guard; guard != nil {
			guards.add(forgiving(guard, &refused[i])...)
		}
	}
	err = d.transact(ctx, func(t transaction) error {
		bodies := new(script)
		if len(guards.statements) == 0 {
			bodies = locks // in one round trip
		} else if err := t.run(ctx, locks.add(guards.statements...)); err != nil {
			return err
		}
		for _, i := range row {
			if refused[i] == nil {
				bodies.add(orders[i].body.statements...)
			}
		}
		return t.commit(ctx, bodies)
	})
	return refused, err
}

// before is the sequence in which every transaction writes its orders. Of those
// that are about one person, or nobody's lease, the ones with a guard are whole
// before one without looks at what they wrote; and rows are taken by their ids,
// because bells for them come twice when a process has died, in any sequence.
func (o order) before(other order) int {
	unguarded := func(o order) int {
		if o.guard == nil {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(o.contact, other.contact), cmp.Compare(unguarded(o), unguarded(other)), cmp.Compare(o.delivery, other.delivery))
}

// lockContacts takes the leases that the orders are about, by the contact's id.
// Guards come before all bodies, so two transactions that each took theirs on
// the way would wait for each other: Postgres sees that after a second, and
// 128 people have waited for it.
func (d *DB) lockContacts(orders []order) *script {
	s := new(script)
	if d.postgres { // who holds one person's row for long must not hold up everybody
		s.query(`SELECT set_config('lock_timeout', '` + togetherLock + `', true)`)
	}
	var ids []int64
	for _, o := range orders {
		if o.contact != 0 {
			ids = append(ids, o.contact)
		}
	}
	if d.postgres && len(ids) > 1 {
		s.query(`SELECT 1 FROM contact_leases WHERE contact_id = ANY(?) ORDER BY contact_id FOR NO KEY UPDATE`, ids)
	}
	return s
}

// forgiving makes a guard's refusal its order's own instead of everybody's.
func forgiving(guard *script, refused *error) []*statement {
	out := make([]*statement, len(guard.statements))
	for i, st := range guard.statements {
		out[i] = st
		if !st.veto {
			continue
		}
		own := *st
		own.veto = false
		own.done = func(n int64) error {
			if err := st.done(n); err != nil && *refused == nil {
				*refused = err
			}
			return nil
		}
		out[i] = &own
	}
	return out
}

// readAll reads the scripts in one round trip, or, when that fails for one of
// them, each in its own.
func (d *DB) readAll(ctx context.Context, list []func() *script) ([]error, error) {
	errs := make([]error, len(list))
	if len(list) > 1 {
		all := new(script)
		for _, ask := range list {
			all.statements = append(all.statements, ask().statements...)
		}
		if err := d.backend.read(ctx, all); err == nil || d.Away(err) {
			return errs, err
		}
	}
	for i, ask := range list {
		errs[i] = d.backend.read(ctx, ask())
	}
	return errs, nil
}
