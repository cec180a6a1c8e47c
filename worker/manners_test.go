package worker

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"
)

// polite are manners with a clock of their own and processors that let wait so
// long; somebody is answered.
func polite(t *testing.T) (m *manners, at *time.Time, waited *time.Duration) {
	t.Helper()
	at, waited = new(time.Time), new(time.Duration)
	*at = now()
	m = newManners(func() time.Time { return *at })
	m.waited = func() time.Duration { return *waited }
	_ = m.answer(func() error { return nil })
	return m, at, waited
}

// busyAsMayBe begins ranges until one would have to wait, and returns how many
// were begun; it ends them all.
func (m *manners) busyAsMayBe() int {
	full, cancel := context.WithCancel(context.Background())
	cancel() // whoever must wait does not
	n := 0
	for n < 20 && m.begin(full) == nil {
		n++
	}
	for range n {
		m.end()
	}
	return n
}

func TestBroadcastsMakeWayForReplies(t *testing.T) {
	t.Parallel()
	const all = 6
	begun, end := make(chan int64, all), make(chan struct{})
	answering, answered := make(chan int64), make(chan struct{})
	w, bells := start(t, embed(t), Config{Bulk: all, Handlers: Handlers{
		Range: func(_ context.Context, id int64) error {
			begun <- id
			<-end
			return nil
		},
		Contact: func(_ context.Context, id int64) error {
			answering <- id
			<-answered
			return nil
		},
	}})
	w.manners.waited = func() time.Duration { return 2 * longWait }
	bells.RingContact(1, time.Time{})
	receive(t, answering)
	for id := range int64(all) {
		bells.RingRange(id+1, time.Time{})
	}
	for range all { // one comes for each that goes
		receive(t, begun)
		if len(begun) > 0 {
			t.Error("another one began beside it")
		}
		end <- struct{}{}
	}
	close(answered)
}

func TestBroadcastsHaveTheProcessorsThatNobodyNeeds(t *testing.T) {
	t.Parallel()
	m, at, waited := polite(t)
	answered := func() { _ = m.answer(func() error { return nil }) }
	if n := m.busyAsMayBe(); n != 1 {
		t.Errorf("at first %d ranges are worked off at once", n)
	}
	widen := func() {
		t.Helper()
		held := m.width
		for range held {
			if err := m.begin(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		began := make(chan error)
		go func() { began <- m.begin(t.Context()) }()
		for { // until it waits, or need not
			m.mu.Lock()
			waits := len(m.queue) > 0
			m.mu.Unlock()
			runtime.Gosched()
			if waits {
				break
			}
		}
		*at = at.Add(growEvery)
		answered()
		m.end()
		if err := receive(t, began); err != nil {
			t.Fatal(err)
		}
		for range held {
			m.end()
		}
	}
	widen()
	widen()
	if m.width != 3 {
		t.Errorf("idle processors make the width %d", m.width)
	}
	*waited = 2 * longWait
	*at = at.Add(lookEvery)
	if n := m.busyAsMayBe(); n != 1 {
		t.Errorf("%d ranges are worked off at once where answers wait for a processor", n)
	}
	*at = at.Add(answeringFor)
	if n := m.busyAsMayBe(); n != 20 {
		t.Errorf("%d ranges are worked off at once when nobody was answered for a while", n)
	}
}

func TestWhoGivesUpWaitingIsPassedOver(t *testing.T) {
	t.Parallel()
	m, _, waited := polite(t)
	*waited = 2 * longWait
	if err := m.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	ran := false
	err := m.broadcast(gone, func() error { ran = true; return nil })
	if !errors.Is(err, context.Canceled) || ran || len(m.queue) != 0 {
		t.Errorf("it ran %v: %v, and %d wait", ran, err, len(m.queue))
	}
	m.end()
	if n := m.busyAsMayBe(); n != 1 || m.ranges != 0 {
		t.Errorf("then %d are worked off at once, and %d still are", n, m.ranges)
	}
}

func TestProcessorsTellHowLongTheyLetWait(t *testing.T) {
	t.Parallel()
	p := new(processors)
	done := make(chan struct{})
	for range 100 {
		go func() { done <- struct{}{} }()
	}
	for range 100 {
		<-done
	}
	if waited := p.waited(); waited < 0 || p.count == 0 {
		t.Errorf("%d goroutines waited %v", int(p.count), waited)
	}
}
