package worker

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// hearing is a worker and bells that were not started: what rings is done by
// the worker itself, or waits for the queue.
func hearing(t *testing.T, c Config) (*Worker, *Bells) {
	t.Helper()
	c.Redis, c.Now, c.Log = embed(t), now, quiet()
	w, b := New(c), NewBells(BellsConfig{Redis: c.Redis, Now: now, Log: quiet()})
	w.Hear(b)
	return w, b
}

func TestAProcessHearsItsOwnBells(t *testing.T) {
	t.Parallel()
	contacts, deliveries := make(chan int64, 1), make(chan int64, 1)
	w, b := hearing(t, Config{Handlers: Handlers{Contact: forward(contacts), Delivery: forward(deliveries), Range: forward(nil)}})
	b.RingContact(1, time.Time{})
	b.RingDelivery(2, time.Time{})
	b.RingRange(3, time.Time{}) // nobody waits for it
	if got := []int64{receive(t, contacts), receive(t, deliveries)}; got[0] != 1 || got[1] != 2 {
		t.Errorf("jobs of %v were done, want 1 and 2", got)
	}
	if len(b.waiting) != 1 {
		t.Errorf("%d bells wait for the queue, want that of the range", len(b.waiting))
	}
	w.Stop()
	b.RingContact(4, time.Time{})
	if len(b.waiting) != 2 || len(contacts) != 0 {
		t.Error("a worker that has stopped does a job")
	}
}

func TestABellThatFindsNoRoomGoesByTheQueue(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ slots, room int }{
		"of its own bells": {1000, nearJobs * runtime.GOMAXPROCS(0)},
		"of all jobs":      {2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			end := make(chan struct{})
			w, b := hearing(t, Config{Replies: c.slots, Handlers: Handlers{Contact: func(context.Context, int64) error {
				<-end
				return nil
			}}})
			for id := range int64(c.room + 1) {
				b.RingContact(id, time.Time{})
			}
			if len(b.waiting) != 1 {
				t.Errorf("%d bells wait for the queue, want 1 of %d", len(b.waiting), c.room+1)
			}
			close(end)
			w.Stop()
		})
	}
}

func TestStopDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	end := make(chan struct{})
	w, b := hearing(t, Config{Grace: 50 * time.Millisecond, Handlers: Handlers{Contact: func(context.Context, int64) error {
		<-end
		return nil
	}}})
	b.RingContact(1, time.Time{})
	w.Stop() // or the test does not end
	close(end)
}

func TestStopWaitsForWhatItHeard(t *testing.T) {
	t.Parallel()
	begun := make(chan struct{})
	var released atomic.Bool
	w, b := hearing(t, Config{Grace: 400 * time.Millisecond, Handlers: Handlers{Contact: func(ctx context.Context, _ int64) error {
		close(begun)
		<-ctx.Done()
		released.Store(true)
		return ctx.Err()
	}}})
	b.RingContact(1, time.Time{})
	receive(t, begun)
	w.Stop()
	if !released.Load() {
		t.Error("Stop came back before the job had let go")
	}
}
