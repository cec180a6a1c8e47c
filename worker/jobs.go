package worker

import (
	"context"
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"

	"github.com/hibiken/asynq"
)

// Names of the queues.
const (
	replies = "replies" // people are waiting
	sends   = "sends"   // callers are waiting
	bulk    = "bulk"    // nobody is waiting
)

// Kind says what a bell is about.
type Kind string

const (
	kindContact  Kind = "contact"
	kindDelivery Kind = "delivery"
	kindProfile  Kind = "profile"
	kindWebhooks Kind = "webhooks" // whatever is due: its id is always 0
	kindRun      Kind = "run"      // of a broadcast
	kindRange    Kind = "range"    // of a run's rows
)

// jobs lists every kind of job: where its bells wait, what it does and which
// of the three pools runs it.
func (w *Worker) jobs() []job {
	return []job{
		{kindContact, w.contact},
		{kindDelivery, w.delivery},
		{kindProfile, w.profile},
		{kindWebhooks, w.webhooks},
		{kindRun, w.work},
		{kindRange, w.workRange},
	}
}

// queueOf says where a kind's bells wait.
func queueOf(k Kind) string {
	switch k {
	case kindContact:
		return replies
	case kindDelivery:
		return sends
	}
	return bulk
}

// contact answers what a contact has written.
func (w *Worker) contact(ctx context.Context, id int64) error {
	return w.manners.answer(func() error { return w.config.Handlers.Contact(ctx, id) })
}

// delivery makes one attempt at a delivery.
func (w *Worker) delivery(ctx context.Context, id int64) error {
	return w.config.Handlers.Delivery(ctx, id)
}

// profile asks the platform who an identity is.
func (w *Worker) profile(ctx context.Context, id int64) error {
	return w.config.Handlers.Profile(ctx, id)
}

// webhooks tells outgoing webhooks what is due.
func (w *Worker) webhooks(ctx context.Context, _ int64) error {
	return w.config.Handlers.Webhooks(ctx)
}

// work does what is next for a run of a broadcast.
func (w *Worker) work(ctx context.Context, number int64) error {
	return w.config.Handlers.Run(ctx, number)
}

// workRange works the next batch of a run's range off.
func (w *Worker) workRange(ctx context.Context, id int64) error {
	return w.manners.broadcast(ctx, func() error { return w.config.Handlers.Range(ctx, id) })
}

type job struct {
	kind Kind
	do   func(ctx context.Context, id int64) error
}

// run does the jobs of bells that were rung together, side by side as far as
// the queue's slots allow. It always reports success to the queue: a row that
// still needs work is found by its table.
func (w *Worker) run(ctx context.Context, task *asynq.Task, slots chan struct{}) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(w.letGo, cancel)()

	kind := Kind(task.Type())
	ids, ok := readIDs(task.Payload())
	do := w.find(kind)
	if !ok || do == nil {
		w.config.Log.Error("job_unreadable", "kind", kind, "payload", printable(task.Payload()))
		w.config.Metrics.job(kind, unreadable, 0)
		return nil
	}
	each := func(id int64) {
		slots <- struct{}{}
		defer func() { <-slots }()
		w.one(ctx, kind, id, do)
	}
	var others sync.WaitGroup
	for _, id := range ids[1:] {
		others.Go(func() { each(id) })
	}
	each(ids[0])
	others.Wait()
	return nil
}

// one does the job of one bell and says how it ended.
func (w *Worker) one(ctx context.Context, kind Kind, id int64, do func(context.Context, int64) error) {
	begun := w.config.Now()
	outcome := succeeded
	switch err := w.guard(ctx, kind, id, do); {
	case err == nil:
	case w.letGo.Err() != nil && ctx.Err() != nil:
		outcome = released
		w.config.Log.Info("job_released", "kind", kind, kind.field(), id)
	default:
		outcome = failed
		w.config.Log.Error("job", "kind", kind, kind.field(), id, "error", err)
	}
	w.config.Metrics.job(kind, outcome, w.config.Now().Sub(begun))
}

// writeIDs is the payload of a job: ids with commas between.
func writeIDs(ids []int64) []byte {
	var out []byte
	for i, id := range ids {
		if i > 0 {
			out = append(out, ',')
		}
		out = strconv.AppendInt(out, id, 10)
	}
	return out
}

// readIDs reads what writeIDs wrote, and at most as many ids as ring together.
func readIDs(payload []byte) ([]int64, bool) {
	parts := strings.SplitN(string(payload), ",", together+1)
	if len(parts) > together {
		return nil, false
	}
	ids := make([]int64, len(parts))
	for i, text := range parts {
		var err error
		if ids[i], err = strconv.ParseInt(text, 10, 64); err != nil {
			return nil, false
		}
	}
	return ids, true
}

func (w *Worker) find(k Kind) func(context.Context, int64) error {
	for _, j := range w.jobs() {
		if j.kind == k {
			return j.do
		}
	}
	return nil
}

// guard turns a panic into an error, with the place it came from in the log.
func (w *Worker) guard(ctx context.Context, k Kind, id int64, do func(context.Context, int64) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			w.config.Log.Error("job_panic", "kind", k, k.field(), id, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return do(ctx, id)
}

// field is the log's key for the id of a kind.
func (k Kind) field() string {
	switch k {
	case kindDelivery:
		return "delivery_id"
	case kindProfile:
		return "identity_id"
	case kindWebhooks:
		return "all"
	case kindRun:
		return "run"
	case kindRange:
		return "range_id"
	}
	return "contact_id"
}

// maxPrinted bounds what a strange payload may put into the log.
const maxPrinted = 64

func printable(b []byte) string {
	return strconv.QuoteToASCII(string(b[:min(len(b), maxPrinted)]))
}
