package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// Times of killing.
const (
	leastPause = 100 * time.Millisecond
	mostPause  = 900 * time.Millisecond
	trapTime   = 3 * time.Second // for somebody to be caught in the middle of a call
)

// kills kills a process again and again: half of them whoever it is, whatever
// it does, and half in the middle of a call to a platform.
func (r *running) kills(ctx context.Context) error { return r.kill(ctx, r.lab.kills) }

func (r *running) kill(ctx context.Context, times int) error {
	for r.killed < times {
		wait := leastPause + time.Duration(r.rand.Int64N(int64(mostPause-leastPause)))
		if err := pause(ctx, wait); err != nil {
			return err
		}
		if err := r.killOne(ctx, r.cluster.processes, ""); err != nil {
			return err
		}
	}
	return nil
}

// killOne kills one of some processes, or whoever makes a call of a kind. When
// nobody does in a while, nobody is killed.
func (r *running) killOne(ctx context.Context, among []*process, call string) error {
	blind, at := r.rand.IntN(2) == 0, moments[r.rand.IntN(len(moments))]
	victim := among[r.rand.IntN(len(among))]
	if !blind {
		return r.killInCall(ctx, at, call)
	}
	if victim.kill() == nil {
		r.count(victim.name + " anywhere")
	}
	return nil
}

func (r *running) count(how string) {
	r.killed++
	r.killedBy[how]++
	if r.killed%25 == 0 {
		r.lab.say("  killed %d", r.killed)
	}
}

// killInCall kills the next process that sends, in the middle of it. When
// nobody does, nobody is killed.
func (r *running) killInCall(ctx context.Context, at moment, call string) error {
	caught := make(chan string, 1)
	t := &trap{at: at, call: call, sprung: make(chan struct{}), spring: func(caller string) {
		if p := r.cluster.named(caller); p != nil && p.kill() == nil {
			caught <- caller
		}
	}}
	r.platform.set(t)
	select {
	case <-t.sprung:
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(trapTime):
		if r.platform.unset() {
			return nil
		}
		<-t.sprung // somebody stepped in just now
	}
	select {
	case caller := <-caught:
		r.count(caller + " " + string(at))
	default:
	}
	return nil
}

// redisFlush forgets every bell, several times.
func (r *running) redisFlush(ctx context.Context) error {
	for range 5 {
		if err := pause(ctx, r.lab.away()/5); err != nil {
			return err
		}
		if err := r.flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

// redisGone takes Redis away and gives it back, empty.
func (r *running) redisGone(ctx context.Context) error {
	return r.gone(ctx, r.redis, func() error { return r.flush(ctx) })
}

// postgresGone takes the database away, in the middle of whatever is asked of
// it, and gives it back.
func (r *running) postgresGone(ctx context.Context) error {
	return r.gone(ctx, r.postgres, func() error { return nil })
}

func (r *running) gone(ctx context.Context, g *gate, meanwhile func() error) error {
	if err := pause(ctx, 2*time.Second); err != nil {
		return err
	}
	g.close()
	err := pause(ctx, r.lab.away())
	return errors.Join(err, meanwhile(), g.open())
}

// diskFull fills the disk of the data folder to its last byte, lets everything
// try to go on, and makes room again.
func (r *running) diskFull(ctx context.Context) error {
	if err := pause(ctx, 2*time.Second); err != nil {
		return err
	}
	if err := r.disk.fill(); err != nil {
		return err
	}
	err := pause(ctx, r.lab.away())
	return errors.Join(err, r.disk.free())
}

// clockAhead moves the clock of one worker a minute ahead. It goes on for as
// long as it takes to notice, then ends by itself, and does not start again
// before the clock is right.
func (r *running) clockAhead(ctx context.Context) error {
	if err := pause(ctx, 2*time.Second); err != nil {
		return err
	}
	p := r.cluster.named("work1")
	if err := os.WriteFile(p.clock, []byte("60s"), 0o600); err != nil {
		return err
	}
	r.mayEnd = true
	limit := 5*time.Second + time.Minute + 30*time.Second // it looks once a minute
	for begun := time.Now(); len(p.ended()) < 3; {
		if time.Since(begun) > limit {
			return fmt.Errorf("a worker whose clock is a minute ahead still works, or starts again: it ended %d times in %v", len(p.ended()), limit)
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	if said := lastWords(p.log); !strings.Contains(said, "too far apart") {
		return fmt.Errorf("the worker ended, and not for its clock: %s", said)
	}
	return os.WriteFile(p.clock, []byte("0s"), 0o600)
}
