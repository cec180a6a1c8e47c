package worker

import (
	"context"
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
func (l *lookout) looks(keys []string) bool { return len(keys) > 0 && keys[0] == l.pending }

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
