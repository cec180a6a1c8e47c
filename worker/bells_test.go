package worker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
)

func TestABellTooManyIsDroppedAndCounted(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	lines := &journal{}
	b := NewBells(BellsConfig{Redis: embed(t), Now: now, Size: 2, Log: lines.log(), Metrics: NewMetrics(registry)})
	for id := range int64(5) {
		b.RingContact(id, time.Time{})
	}
	if got := counted(t, registry, "blockcast_bells_total", dropped); got != 3 {
		t.Errorf("%v dropped, want 3", got)
	}
	if !lines.has("msg=bell_dropped") {
		t.Error("the log says nothing about it")
	}
}

func TestRingingSurvivesALostRedis(t *testing.T) {
	t.Parallel()
	r := embed(t)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	b := NewBells(BellsConfig{Redis: r, Now: now, Log: quiet(), Metrics: NewMetrics(registry)})
	b.RingDelivery(1, time.Time{})
	b.Start()
	b.Stop()
	if got := counted(t, registry, "blockcast_bells_total", failed); got != 1 {
		t.Errorf("%v failed, want 1", got)
	}
}

// No table says that somebody's profile is still to be asked for.
func TestABellForAProfileIsPutOnItsQueueAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *Redis) {
		done := make(chan int64, 1)
		start(t, r, Config{Handlers: Handlers{Profile: forward(done)}})
		away := &absence{calls: 3}
		r.Client.AddHook(away)
		b := NewBells(BellsConfig{Redis: r, Now: now, Log: quiet()})
		b.Start()
		t.Cleanup(b.Stop)
		b.RingProfile(7)
		if got := receive(t, done); got != 7 || away.fails(string(kindProfile)) {
			t.Errorf("identity %d is asked about before all calls have failed that should", got)
		}
	})
}

func TestABellForAProfileIsGivenUpInTheEnd(t *testing.T) {
	t.Parallel()
	b := NewBells(BellsConfig{Redis: embed(t), Now: now, Log: quiet()})
	b.again(bell{kind: kindProfile, id: 7, tries: maxTries - 1})
	b.again(bell{kind: kindProfile, id: 8, tries: maxTries})
	b.again(bell{kind: kindRun, id: 9})
	if kept := b.soon.give(); len(kept) != 1 || kept[0].id != 7 || kept[0].tries != maxTries {
		t.Errorf("%+v are kept, want the one for identity 7", kept)
	}
}

// absence lets so many of the calls fail that put profiles' bells on their queue.
type absence struct {
	mu    sync.Mutex
	calls int
}

func (a *absence) DialHook(next redis.DialHook) redis.DialHook { return next }

func (a *absence) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (a *absence) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, c redis.Cmder) error {
		if a.fails(fmt.Sprintf("%s", c.Args())) {
			return errors.New("redis is away")
		}
		return next(ctx, c)
	}
}

func (a *absence) fails(args string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.calls == 0 || !strings.Contains(args, string(kindProfile)) {
		return false
	}
	a.calls--
	return true
}

func TestStopRingsWhatIsWaiting(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *Redis) {
		b := NewBells(BellsConfig{Redis: r, Now: now, Log: quiet(), Grace: patience})
		for id := range int64(50) {
			b.RingContact(id, time.Time{})
		}
		b.Start()
		b.Stop()
		done := make(chan int64, 50)
		start(t, r, Config{Handlers: Handlers{Contact: forward(done)}})
		for range 50 {
			receive(t, done)
		}
	})
}

func TestTheLogHearsOfTroubleOnceInAWhile(t *testing.T) {
	t.Parallel()
	var clock atomic.Int64
	lines := &journal{}
	b := NewBells(BellsConfig{Redis: embed(t), Size: 1, Log: lines.log(), Now: func() time.Time {
		return time.UnixMicro(clock.Load())
	}})
	clock.Store(time.Hour.Microseconds())
	b.RingContact(1, time.Time{})
	for range 100 {
		b.RingContact(2, time.Time{})
	}
	once := lines.text.Len()
	clock.Add(grumble.Microseconds())
	b.RingContact(3, time.Time{})
	if once == 0 || lines.text.Len() != 2*once {
		t.Errorf("%d bytes of log, then %d", once, lines.text.Len())
	}
}

func TestStopHandsWaitingBellsToTheQueue(t *testing.T) {
	t.Parallel()
	r, done := embed(t), make(chan int64, 1)
	b := NewBells(BellsConfig{Redis: r, Now: now, Log: quiet(), Grace: patience})
	b.Start()
	at := now().Add(time.Second)
	b.RingDelivery(4, at)
	b.Stop()
	start(t, r, Config{Handlers: Handlers{Delivery: forward(done)}})
	if got := receive(t, done); got != 4 || now().Before(at) {
		t.Errorf("delivery %d, %v early", got, time.Until(at))
	}
}
