package worker

import (
	"context"
	"runtime"
	"testing"
	"time"
)

// Asynq polls; of a worker with nothing to do Redis hears nothing.
func TestAnEmptyQueueIsNotLookedAtUntilSomethingIsSaid(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *Redis) {
		contacts, deliveries, ranges := make(chan int64, 1), make(chan int64, 1), make(chan int64, 1)
		w, b := start(t, r, Config{Handlers: Handlers{Contact: forward(contacts), Delivery: forward(deliveries), Range: forward(ranges)}})
		for range 3 {
			for queue, l := range w.lookouts {
				eventually(t, "a look at the queue "+queue+" waits", l.waits.Load)
			}
			b.RingContact(1, time.Time{})
			b.RingDelivery(1, time.Time{})
			b.RingRange(1, time.Time{})
			receive(t, contacts)
			receive(t, deliveries)
			receive(t, ranges)
		}
	})
}

func TestAWorkerThatWaitsStopsAtOnce(t *testing.T) {
	t.Parallel()
	w, _ := start(t, embed(t), Config{})
	for queue, l := range w.lookouts {
		eventually(t, "a look at the queue "+queue+" waits", l.waits.Load)
	}
	stopped := make(chan int64, 1)
	go func() {
		w.Stop()
		stopped <- 1
	}()
	receive(t, stopped)
}

// What a process that stops gives back comes to the others without a bell.
func TestWhatAStoppingWorkerGivesBackIsTaken(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *Redis) {
		begun, end, done := make(chan int64, 1), make(chan struct{}), make(chan int64, 1)
		stopping, b := start(t, r, Config{Grace: 200 * time.Millisecond, Handlers: Handlers{Contact: func(context.Context, int64) error {
			begun <- 1
			<-end
			return nil
		}}})
		defer close(end)
		b.RingContact(1, time.Time{})
		receive(t, begun)
		other, _ := start(t, r, Config{Handlers: Handlers{Contact: forward(done)}})
		eventually(t, "a look waits", other.lookouts[replies].waits.Load)
		stopping.Stop()
		if got := receive(t, done); got != 1 {
			t.Errorf("contact %d, want 1", got)
		}
	})
}

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %v", what, patience)
		}
	}
}
