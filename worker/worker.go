// Package worker moves bells and keeps rates: three servers that run the jobs
// behind the bells, tickers for periodic work, and the limiter all processes
// share. It knows ids and queues; what a job does is passed in as functions,
// and the truth stays in tables that it never reads.
package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"
)

// Defaults of Config.
const (
	defaultPoll    = time.Second
	defaultReplies = 64
	defaultSends   = 64
	defaultBulk    = 16
	defaultGrace   = 10 * time.Second
)

// dueInterval is how often bells with a future time are looked at, and so how
// late they may ring.
const dueInterval = time.Second

// releaseShare is the last part of the grace in which handlers that are still
// running are told to let go of what they hold.
const releaseShare = 4

// Handlers do the work a bell asks for. They take ids alone, read the rest
// from the tables, write their outcome there and return an error only for what
// is worth a line in the log: a job is never repeated by the queue.
type Handlers struct {
	Contact  func(ctx context.Context, contactID int64) error
	Delivery func(ctx context.Context, deliveryID int64) error
	Profile  func(ctx context.Context, identityID int64) error
	Webhooks func(ctx context.Context) error
	Run      func(ctx context.Context, number int64) error
	Range    func(ctx context.Context, rangeID int64) error
}

// Config of a Worker. Redis, Handlers, Locks and Now are required; Locks only
// with Tickers.
type Config struct {
	Redis    *Redis
	Handlers Handlers
	Tickers  []Ticker
	Locks    Locks
	Now      func() time.Time
	Owner    string        // names this process in locks; a process that replaces it may use the same
	Poll     time.Duration // how often an empty queue is looked at of which nobody says anything; 0: 1 s
	Replies  int           // jobs at once that answer people; 0: 64
	Sends    int           // jobs at once that send; 0: 64
	Bulk     int           // jobs at once that may wait; 0: 16
	Grace    time.Duration // how long Stop waits for jobs; 0: 10 s
	Log      *slog.Logger  // nil: slog.Default()
	Metrics  *Metrics      // nil: none
}

// Worker runs jobs and tickers between Start and Stop.
type Worker struct {
	config   Config
	manners  *manners
	near     *near
	lookouts map[string]*lookout // by queue
	servers  []*asynq.Server
	tickers  sync.WaitGroup
	working  context.Context // done when nothing more is begun
	halt     context.CancelFunc
	letGo    context.Context // done when running jobs must end now
	release  context.CancelFunc
	stop     sync.Once
}

// New returns a worker that does nothing before Start. It panics when a
// required field is missing: that is a mistake in the wiring.
func New(c Config) *Worker {
	if c.Redis == nil || c.Now == nil || len(c.Tickers) > 0 && c.Locks == nil {
		panic("worker: Redis, Now and, for tickers, Locks are required")
	}
	c.Poll = cmp.Or(c.Poll, defaultPoll)
	c.Grace = cmp.Or(c.Grace, defaultGrace)
	c.Owner = cmp.Or(c.Owner, "worker")
	if c.Log == nil {
		c.Log = slog.Default()
	}
	w := &Worker{config: c, manners: newManners(c.Now), lookouts: map[string]*lookout{}}
	w.working, w.halt = context.WithCancel(context.Background())
	w.near = newNear(w.queues())
	for _, q := range w.queues() {
		w.lookouts[q.name] = w.lookout(q.name)
	}
	w.letGo, w.release = context.WithCancel(context.Background())
	return w
}

// Start begins to take jobs and to tick. On an error nothing is left running.
func (w *Worker) Start() error {
	for _, q := range w.queues() {
		server, err := w.serve(q)
		if err != nil {
			w.shutdown()
			return fmt.Errorf("start queue %s: %w", q.name, err)
		}
		w.servers = append(w.servers, server)
	}
	w.tickers.Go(func() { w.told(w.working) })
	for _, t := range w.config.Tickers {
		w.tickers.Go(func() { w.tick(w.working, t) })
	}
	return nil
}

// Stop takes no more jobs, waits for the running ones within the grace, asks
// them to release what they hold near its end, and returns when all is quiet.
// What could not finish goes back to the queue.
func (w *Worker) Stop() {
	w.stop.Do(func() {
		w.shutdown()
		w.tickers.Wait()
	})
}

// queue is one of the three pools of jobs. Each has a server of its own: in
// one pool a reply would wait behind slow work.
type queue struct {
	name        string
	concurrency int
}

func (w *Worker) queues() []queue {
	return []queue{
		{replies, cmp.Or(w.config.Replies, defaultReplies)},
		{sends, cmp.Or(w.config.Sends, defaultSends)},
		{bulk, cmp.Or(w.config.Bulk, defaultBulk)},
	}
}

func (w *Worker) lookout(queue string) *lookout {
	r := w.config.Redis
	return &lookout{
		UniversalClient: r.Client,
		pending:         "asynq:{" + r.queue(queue) + "}:pending",
		most:            w.config.Poll,
		stopped:         w.working.Done(),
		tell:            func() { r.tell(queue) },
		word:            make(chan struct{}, 1),
	}
}

func (w *Worker) serve(q queue) (*asynq.Server, error) {
	server := asynq.NewServerFromRedisClient(w.lookouts[q.name], asynq.Config{
		Concurrency:              q.concurrency,
		Queues:                   map[string]int{w.config.Redis.queue(q.name): 1},
		TaskCheckInterval:        asynqLooks,
		DelayedTaskCheckInterval: dueInterval,
		ShutdownTimeout:          w.config.Grace,
		Logger:                   queueLog{w.config.Log.With("queue", q.name)},
		LogLevel:                 asynq.WarnLevel,
	})
	slots := w.near.rooms[q.name].slots
	run := func(ctx context.Context, task *asynq.Task) error { return w.run(ctx, task, slots) }
	if err := server.Start(asynq.HandlerFunc(run)); err != nil && !errors.Is(err, asynq.ErrServerClosed) {
		return nil, err
	}
	return server, nil
}

// shutdown ends the servers side by side.
func (w *Worker) shutdown() {
	w.halt()
	timer := time.AfterFunc(w.config.Grace-w.config.Grace/releaseShare, w.release)
	defer timer.Stop()
	var wait sync.WaitGroup
	for _, s := range w.servers {
		wait.Go(s.Shutdown)
	}
	wait.Go(func() { w.near.close(w.config.Grace) })
	wait.Wait()
	w.release()
	w.tellOthers()
}
