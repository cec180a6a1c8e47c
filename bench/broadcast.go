package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
)

// Goals of broadcasts.
const (
	personalRatio  = 0.35
	identicalRatio = 0.5
	memoryGoal     = 150 // MB
	memoryGrowth   = 1.3 // of the last third over the middle one: flat
)

// As the program works: rows of one batch, batches at once, connections.
const (
	batchRows     = 500
	batchesAtOnce = 4
)

// broadcastPersonal sends each person a text of their own, and measures the
// program's memory meanwhile.
func broadcastPersonal(ctx context.Context, l *lab) ([]Row, error) {
	const name = "broadcast-personal"
	got, err := l.broadcast(ctx, name, "personal news", func(ctx context.Context, w *world, line *counted, n int) (limits, error) {
		took, err := w.bareLoop(ctx, line, n)
		return limits{took, took}, err
	})
	if err != nil {
		return nil, err
	}
	rows := append(got.rows(l.people, name, personalRatio),
		atMost(name+" calls", float64(got.unchecked.calls), "", float64(l.people)),
		atMost("memory", got.memory.highest(), "MB", memoryGoal))
	if growth, ok := got.memory.growth(); ok {
		rows = append(rows, atMost("memory, late over early", growth, "", memoryGrowth))
	}
	return rows, nil
}

// broadcastIdentical sends everybody the same.
func broadcastIdentical(ctx context.Context, l *lab) ([]Row, error) {
	const name = "broadcast-identical"
	got, err := l.broadcast(ctx, name, "news for all", func(ctx context.Context, w *world, _ *counted, n int) (limits, error) {
		return w.ledgerAlone(ctx, n)
	})
	if err != nil {
		return nil, err
	}
	ranges := (l.people + workedTogether - 1) / workedTogether
	most := (l.people+batchRows-1)/batchRows + ranges
	return append(got.rows(l.people, name, identicalRatio), atMost(name+" calls", float64(max(got.unchecked.calls, got.checked.calls)), "", float64(most))), nil
}

// broadcasting is what the two ways to a broadcast came to. One is started as it
// is: its audience is written down and its messages are made while it goes on.
// The other was checked before it was started, and only goes out.
type broadcasting struct {
	unchecked, checked sending
	limits             limits // the mean of before and after
	memory             memory
}

// limits are what each of the two could take at best: only of the unchecked one
// are the rows written from the start on.
type limits struct{ unchecked, checked time.Duration }

// rows are the rates from the start to the last row.
func (b broadcasting) rows(people int, name string, goal float64) []Row {
	return []Row{ratio(name, b.checked.rate(people), perSecond(people, b.limits.checked), "people/s", goal),
		ratio(name+", unchecked", b.unchecked.rate(people), perSecond(people, b.limits.unchecked), "people/s", goal)}
}

// sending is what one broadcast came to.
type sending struct {
	took  time.Duration // from its start to the last row
	calls int64
}

func (s sending) rate(n int) float64 { return perSecond(n, s.took) }

func perSecond(n int, took time.Duration) float64 {
	if took <= 0 {
		return 0
	}
	return float64(n) / took.Seconds()
}

// broadcast sends a module to everybody, unchecked and checked, and measures the
// limit before and after: a machine whose speed drifts meanwhile has been as slow
// for the one as for the other.
func (l *lab) broadcast(ctx context.Context, name, module string, limit func(context.Context, *world, *counted, int) (limits, error)) (got broadcasting, err error) {
	w, db, end, err := l.crowded(ctx, l.people)
	if err != nil {
		return got, err
	}
	defer func() { err = errors.Join(err, end()) }()
	line, err := newCounted(w, l.people)
	if err != nil {
		return got, err
	}
	defer func() { err = errors.Join(err, line.close()) }()
	before, err := limit(ctx, w, line, l.people)
	if err != nil {
		return got, fmt.Errorf("measure the limit: %w", err)
	}
	unlimited, err := l.unlimited(ctx)
	if err != nil {
		return got, err
	}
	p, err := unlimited.serve(ctx, w, "--channel-url", "line="+line.url)
	if err != nil {
		return got, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	secret, err := w.caller(ctx, db, engine.ScopeBroadcasts)
	if err != nil {
		return got, err
	}
	s := &broadcaster{lab: l, world: w, db: db, line: line, program: p, secret: secret}
	if got.unchecked, got.memory, err = s.sends(ctx, name, module, false); err != nil {
		return got, err
	}
	if got.checked, _, err = s.sends(ctx, name+"-checked", module, true); err != nil {
		return got, err
	}
	after, err := limit(ctx, w, line, l.people)
	got.limits = limits{(before.unchecked + after.unchecked) / 2, (before.checked + after.checked) / 2}
	return got, err
}

// broadcaster has the program send broadcasts.
type broadcaster struct {
	*lab
	world   *world
	db      *store.DB
	line    *counted
	program *program
	secret  string
}

// sends has a module sent to everybody, after a check or at once, and watches
// the program's memory.
func (s *broadcaster) sends(ctx context.Context, name, module string, check bool) (got sending, held memory, err error) {
	b, err := s.world.drafts(ctx, s.db, module)
	if err != nil {
		return got, nil, err
	}
	var question []byte
	if check {
		if question, err = s.world.checked(ctx, s.db, b, s.secret, s.program.address); err != nil {
			return got, nil, err
		}
	}
	s.line.pushes.Store(0)
	s.line.multicast.Store(0)
	err = s.profiled(ctx, s.program, name, func() error {
		began := time.Now()
		r, err := s.world.starts(ctx, s.db, b, question, s.secret, s.program.address)
		if err != nil {
			return err
		}
		sent, err := s.world.finished(ctx, r, func() { held.read(s.program.command.Process.Pid) })
		got.took = time.Since(began)
		if err == nil && sent != int64(s.people) {
			err = fmt.Errorf("%d of %d were sent", sent, s.people)
		}
		if err != nil {
			err = fmt.Errorf("%w; the program said at the end: %s", err, s.program.lastWords())
		}
		return err
	})
	got.calls = s.line.pushes.Load() + s.line.multicast.Load()
	return got, held, err
}

// workedTogether is how many rows a range has.
const workedTogether = 5_000
