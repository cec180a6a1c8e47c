package worker

import (
	"context"
	"math"
	"runtime/metrics"
	"slices"
	"sync"
	"time"
)

// While people are answered, and for a while after the last of them was, only so
// many ranges of broadcasts are worked off at once as leave a processor free
// when a step of an answer needs one. Where the processors are the limit more
// ranges send no faster; where the platform is, its slowness leaves them idle
// and there may be many. (Two processors, shared with database and platform:
// with eight ranges a reply took 340 to 440 ms, and with one or two about 40.)
const (
	answeringFor = time.Second
	lookEvery    = 50 * time.Millisecond
	growEvery    = 500 * time.Millisecond
	longWait     = 300 * time.Microsecond // for a processor, on average: half as many ranges
	shortWait    = 200 * time.Microsecond // one more
)

// manners are how broadcasts behave towards people who wait.
type manners struct {
	now    func() time.Time
	waited func() time.Duration // for a processor on average, since it was asked last

	mu      sync.Mutex
	answers int       // under way
	last    time.Time // when one ended
	ranges  int       // under way
	width   int       // how many may be while people are answered
	looked  time.Time // at the processors
	changed time.Time // the width
	queue   []chan struct{}
}

func newManners(now func() time.Time) *manners {
	return &manners{now: now, waited: new(processors).waited, width: 1}
}

// answer answers somebody.
func (m *manners) answer(do func() error) error {
	m.mu.Lock()
	m.answers++
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.answers--
		m.last = m.now()
	}()
	return do()
}

// broadcast works a range off when it is its turn: first come, first served, so
// that two broadcasts share what there is.
func (m *manners) broadcast(ctx context.Context, do func() error) error {
	if err := m.begin(ctx); err != nil {
		return err
	}
	defer m.end()
	return do()
}

func (m *manners) begin(ctx context.Context) error {
	m.mu.Lock()
	if len(m.queue) == 0 && m.room() {
		m.ranges++
		m.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	m.queue = append(m.queue, turn)
	m.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.Index(m.queue, turn); i >= 0 {
		m.queue = slices.Delete(m.queue, i, i+1)
	} else { // its turn came meanwhile
		m.ranges--
		m.admit()
	}
	return ctx.Err()
}

func (m *manners) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ranges--
	m.admit()
}

// admit lets those in whose turn it is. While somebody waits a range is under
// way, whose end brings the next.
func (m *manners) admit() {
	for len(m.queue) > 0 && m.room() {
		close(m.queue[0])
		m.queue = m.queue[1:]
		m.ranges++
	}
}

// room reports whether another range may begin.
func (m *manners) room() bool {
	at := m.now()
	if m.answers == 0 && at.Sub(m.last) >= answeringFor {
		return true
	}
	if at.Sub(m.looked) >= lookEvery {
		m.looked = at
		m.look(at)
	}
	return m.ranges < m.width
}

// look sets the width by how long it takes to get a processor. It grows while
// somebody waits: what nobody uses is not known to be harmless.
func (m *manners) look(at time.Time) {
	switch waited := m.waited(); {
	case waited > longWait:
		m.width, m.changed = max(1, m.width/2), at
	case waited < shortWait && len(m.queue) > 0 && at.Sub(m.changed) >= growEvery:
		m.width, m.changed = m.width+1, at
	}
}

// processors tells how long goroutines wait for one.
type processors struct{ count, sum float64 }

func (p *processors) waited() time.Duration {
	sample := []metrics.Sample{{Name: "/sched/latencies:seconds"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindFloat64Histogram {
		return 0
	}
	h := sample[0].Value.Float64Histogram()
	count, sum := 0.0, 0.0
	for i, n := range h.Counts {
		if low := h.Buckets[i]; !math.IsInf(low, 0) {
			count += float64(n)
			sum += float64(n) * low
		}
	}
	before := *p
	*p = processors{count, sum}
	if count == before.count {
		return 0
	}
	return time.Duration((sum - before.sum) / (count - before.count) * float64(time.Second))
}
