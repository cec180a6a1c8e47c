package worker

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"

	"github.com/blockcast/blockcast/engine/outbox"
)

// Limits of ringing.
const (
	defaultRing = 16384                  // bells that may wait to be put on the queue
	ringers     = 2                      // calls to Redis at once
	together    = 8                      // bells in one call, and in one job
	ringTime    = 200 * time.Millisecond // one call to Redis
	jobTime     = 5 * time.Minute        // one job
	grumble     = 10 * time.Second       // between two lines of the log about the same trouble
	putAgain    = 100 * time.Millisecond // after which a call that failed is made again where no reconciler rings, then twice as long
	maxTries    = 9                      // within 50 s
)

// Bells rings: it puts ids on the queues, from a background queue of its own,
// so that a request never waits for Redis and never fails because of it. A
// bell that is lost, here or there, is rung again by the reconciler; one for a
// profile, which no table asks for, is put on its queue again for a while.
type Bells struct {
	config   BellsConfig
	client   *asynq.Client
	waiting  chan bell
	soon     soon
	near     atomic.Pointer[Worker] // of this process, nil: none
	ringers  sync.WaitGroup
	done     context.Context
	cancel   context.CancelFunc
	webhooks atomic.Bool  // a bell for all of them waits
	quiet    atomic.Int64 // until when the log has heard of the trouble, Unix microseconds
}

var _ outbox.Bells = (*Bells)(nil)

// BellsConfig of Bells. Redis and Now are required.
type BellsConfig struct {
	Redis   *Redis
	Now     func() time.Time
	Size    int           // bells that may wait; 0: 16384
	Grace   time.Duration // how long Stop goes on ringing; 0: 1 s
	Log     *slog.Logger  // nil: slog.Default()
	Metrics *Metrics      // nil: none
}

type bell struct {
	kind Kind
	id   int64
	at   time.Time // zero: now

	tries int // to put it on its queue, that failed
}

// NewBells returns bells that can be rung at once and are heard after Start.
func NewBells(c BellsConfig) *Bells {
	if c.Redis == nil || c.Now == nil {
		panic("worker: Redis and Now are required")
	}
	c.Grace = cmp.Or(c.Grace, time.Second)
	if c.Log == nil {
		c.Log = slog.Default()
	}
	b := &Bells{
		config:  c,
		client:  asynq.NewClientFromRedisClient(c.Redis.Client),
		waiting: make(chan bell, cmp.Or(c.Size, defaultRing)),
	}
	b.done, b.cancel = context.WithCancel(context.Background())
	c.Metrics.waiting(func() float64 { return float64(len(b.waiting)) })
	return b
}

// RingContact says that a contact has something to be answered.
func (b *Bells) RingContact(id int64, at time.Time) { b.ring(bell{kind: kindContact, id: id, at: at}) }

// RingDelivery says that a delivery is due at the given time, zero being now.
func (b *Bells) RingDelivery(id int64, at time.Time) {
	b.ring(bell{kind: kindDelivery, id: id, at: at})
}

// RingProfile says that an identity's profile should be asked for.
func (b *Bells) RingProfile(id int64) { b.ring(bell{kind: kindProfile, id: id}) }

// RingRun says that a run of a broadcast is to be looked after.
func (b *Bells) RingRun(number int64, at time.Time) { b.ring(bell{kind: kindRun, id: number, at: at}) }

// RingRange says that a range of a run's rows has some to be worked.
func (b *Bells) RingRange(id int64, at time.Time) { b.ring(bell{kind: kindRange, id: id, at: at}) }

// RingWebhooks says that outgoing webhooks have something due at the given
// time, zero being now. Of those that say now one waits at a time: whoever
// hears it looks at everything.
func (b *Bells) RingWebhooks(at time.Time) {
	if at.IsZero() && !b.webhooks.CompareAndSwap(false, true) {
		return
	}
	b.ring(bell{kind: kindWebhooks, at: at})
}

// ring never waits: when too many bells do already, this one is dropped.
func (b *Bells) ring(r bell) {
	wait := b.wait(r)
	if wait > 0 && wait <= soonest && b.soon.keep(r, wait, b.ring) {
		return
	}
	if w := b.near.Load(); wait <= 0 && w != nil && w.takes(r) {
		b.config.Metrics.bell(r.kind, heard)
		return
	}
	select {
	case b.waiting <- r:
	default:
		b.taken(r)
		b.config.Metrics.bell(r.kind, dropped)
		b.complain("bell_dropped", "kind", r.kind, "waiting", cap(b.waiting))
	}
}

// Start begins to put bells on the queues.
func (b *Bells) Start() {
	for range ringers {
		b.ringers.Go(b.loop)
	}
}

// Stop puts what is waiting on the queues as far as the grace allows. Bells
// rung afterwards stay silent.
func (b *Bells) Stop() {
	end := time.After(b.config.Grace)
	for _, r := range b.soon.give() {
		b.ring(r)
	}
	for len(b.waiting) > 0 {
		select {
		case r := <-b.waiting:
			b.putAll(b.gather(r))
		case <-end:
			b.cancel()
			b.ringers.Wait()
			return
		}
	}
	b.cancel()
	b.ringers.Wait()
}

func (b *Bells) loop() {
	for {
		select {
		case r := <-b.waiting:
			b.putAll(b.gather(r))
		case <-b.done.Done():
			return
		}
	}
}

// gather takes what waits beside a bell: of a commit that many share, many ring
// at once, and a call to Redis for each costs more than their rows do.
func (b *Bells) gather(r bell) []bell {
	list := []bell{r}
	for len(list) < together {
		select {
		case r := <-b.waiting:
			list = append(list, r)
		default:
			return list
		}
	}
	return list
}

// putAll puts bells on their queues, those in one job that are of a kind whose
// jobs are short and that ring now.
func (b *Bells) putAll(list []bell) {
	now := map[Kind][]int64{}
	for _, r := range list {
		b.taken(r)
		if wait := b.wait(r); wait > 0 || queueOf(r.kind) == bulk {
			if !b.put(r.kind, wait, r.id) {
				b.again(r)
			}
			continue
		}
		now[r.kind] = append(now[r.kind], r.id)
	}
	for kind, ids := range now {
		b.put(kind, 0, ids...)
	}
}

// put puts a job for some ids on the queue of their kind. It has no task id,
// because an id that is still known in any state would swallow the next ring;
// it is not retried and not kept, because only the tables know whether there is
// still something to do.
func (b *Bells) put(kind Kind, wait time.Duration, ids ...int64) (done bool) {
	ctx, cancel := context.WithTimeout(context.Background(), ringTime)
	defer cancel()
	options := []asynq.Option{
		asynq.Queue(b.config.Redis.queue(queueOf(kind))),
		asynq.MaxRetry(0),
		asynq.Timeout(jobTime),
	}
	if wait > 0 {
		// The queue keeps whole seconds and cuts the rest off; a bell must not
		// ring before its row is due.
		options = append(options, asynq.ProcessIn(wait+time.Second-1))
	}
	outcome := succeeded
	if _, err := b.client.EnqueueContext(ctx, asynq.NewTask(string(kind), writeIDs(ids)), options...); err != nil {
		outcome = failed
		b.complain("bell_failed", "kind", kind, kind.field(), ids[0], "bells", len(ids), "error", err)
	} else if wait <= 0 {
		b.tell(queueOf(kind))
	}
	for range ids {
		b.config.Metrics.bell(kind, outcome)
	}
	return outcome == succeeded
}

// again keeps a bell that could not be put on its queue, where nobody else would
// ring it: a name that was not asked for when somebody first wrote is missed
// until they write again.
func (b *Bells) again(r bell) {
	if r.kind != kindProfile || r.tries == maxTries {
		return
	}
	wait := putAgain << r.tries
	r.tries++
	b.soon.keep(r, wait, b.ring)
}

// tell says that a queue has something: to the worker of this process, when it
// waits for that, else to all.
func (b *Bells) tell(queue string) {
	if w := b.near.Load(); w == nil || !w.hears(queue) {
		b.config.Redis.tell(queue)
	}
}

// taken lets the next bell for all webhooks wait.
func (b *Bells) taken(r bell) {
	if r.kind == kindWebhooks {
		b.webhooks.Store(false)
	}
}

// wait is how long a bell has to wait. It is a span and no time because the
// queue's clock is not ours, which the database corrects.
func (b *Bells) wait(r bell) time.Duration {
	if r.at.IsZero() {
		return 0
	}
	return r.at.Sub(b.config.Now())
}

// complain writes to the log unless it has just done so: with Redis away there
// would be a line for every request.
func (b *Bells) complain(message string, args ...any) {
	now := b.config.Now().UnixMicro()
	until := b.quiet.Load()
	if now < until || !b.quiet.CompareAndSwap(until, now+grumble.Microseconds()) {
		return
	}
	b.config.Log.Warn(message, args...)
}
