package worker

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
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

// A look that waits takes one job: what comes beside it is for whoever has room,
// in other processes too.
func TestALookThatWaitsIsSpokenForOnce(t *testing.T) {
	t.Parallel()
	told := 0
	l := &lookout{pending: "queue", tell: func() { told++ }, word: make(chan struct{}, 1)}
	moved := func(jobs int64) *redis.Cmd {
		c := redis.NewCmd(t.Context())
		c.SetVal(jobs)
		return c
	}
	l.waits.Store(true)
	if first, second := l.hear(), l.hear(); !first || second {
		t.Errorf("the first who speaks finds it waiting: %v, the second: %v", first, second)
	}
	for i, c := range []struct {
		waits bool
		jobs  int64
		tells int
	}{{true, 0, 0}, {true, 1, 0}, {true, 2, 1}, {false, 1, 1}} {
		told = 0
		l.waits.Store(c.waits)
		l.noted([]string{"scheduled", "queue"}, moved(c.jobs))
		if told != c.tells {
			t.Errorf("%d: others are told %d times, want %d", i, told, c.tells)
		}
	}
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
