package outbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// Named sizes and times of a visit to a run's rows.
const (
	callsAtOnce  = 50                    // of one visit, where the channel lets so many be under way
	keyless      = 32                    // rows that are sending at once where no retry key makes a repeat safe
	visitTime    = 60 * time.Second      // after which nothing more is begun: rows are claimed for longer
	endTimeout   = 10 * time.Second      // for writing what became of a batch
	chunkWait    = 40 * time.Millisecond // so that more than a call or two go out in a visit
	throttleWait = time.Second
	fewestRows   = 8 // read in a visit of an account whose rate is nearly used up
)

// DeliverMany works the next rows of a run off as a batch: they and their
// people are read, what they are told is prepared in memory, one transaction
// claims them and writes that with their new state, and after the calls another
// what became of them. Equal renders go out by
// multicast where the channel has it. What each row's attempt decides is what
// Deliver would.
//
// It returns where the next visit begins, also with an error: rows of which
// nothing was written are found again when their range has been gone through,
// or, once they are claimed, when their lease is over.
func (o *Outbox) DeliverMany(ctx context.Context, b Batch) (Worked, error) {
	now := o.Deps.Now()
	v := &visit{o: o, batch: b, claim: Claim{AttemptID: o.Deps.NewID(), Now: now, LeaseUntil: now.Add(attemptLease)},
		claimed: map[int64]bool{}, prepared: map[int64]*Prepared{}, halted: map[string]halt{}, paused: map[string]bool{}, worked: Worked{Next: b.First}}
	if granted, ok := o.granted.Load(b.RunID); ok {
		v.batch.Limit = min(b.Limit, max(2*granted.(int), fewestRows))
	}
	rows, err := o.Ledger.OpenMany(ctx, Many{RunID: b.RunID, First: b.First, Last: b.Last, Limit: v.batch.Limit, Now: now})
	if err != nil {
		return v.worked, err
	}
	if len(rows) == 0 {
		o.granted.Delete(b.RunID)
		return Worked{Next: b.Last + 1, Done: true}, nil
	}
	err = v.work(ctx, rows)
	v.worked.Next = rows[len(rows)-1].Row.ID + 1
	v.worked.Done = len(rows) < v.batch.Limit
	if v.back != 0 {
		v.worked.Next, v.worked.Done = v.back, false
	}
	return v.worked, err
}

// visit is one batch on its way. It is what its attempts write to: what many
// rows come to is written at once.
type visit struct {
	o     *Outbox
	batch Batch
	claim Claim

	all   []*attempt
	rows  []*attempt // that have something to send
	alone []*attempt // whose block asks: each goes its own way

	mu       sync.Mutex
	claimed  map[int64]bool      // by this visit; the others were only read
	prepared map[int64]*Prepared // not yet written
	outcomes []Outcome
	releases []Release
	halted   map[string]halt // by account
	paused   map[string]bool // accounts
	back     int64           // the first row that was put back for the next visit, 0 for none
	worked   Worked
	errs     []error
}

// halt is why nothing more goes out on an account in this visit.
type halt struct {
	kind channels.ErrorKind
	wait time.Duration
}

var _ writes = (*visit)(nil)

// work takes the rows through their states.
func (v *visit) work(ctx context.Context, rows []Open) error {
	if err := v.admit(ctx, rows); err != nil {
		return errors.Join(err, v.letGo(ctx))
	}
	calls, err := v.plan(ctx)
	if err != nil {
		return errors.Join(err, v.letGo(ctx))
	}
	for first := true; first || len(calls) > 0; first = false {
		if !first && v.over(ctx) { // what is begun now would soon be somebody else's
			for _, p := range calls {
				for _, a := range p.attempts() {
					v.putBack(ctx, a)
				}
			}
			break
		}
		n := v.together(calls)
		now := calls[:n]
		calls = calls[n:]
		if err := v.begin(ctx, now); err != nil {
			return errors.Join(err, v.letGo(ctx))
		}
		v.call(ctx, now)
		if err := v.end(ctx); err != nil {
			return errors.Join(append(v.errs, err)...)
		}
	}
	v.alone = slices.DeleteFunc(v.alone, func(a *attempt) bool { return !v.has(a) })
	v.failed(v.capAlone(ctx))
	v.goAlone(ctx)
	return errors.Join(append(v.errs, v.end(ctx))...)
}

// admit loads the rows' people, asks policy and runs blocks.
func (v *visit) admit(ctx context.Context, rows []Open) error {
	o := v.o
	all := make([]*engine.Delivery, len(rows))
	var renders []string
	known, told := map[string]bool{}, newAlike()
	for i := range rows {
		row := &rows[i].Row
		madeBefore := v.letGoOf(row)
		all[i] = row
		a := &attempt{o: o, d: row, to: v, alike: told, effects: joined(rows[i].Effects, v.batch.Effects), group: rows[i].GroupID, track: v.batch.Track, madeBefore: madeBefore}
		a.heard = func(ctx context.Context, e *channels.SendError) { v.heard(ctx, a.s.Account, e) }
		v.all = append(v.all, a)
		if id := row.RenderID; id != "" && !known[id] {
			known[id] = true
			renders = append(renders, id)
		}
	}
	people, bare, err := o.situate(ctx, all)
	if err != nil {
		return err
	}
	kept, err := o.Ledger.Renders(ctx, all[0].BotID, renders)
	if err != nil {
		return err
	}
	for _, a := range v.all {
		if a.s = people[a.d.IdentityID]; a.s == nil {
			if err := a.forgotten(ctx); err != nil {
				return err
			}
			continue
		}
		a.render, a.bare = kept[a.d.RenderID], bare
		goesOn := false
		err := v.guard(a, func() (err error) {
			goesOn, err = v.ready(ctx, a)
			return err
		})
		if errors.Is(err, errPanicked) {
			v.failed(errors.Join(err, a.letGo(ctx)))
			continue
		}
		if err != nil {
			return err
		}
		if goesOn {
			v.rows = append(v.rows, a)
		}
	}
	return nil
}

// letGoOf makes a row that was held what it is once it is claimed; made is true
// when its message was made before the run was started.
func (v *visit) letGoOf(d *engine.Delivery) (made bool) {
	if d.Status != engine.Held {
		return false
	}
	d.Status = engine.Queued
	if !v.batch.Expires.IsZero() && !d.NotBefore.After(v.batch.Started) {
		d.ExpiresAt = v.batch.Expires
	}
	return d.RenderID != ""
}

// ready brings one row as far as the choice of its way; goesOn is false when it
// is closed, given back, or goes alone.
func (v *visit) ready(ctx context.Context, a *attempt) (goesOn bool, err error) {
	if goesOn, err := a.admit(ctx); !goesOn || err != nil {
		return false, err
	}
	if a.d.RenderID == "" {
		asks, err := v.asks(ctx, a)
		if err != nil {
			return false, err
		}
		if asks {
			if gone, err := a.whole(ctx); gone || err != nil {
				return false, err
			}
			a.to, a.alike = v.o.Ledger, nil
			v.alone = append(v.alone, a)
			return false, nil
		}
		if ready, err := a.prepare(ctx); !ready || err != nil {
			return false, err
		}
	}
	return a.unpack(ctx)
}

// asks reports whether the row's block needs the contact's lease.
func (v *visit) asks(ctx context.Context, a *attempt) (bool, error) {
	lib, err := v.o.Libraries.Library(ctx, a.d.BotID)
	if err != nil {
		return false, err
	}
	_, block, ok := lib.Block(a.d.BlockID)
	return ok && !block.Speaks(), nil
}

// capAlone takes those out of the rows that go alone that are over a cap.
func (v *visit) capAlone(ctx context.Context) error {
	if len(v.alone) == 0 || len(v.batch.Caps) == 0 {
		return nil
	}
	c := Capping{BotID: v.alone[0].d.BotID, Caps: v.batch.Caps, Now: v.o.Deps.Now()}
	for _, a := range v.alone {
		c.Rows = append(c.Rows, a.d)
	}
	skipped, err := v.o.Ledger.SkipCapped(ctx, c)
	if err != nil {
		v.alone = nil // they are found again when their lease is over
		return err
	}
	v.alone = slices.DeleteFunc(v.alone, func(a *attempt) bool { return skipped[a.d.ID] })
	return nil
}

// goAlone works rows off one by one, as many side by side as a visit may.
func (v *visit) goAlone(ctx context.Context) {
	side(v.alone, keyless, func(a *attempt) {
		if v.over(ctx) {
			v.putBack(ctx, a)
			return
		}
		err := v.guard(a, func() error { return a.run(ctx) })
		if err != nil && !errors.Is(err, ErrLost) {
			err = errors.Join(fmt.Errorf("deliver %d: %w", a.d.ID, err), a.letGo(ctx))
		} else {
			err = nil
		}
		v.failed(errors.Join(err, a.freeLease(ctx)))
	})
}

// side does something for each of a list, at most n at once.
func side[T any](list []T, n int, do func(T)) {
	if len(list) == 0 {
		return
	}
	next := make(chan T)
	var running sync.WaitGroup
	for range min(n, len(list)) {
		running.Go(func() {
			for one := range next {
				do(one)
			}
		})
	}
	for _, one := range list {
		next <- one
	}
	close(next)
	running.Wait()
}

// over reports whether nothing more may be begun: the process stops, or the
// rows will soon be somebody else's.
func (v *visit) over(ctx context.Context) bool {
	return ctx.Err() != nil || v.late()
}

func (v *visit) late() bool { return v.o.Deps.Now().Sub(v.claim.Now) >= visitTime }

func (v *visit) failed(err error) {
	if err == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.errs = append(v.errs, err)
}

// putBack leaves a row to the next visit, or gives it back for it: no call was
// made.
func (v *visit) putBack(ctx context.Context, a *attempt) {
	if v.has(a) {
		status := a.d.Status
		if a.before != "" {
			status = a.before
		}
		v.failed(a.to.Release(ctx, Release{Delivery: a.d, Status: status, Class: a.d.Class, Code: a.d.Code, Error: a.d.Error, Uncounted: true, Now: v.o.Deps.Now()}))
	}
	v.backTo(a)
}

// backTo lets the next visit begin no later than at a row.
func (v *visit) backTo(a *attempt) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.back == 0 || a.d.ID < v.back {
		v.back = a.d.ID
	}
}

// leaseMany is how long a broadcast holds a contact whom its block asks
// something.
const leaseMany = time.Minute

// holdMany takes the contact's lease for a row of a broadcast whose block asks;
// wait is true when somebody else has it and the row was given back.
func (a *attempt) holdMany(ctx context.Context) (wait bool, err error) {
	now := a.o.Deps.Now()
	l, until, err := a.o.Leases.TakeLease(ctx, a.d.ContactID, "run/"+strconv.FormatInt(a.d.ID, 10)+"/"+a.d.AttemptID, now, now.Add(leaseMany))
	if err != nil {
		return false, err
	}
	if l == nil {
		return true, a.release(ctx, Release{NotBefore: until, Uncounted: true})
	}
	a.lease, a.ownLease = l, true
	return false, nil
}

// freeLease gives up a lease that the attempt took itself.
func (a *attempt) freeLease(ctx context.Context) error {
	if !a.ownLease {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), letGoTimeout)
	defer cancel()
	err := a.o.Leases.ReleaseLease(ctx, a.lease)
	a.o.Bells.RingContact(a.d.ContactID, time.Time{}) // what came in meanwhile found it held
	return err
}

// joined are a row's own effects and those its broadcast has on everybody.
func joined(own, all *engine.Deltas) *engine.Deltas {
	if own == nil || all == nil {
		if own == nil {
			return all
		}
		return own
	}
	out := *own
	out.Set = maps.Clone(own.Set)
	if out.Set == nil {
		out.Set = map[string]any{}
	}
	maps.Copy(out.Set, all.Set)
	out.AddTags = append(slices.Clone(own.AddTags), all.AddTags...)
	return &out
}
