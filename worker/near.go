package worker

import (
	"context"
	"runtime"
	"sync"
	"time"
)

// nearJobs is how many jobs of a queue a worker does for bells of its own
// process at once, for each processor: enough to keep it busy. What is beyond
// goes by the queue, where every process finds it.
const nearJobs = 8

// near are the jobs of bells that were rung in the worker's own process, for
// whom somebody waits: they begin at once, without the queue, which would look
// for them milliseconds later and costs calls to Redis for each. A process that
// dies takes them with it, as it does its bells; the reconciler rings again.
type near struct {
	rooms   map[string]room // by queue
	mu      sync.RWMutex
	closed  bool
	running sync.WaitGroup
}

// room is where a queue's jobs run: slots are those of all its jobs.
type room struct{ slots, near chan struct{} }

func newNear(queues []queue) *near {
	n := &near{rooms: map[string]room{}}
	for _, q := range queues {
		if q.name != bulk {
			n.rooms[q.name] = room{make(chan struct{}, q.concurrency), make(chan struct{}, nearJobs*runtime.GOMAXPROCS(0))}
		} else {
			n.rooms[q.name] = room{slots: make(chan struct{}, q.concurrency)}
		}
	}
	return n
}

// take begins a job when there is room for it.
func (n *near) take(queue string, do func()) bool {
	n.mu.RLock()
	defer n.mu.RUnlock()
	r := n.rooms[queue]
	if n.closed || !enter(r.near) {
		return false
	}
	if !enter(r.slots) {
		<-r.near
		return false
	}
	n.running.Go(func() {
		defer func() { <-r.slots; <-r.near }()
		do()
	})
	return true
}

// enter takes a place without waiting for one.
func enter(places chan struct{}) bool {
	select {
	case places <- struct{}{}:
		return true
	default:
		return false
	}
}

// close lets no more begin and returns when those that run have ended, or after
// the grace: their rows are found again.
func (n *near) close(grace time.Duration) {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		n.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(grace):
	}
}

// Hear lets the worker do jobs of these bells itself, as long as it runs.
func (w *Worker) Hear(b *Bells) { b.near.Store(w) }

// takes does the job of a bell that rings now, if somebody waits for it and
// there is room.
func (w *Worker) takes(r bell) bool {
	do := w.find(r.kind)
	return w.near.take(queueOf(r.kind), func() {
		ctx, cancel := context.WithTimeout(context.Background(), jobTime)
		defer cancel()
		defer context.AfterFunc(w.letGo, cancel)()
		w.one(ctx, r.kind, r.id, do)
	})
}
