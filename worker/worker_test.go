package worker

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
)

func TestEachKindOfBellRunsItsJob(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *Redis) {
		contacts, deliveries, profiles := make(chan int64, 1), make(chan int64, 1), make(chan int64, 1)
		_, b := start(t, r, Config{Handlers: Handlers{
			Contact: forward(contacts), Delivery: forward(deliveries), Profile: forward(profiles),
		}})
		b.RingContact(1, time.Time{})
		b.RingDelivery(2, time.Time{})
		b.RingProfile(3)
		if got := receive(t, contacts); got != 1 {
			t.Errorf("contact %d, want 1", got)
		}
		if got := receive(t, deliveries); got != 2 {
			t.Errorf("delivery %d, want 2", got)
		}
		if got := receive(t, profiles); got != 3 {
			t.Errorf("profile %d, want 3", got)
		}
	})
}

func TestABellForLaterRingsThen(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *Redis) {
		rung := make(chan time.Time, 1)
		handlers := Handlers{Delivery: func(context.Context, int64) error {
			rung <- now()
			return nil
		}}
		for name, ring := range map[string]func(b *Bells, at time.Time){
			"in this process": func(b *Bells, at time.Time) { b.RingDelivery(1, at) },
			"on the queue":    func(b *Bells, at time.Time) { b.putAll([]bell{{kind: kindDelivery, id: 1, at: at}}) },
		} {
			t.Run(name, func(t *testing.T) {
				_, b := start(t, r, Config{Handlers: handlers})
				at := now().Add(300 * time.Millisecond)
				ring(b, at)
				if got := receive(t, rung); got.Before(at) {
					t.Errorf("rang %v early", at.Sub(got))
				}
			})
		}
	})
}

func TestTwoWorkersDoEachJobOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *Redis) {
		const bells = 300
		done := make(chan int64, 2*bells)
		handlers := Handlers{Contact: forward(done)}
		_, b := start(t, r, Config{Handlers: handlers})
		start(t, r, Config{Handlers: handlers})
		for id := range int64(bells) {
			b.RingContact(id, time.Time{})
		}
		times := map[int64]int{}
		for range bells {
			times[receive(t, done)]++
		}
		for id := range int64(bells) {
			if times[id] != 1 {
				t.Errorf("contact %d: %d times", id, times[id])
			}
		}
	})
}

func TestTheSameBellRingsAgainWhileItsJobRuns(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *Redis) {
		begun, end := make(chan int64, 2), make(chan struct{})
		_, b := start(t, r, Config{Handlers: Handlers{Contact: func(_ context.Context, id int64) error {
			begun <- id
			<-end
			return nil
		}}})
		b.RingContact(7, time.Time{})
		receive(t, begun)
		b.RingContact(7, time.Time{})
		receive(t, begun)
		close(end)
	})
}

func TestNothingStaysInTheQueueAfterAJob(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *Redis) {
		done := make(chan int64, 3)
		w, b := start(t, r, Config{Handlers: Handlers{Contact: func(_ context.Context, id int64) error {
			done <- id
			switch id {
			case 2:
				return errors.New("no luck")
			case 3:
				panic("no sense")
			}
			return nil
		}}})
		for id := range int64(3) {
			b.RingContact(id+1, time.Time{})
		}
		for range 3 {
			receive(t, done)
		}
		w.Stop()
		info, err := asynq.NewInspectorFromRedisClient(r.Client).GetQueueInfo(r.queue(replies))
		if err != nil {
			t.Fatal(err)
		}
		if info.Size != 0 || info.Archived != 0 || info.Retry != 0 || info.Completed != 0 {
			t.Errorf("left in the queue: %+v", info)
		}
	})
}

func TestAPanicIsLoggedAndTheNextJobRuns(t *testing.T) {
	t.Parallel()
	lines, done := &journal{}, make(chan int64, 2)
	w, b := start(t, embed(t), Config{Log: lines.log(), Handlers: Handlers{Delivery: func(_ context.Context, id int64) error {
		done <- id
		if id == 1 {
			panic("a hole")
		}
		return nil
	}}})
	b.RingDelivery(1, time.Time{})
	receive(t, done)
	b.RingDelivery(2, time.Time{})
	receive(t, done)
	w.Stop()
	for _, want := range []string{"msg=job_panic", "delivery_id=1", `panic="a hole"`} {
		if !lines.has(want) {
			t.Errorf("the log lacks %s", want)
		}
	}
}

func TestAJobThatCannotBeReadIsDropped(t *testing.T) {
	t.Parallel()
	for name, task := range map[string]*asynq.Task{
		"payload":  asynq.NewTask(string(kindContact), []byte("no number")),
		"one of":   asynq.NewTask(string(kindContact), []byte("1,,2")),
		"too many": asynq.NewTask(string(kindContact), writeIDs(make([]int64, together+1))),
		"kind":     asynq.NewTask("unheard of", []byte("1")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines, done := &journal{}, make(chan int64, 2)
			r := embed(t)
			w, b := start(t, r, Config{Log: lines.log(), Replies: 1, Handlers: Handlers{Contact: forward(done)}})
			if _, err := b.client.Enqueue(task, asynq.Queue(r.queue(replies)), asynq.MaxRetry(0)); err != nil {
				t.Fatal(err)
			}
			b.RingContact(5, time.Time{})
			if got := receive(t, done); got != 5 {
				t.Errorf("ran contact %d", got)
			}
			w.Stop()
			if !lines.has("msg=job_unreadable") {
				t.Error("the log says nothing about it")
			}
		})
	}
}

func TestStopWaitsForRunningJobs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *Redis) {
		begun, end := make(chan struct{}), make(chan struct{})
		var finished atomic.Bool
		w, b := start(t, r, Config{Handlers: Handlers{Contact: func(context.Context, int64) error {
			close(begun)
			<-end
			finished.Store(true)
			return nil
		}}})
		b.RingContact(1, time.Time{})
		receive(t, begun)
		stopped := make(chan bool)
		go func() {
			w.Stop()
			stopped <- finished.Load()
		}()
		close(end)
		if !receive(t, stopped) {
			t.Error("Stop came back before the job had ended")
		}
	})
}

func TestStopReleasesAJobThatTakesTooLong(t *testing.T) {
	t.Parallel()
	lines, begun := &journal{}, make(chan struct{})
	w, b := start(t, embed(t), Config{Log: lines.log(), Grace: 400 * time.Millisecond, Handlers: Handlers{
		Contact: func(ctx context.Context, _ int64) error {
			close(begun)
			<-ctx.Done()
			return ctx.Err()
		},
	}})
	b.RingContact(1, time.Time{})
	receive(t, begun)
	w.Stop()
	if !lines.has("msg=job_released") || lines.has("level=ERROR") {
		t.Errorf("the log: %s", lines.text.String())
	}
}

func TestAStoppedWorkerTakesNothing(t *testing.T) {
	t.Parallel()
	r, first, second := embed(t), make(chan int64, 10), make(chan int64, 10)
	w, b := start(t, r, Config{Handlers: Handlers{Contact: forward(first)}})
	w.Stop()
	b.RingContact(1, time.Time{})
	start(t, r, Config{Handlers: Handlers{Contact: forward(second)}})
	receive(t, second)
	if len(first) != 0 {
		t.Error("the stopped worker ran a job")
	}
}

func TestNewRefusesAHalfConfig(t *testing.T) {
	t.Parallel()
	defer func() {
		if p, _ := recover().(string); !strings.Contains(p, "required") {
			t.Errorf("panic %q", p)
		}
	}()
	New(Config{})
}
