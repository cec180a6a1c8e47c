package main

import (
	"context"
	"fmt"
	"time"
)

// Times of killing what sends a broadcast.
const (
	lookEvery = 100 * time.Millisecond
	lookShare = 5               // of the time at most one in so many goes into looking
	stillTime = 8 * time.Second // in which nothing moves: all that is left is held by the dead
)

// killBroadcast starts a broadcast to everybody and kills who sends it, again
// and again, all the way from the first person to the last but a few: now one
// process, whose part waits until its lease ends, now one and then all others.
func (r *running) killBroadcast(ctx context.Context) error {
	if err := r.start(ctx); err != nil {
		return err
	}
	at, moved, took := progress{}, time.Now(), time.Duration(0)
	freed, patience := moved, stillTime // of the dead, and until that is done again
	for r.killed < r.lab.kills {
		if err := pause(ctx, lookEvery+time.Duration(r.rand.Int64N(int64(lookEvery)))+lookShare*took); err != nil {
			return err
		}
		looked := time.Now()
		now, err := r.progress(ctx)
		if err != nil {
			return err
		}
		took = time.Since(looked)
		if now != at {
			at, moved, freed, patience = now, time.Now(), time.Now(), stillTime
		}
		if time.Since(moved) > drainPatience {
			return fmt.Errorf("the broadcast stands still since %v, at %+v", drainPatience, at)
		}
		due := at.ended >= r.audience()*9/10*r.killed/r.lab.kills // spread over all of it
		still := !r.embedded && time.Since(freed) > patience      // embedded, nobody else is waited for
		if due && !still {
			if err := r.killOne(ctx, r.cluster.senders(), r.oneOf("", "", multicastCall)); err != nil {
				return err
			}
		}
		if still || due && (r.lab.short || r.rand.IntN(2) == 0) {
			if err := r.killSenders(ctx); err != nil {
				return err
			}
			freed = time.Now()
			patience *= 2 // it may be slow, and not still
		}
	}
	return nil
}

func (r *running) oneOf(list ...string) string { return list[r.rand.IntN(len(list))] }

// progress is how far the broadcast is.
type progress struct{ frozen, begun, ended int }

func (w *world) progress(ctx context.Context) (p progress, err error) {
	err = w.database.QueryRowContext(ctx, `SELECT COUNT(*), COUNT(prepared_at), COUNT(closed_at) FROM deliveries WHERE run_id <> ''`).Scan(&p.frozen, &p.begun, &p.ended)
	return p, err
}

// killSenders kills everybody who sends and lets the time pass that others wait
// for a dead one: nobody is there whom it could be taken from.
func (r *running) killSenders(ctx context.Context) error {
	r.cluster.rest()
	for _, p := range r.cluster.senders() {
		if p.kill() == nil {
			r.count(p.name + " with all others")
		}
	}
	err := r.endLeases(ctx)
	r.cluster.watch(ctx)
	return err
}
