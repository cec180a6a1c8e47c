package worker

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
)

// patience is how long a test waits for what must happen at once.
const patience = 20 * time.Second

// each runs a test on the embedded Redis and, when TEST_REDIS_URL is set, on a
// real one, where it has names of its own.
func each(t *testing.T, test func(t *testing.T, r *Redis)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		test(t, embed(t))
	})
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		address := os.Getenv("TEST_REDIS_URL")
		if address == "" {
			t.Skip("TEST_REDIS_URL is not set")
		}
		r, err := Connect(t.Context(), RedisConfig{URL: address, Space: "test-" + rand.Text(), Log: quiet()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			inspector := asynq.NewInspectorFromRedisClient(r.Client)
			for _, q := range []string{replies, sends, bulk} {
				_ = inspector.DeleteQueue(r.queue(q), true) // absent when the test rang none
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
		test(t, r)
	})
}

func embed(t *testing.T) *Redis {
	t.Helper()
	r, err := Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// start starts a worker and bells on r, and stops them at the end.
func start(t *testing.T, r *Redis, c Config) (*Worker, *Bells) {
	t.Helper()
	c.Redis, c.Now = r, now
	c.Poll = cmp.Or(c.Poll, time.Hour) // what is put on a queue is said
	if c.Log == nil {
		c.Log = quiet()
	}
	w := New(c)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	b := NewBells(BellsConfig{Redis: r, Now: now, Log: c.Log})
	b.Start()
	t.Cleanup(b.Stop)
	return w, b
}

func now() time.Time { return time.Now().UTC() }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// receive returns the next value of a channel, which must come.
func receive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("not reached")
	}
}

// forward makes a handler that hands its ids to a channel.
func forward(c chan<- int64) func(context.Context, int64) error {
	return func(_ context.Context, id int64) error {
		c <- id
		return nil
	}
}

// journal collects log lines.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) has(s string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Contains(j.text.String(), s)
}

func (j *journal) log() *slog.Logger { return slog.New(slog.NewTextHandler(j, nil)) }

// counted returns a counter of a registry that has the given label value, 0
// when there is none.
func counted(t *testing.T, r *prometheus.Registry, name, label string) float64 {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if f.GetName() == name && l.GetValue() == label {
					sum += m.GetCounter().GetValue()
				}
			}
		}
	}
	return sum
}
