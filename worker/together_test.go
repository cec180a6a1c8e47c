package worker

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
)

func TestBellsThatWaitTogetherAreOneJob(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *Redis) {
		b := NewBells(BellsConfig{Redis: r, Now: now, Log: quiet()})
		for id := range int64(together) {
			b.RingDelivery(id, time.Time{})
		}
		b.RingContact(100, time.Time{})
		b.RingRange(101, time.Time{})
		b.RingRange(102, time.Time{})
		for len(b.waiting) > 0 {
			b.putAll(b.gather(<-b.waiting))
		}
		inspector := asynq.NewInspectorFromRedisClient(r.Client)
		for queue, want := range map[string]int{sends: 1, replies: 1, bulk: 2} { // those of a broadcast take long
			info, err := inspector.GetQueueInfo(r.queue(queue))
			if err != nil {
				t.Fatal(err)
			}
			if info.Pending != want {
				t.Errorf("%d jobs wait on %s, want %d", info.Pending, queue, want)
			}
		}
		done := make(chan int64, together+1)
		start(t, r, Config{Handlers: Handlers{Delivery: forward(done), Contact: forward(done), Range: forward(make(chan int64, 2))}})
		var got []int64
		for range together + 1 {
			got = append(got, receive(t, done))
		}
		slices.Sort(got)
		if want := []int64{0, 1, 2, 3, 4, 5, 6, 7, 100}; !slices.Equal(got, want) {
			t.Errorf("ran %v, want %v", got, want)
		}
	})
}

func TestJobsThatCameTogetherKeepToTheSlots(t *testing.T) {
	t.Parallel()
	const slots = 2
	r, ended := embed(t), make(chan int64, 3*together)
	var running, most atomic.Int64
	b := NewBells(BellsConfig{Redis: r, Now: now, Log: quiet()})
	for id := range int64(3 * together) {
		b.RingContact(id, time.Time{})
	}
	b.Start()
	b.Stop()
	start(t, r, Config{Replies: slots, Handlers: Handlers{Contact: func(_ context.Context, id int64) error {
		n := running.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		running.Add(-1)
		ended <- id
		return nil
	}}})
	for range 3 * together {
		receive(t, ended)
	}
	if got := most.Load(); got > slots {
		t.Errorf("%d contacts were answered at once, want at most %d", got, slots)
	}
}

func TestOneOfTheJobsMayPanic(t *testing.T) {
	t.Parallel()
	lines, done := &journal{}, make(chan int64, together)
	r := embed(t)
	b := NewBells(BellsConfig{Redis: r, Now: now, Log: quiet()})
	b.putAll([]bell{{kind: kindDelivery, id: 1}, {kind: kindDelivery, id: 2}, {kind: kindDelivery, id: 3}})
	w, _ := start(t, r, Config{Log: lines.log(), Handlers: Handlers{Delivery: func(_ context.Context, id int64) error {
		if id == 2 {
			panic("broken")
		}
		done <- id
		return nil
	}}})
	if sum := receive(t, done) + receive(t, done); sum != 4 {
		t.Errorf("the sum of the others' ids is %d, want 4", sum)
	}
	w.Stop()
	if !lines.has("msg=job_panic") || !lines.has("delivery_id=2") {
		t.Error("the log says nothing of the panic")
	}
}
