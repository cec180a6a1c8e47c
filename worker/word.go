package worker

import (
	"context"
	"slices"
	"sync"

	"github.com/redis/go-redis/v9"
)

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
