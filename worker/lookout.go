package worker

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// lookout is the client with which asynq looks at one queue. Asynq polls: where
// a look finds nothing it sleeps, and looks again. Often enough that nobody waits
// for it, that took a tenth of a processor of a process with nothing to do, and
// some of Redis. So here the look after one that found nothing waits until the
// queue has something, which whoever puts it there says.
type lookout struct {
	redis.UniversalClient
	pending string          // asynq's key of what is on the queue
	most    time.Duration   // a look waits: word may be lost, and a job that is given back comes without
	stopped <-chan struct{} // no look waits any more
	tell    func()          // the other processes

	word  chan struct{} // has room for one: what was said between two looks
	waits atomic.Bool
	empty bool // at the last look; asynq looks from one goroutine
}

// asynqLooks is how long asynq itself waits after a look that found nothing.
const asynqLooks = time.Millisecond

// hear ends the wait of the next look, or of the one that waits: waited says
// that one did, and that nobody has ended its wait before. It takes one job, so
// whoever brings another has to tell the other processes, too.
func (l *lookout) hear() (waited bool) {
	waited = l.waits.CompareAndSwap(true, false)
	select {
	case l.word <- struct{}{}:
	default: // the next look is to come without waiting already
	}
	return waited
}

// EvalSha and Eval run asynq's scripts.
func (l *lookout) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	if l.looks(keys) && l.empty {
		l.wait()
	}
	return l.noted(keys, l.UniversalClient.EvalSha(ctx, sha, keys, args...))
}

func (l *lookout) Eval(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	return l.noted(keys, l.UniversalClient.Eval(ctx, script, keys, args...))
}

// looks reports whether a script takes the next job: of its keys the queue is
// the first.
func (l *lookout) looks(keys []string) bool { return slices.Index(keys, l.pending) == 0 }

// moves reports whether a script puts those jobs on the queue whose time has
// come: from its first key to the queue.
func (l *lookout) moves(keys []string) bool { return len(keys) == 2 && keys[1] == l.pending }

func (l *lookout) wait() {
	timer := time.NewTimer(l.most)
	defer timer.Stop()
	l.waits.Store(true)
	defer l.waits.Store(false)
	select {
	case <-l.word:
	case <-timer.C:
	case <-l.stopped:
	}
}

// noted notes what a script came to. A look that failed found nothing.
func (l *lookout) noted(keys []string, c *redis.Cmd) *redis.Cmd {
	switch {
	case l.looks(keys):
		l.empty = c.Err() != nil
	case l.moves(keys):
		if n, err := c.Int(); err == nil && n > 0 && (!l.hear() || n > 1) {
			l.tell()
		}
	}
	return c
}

// teller lets the workers of all processes know that queues have something,
// without anybody's waiting for it: what is to be told while Redis is being told
// is one word more, however often. Where it fails they look after a while of
// their own accord.
type teller struct {
	mu      sync.Mutex
	untold  []string // queues
	telling bool
}

// tell says that a queue has something.
func (t *teller) tell(queue string, publish func(context.Context, string)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !slices.Contains(t.untold, queue) {
		t.untold = append(t.untold, queue)
	}
	if !t.telling {
		t.telling = true
		go t.run(publish)
	}
}

// run tells what there is to be told, and ends.
func (t *teller) run(publish func(context.Context, string)) {
	for queue := t.next(); queue != ""; queue = t.next() {
		ctx, cancel := context.WithTimeout(context.Background(), ringTime)
		publish(ctx, queue)
		cancel()
	}
}

func (t *teller) next() (queue string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.telling = len(t.untold) > 0; t.telling {
		queue, t.untold = t.untold[0], t.untold[1:]
	}
	return queue
}

// tell lets all processes know that a queue has something, soon.
func (r *Redis) tell(queue string) { r.teller.tell(queue, r.publish) }

// publish lets them know now.
func (r *Redis) publish(ctx context.Context, queue string) {
	_ = r.Client.Publish(ctx, r.wordOf(), queue).Err()
}

// wordOf is the channel on which it is told.
func (r *Redis) wordOf() string { return r.space + ":word" }

// told listens to what is told of queues until ctx is done. Where it begins to,
// again after Redis was away, something may have been told before.
func (w *Worker) told(ctx context.Context) {
	s := w.config.Redis.Client.Subscribe(ctx, w.config.Redis.wordOf())
	defer s.Close()
	words := s.ChannelWithSubscriptions()
	for {
		select {
		case word := <-words:
			switch word := word.(type) {
			case *redis.Message:
				w.hears(word.Payload)
			case *redis.Subscription:
				for _, l := range w.lookouts {
					l.hear()
				}
			default: // the connection was closed
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// tellOthers says what this worker, which stops, may have given back.
func (w *Worker) tellOthers() {
	ctx, cancel := context.WithTimeout(context.Background(), ringTime)
	defer cancel()
	for queue := range w.lookouts {
		w.config.Redis.publish(ctx, queue)
	}
}

// hears has a queue looked at; waited says that somebody waited for it here.
func (w *Worker) hears(queue string) (waited bool) {
	l, ok := w.lookouts[queue]
	return ok && l.hear()
}
