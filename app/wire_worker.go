package app

import (
	"context"
	"errors"
	"time"

	"github.com/blockcast/blockcast/worker"
)

// How often periodic work is done.
const (
	reconcileEvery  = 5 * time.Second
	receiptsEvery   = time.Second
	aheadEvery      = 4 * time.Second
	aheadSpan       = aheadEvery + time.Second // bells of this length wait in the process, to the millisecond
	webhooksEvery   = 5 * time.Second
	broadcastsEvery = time.Second
	lastSeenEvery   = time.Minute
	lastSeenBatch   = 1_000 // whoever writes to one of them meanwhile waits
	pruneEvery      = 10 * time.Minute
	mediaEvery      = time.Minute
	pruneBatch      = 5_000
	pruneRounds     = 200 // of one visit: a backlog is worked off over several
)

func (i *instance) newWorker(m *worker.Metrics, rooms *roomMetrics) *worker.Worker {
	return worker.New(worker.Config{
		Redis: i.redis, Locks: i.store, Now: i.clock.Now, Owner: i.name, Log: i.log, Metrics: m,
		Poll: i.config.Poll, Grace: i.config.Grace,
		Replies: i.config.Replies, Sends: i.config.Sends, Bulk: i.config.Bulk,
		Handlers: worker.Handlers{
			Contact:  i.inbox.Drain,
			Delivery: func(ctx context.Context, id int64) error { return i.outbox.Deliver(ctx, id, nil) },
			Profile:  i.inbox.RefreshProfile,
			Webhooks: i.notify.Deliver,
			Run:      i.broadcasts.Work,
			Range:    i.broadcasts.WorkRange,
		},
		Tickers: i.tickers(rooms),
	})
}

// tickers is the periodic work of all processes together.
func (i *instance) tickers(rooms *roomMetrics) []worker.Ticker {
	list := []worker.Ticker{
		{Name: "reconcile_outbox", Every: reconcileEvery, Run: i.counting(rooms, "outbox", i.outbox.Reconcile)},
		{Name: "reconcile_inbox", Every: reconcileEvery, Run: i.counting(rooms, "inbox", i.inbox.Reconcile)},
		{Name: "receipts", Every: receiptsEvery, Run: i.inbox.ApplyReceipts},
		{Name: "broadcasts", Every: broadcastsEvery, Run: i.broadcasts.Tick},
		{Name: "webhooks", Every: webhooksEvery, Run: i.notify.Reconcile},
		{Name: "last_seen", Every: lastSeenEvery, Run: i.copyLastSeen},
		{Name: "prune", Every: pruneEvery, Run: i.prune},
		{Name: "media", Every: mediaEvery, Run: i.media.Sweep},
		{Name: "survey", Every: surveyEvery, Run: func(ctx context.Context) error { return i.store.KeepSurvey(ctx, i.clock.Now()) }},
	}
	if i.config.RedisURL == "" { // a queue that forgets with its process
		list = append(list, worker.Ticker{Name: "look_ahead", Every: aheadEvery, Run: i.lookAhead})
	}
	return list
}

// lookAhead rings just in time for what an earlier process had put on a queue
// that is gone with it.
func (i *instance) lookAhead(ctx context.Context) error {
	return errors.Join(i.inbox.LookAhead(ctx, aheadSpan), i.outbox.LookAhead(ctx, aheadSpan))
}

// counting runs a reconciler and counts what it had to ring again: in health
// nothing.
func (i *instance) counting(rooms *roomMetrics, room string, reconcile func(context.Context) (int, error)) func(context.Context) error {
	return func(ctx context.Context) error {
		n, err := reconcile(ctx)
		if n > 0 {
			rooms.rungAgain.WithLabelValues(room).Add(float64(n))
			i.log.Info("reconcile", "room", room, "rung", n)
		}
		return err
	}
}

// copyLastSeen brings what contacts show up to what came in.
func (i *instance) copyLastSeen(ctx context.Context) error {
	for {
		n, err := i.store.CopyLastSeen(ctx, lastSeenBatch)
		if err != nil || n < lastSeenBatch {
			return err
		}
	}
}

// prune removes what is past its time, in ranges, so that nobody waits behind
// it for long.
func (i *instance) prune(ctx context.Context) error {
	for range pruneRounds {
		removed, err := i.store.Prune(ctx, i.clock.Now(), pruneBatch)
		if err != nil {
			return err
		}
		sum := 0
		for _, n := range removed {
			sum += n
		}
		if sum == 0 {
			return nil
		}
		i.log.Info("prune", "removed", removed)
	}
	return nil
}
