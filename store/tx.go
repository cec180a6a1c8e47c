package store

import (
	"context"

	"gorm.io/gorm"
)

// txKey finds the transaction of a context.
type txKey struct{}

// joint is a transaction that gorm and scripts share.
type joint struct {
	transaction
	gorm *gorm.DB
}

// Tx runs f in one transaction: every method called with the context it is
// given takes part. It commits when f returns nil. f must be short and local:
// no network call, no waiting. Transactions do not nest: an inner one joins
// the outer.
func (d *DB) Tx(ctx context.Context, f func(ctx context.Context) error) error {
	if _, inside := jointOf(ctx); inside {
		return f(ctx)
	}
	j, err := d.backend.joint(ctx)
	if err != nil {
		return err
	}
	defer j.rollback()
	if err := f(context.WithValue(ctx, txKey{}, j)); err != nil {
		return err
	}
	return j.commit(ctx, nil)
}

func jointOf(ctx context.Context) (joint, bool) {
	j, ok := ctx.Value(txKey{}).(joint)
	return j, ok
}

// transact runs f in one transaction of scripts. f may call commit on its last
// script, which saves a round trip.
func (d *DB) transact(ctx context.Context, f func(t transaction) error) error {
	if j, inside := jointOf(ctx); inside {
		return f(inner{j.transaction})
	}
	t, err := d.backend.begin(ctx)
	if err != nil {
		return err
	}
	end := &once{transaction: t}
	defer t.rollback()
	if err := f(end); err != nil {
		return err
	}
	if end.committed {
		return nil
	}
	return t.commit(ctx, nil)
}

// once remembers that it was committed.
type once struct {
	transaction
	committed bool
}

func (o *once) commit(ctx context.Context, s *script) error {
	o.committed = true
	return o.transaction.commit(ctx, s)
}

// inner is part of a transaction that commits later.
type inner struct{ transaction }

func (i inner) commit(ctx context.Context, s *script) error {
	if s == nil {
		return nil
	}
	return i.run(ctx, s)
}

func (inner) rollback() {}

// write runs a script as one transaction.
func (d *DB) write(ctx context.Context, s *script) error {
	if len(s.statements) == 0 {
		return nil
	}
	return d.transact(ctx, func(t transaction) error { return t.commit(ctx, s) })
}

// read runs a script that changes nothing.
func (d *DB) read(ctx context.Context, s *script) error {
	if j, inside := jointOf(ctx); inside {
		return j.run(ctx, s)
	}
	return d.backend.read(ctx, s)
}

// nouns is gorm for writing, inside the context's transaction if it has one.
func (d *DB) nouns(ctx context.Context) *gorm.DB {
	if j, inside := jointOf(ctx); inside {
		return j.gorm.WithContext(ctx)
	}
	return d.gorm.WithContext(ctx)
}

// look is gorm for reading.
func (d *DB) look(ctx context.Context) *gorm.DB {
	if j, inside := jointOf(ctx); inside {
		return j.gorm.WithContext(ctx)
	}
	return d.reader.WithContext(ctx)
}
