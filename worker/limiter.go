package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/go-redis/redis_rate/v10"

	"github.com/blockcast/blockcast/engine/outbox"
)

// burstShare is the part of a second's calls that may go out at once. The
// library's own PerSecond would let a whole second's worth out on top of the
// rate in the first second.
const burstShare = 20

// bulkShare is the part of the rate that bulk may use, in percent; the rest is
// kept for replies and single sends.
const bulkShare = 90

// Where a rate is high, calls of those who wait are taken some at a time. They
// are few, and soon given up, so that the platform sees the rate that all
// processes share.
const (
	aheadShare = 200 // part of a second's calls taken at once
	aheadLife  = 50 * time.Millisecond
)

// Limiter keeps each account's calls under the platform's rate, over all
// processes on one Redis.
type Limiter struct {
	redis   *Redis
	limiter *redis_rate.Limiter
	metrics *Metrics
	ahead   *ahead
}

var _ outbox.Limiter = (*Limiter)(nil)

// NewLimiter returns a limiter on a connection. metrics may be nil.
func NewLimiter(r *Redis, now func() time.Time, m *Metrics) *Limiter {
	return &Limiter{redis: r, limiter: redis_rate.NewLimiter(r.Client), metrics: m, ahead: newAhead(now, aheadLife)}
}

// Take asks for one call of an account that may make perSecond of them. A
// positive wait means that there is none now and when to ask again; nothing is
// used up then. A rate of 0 has no limit.
func (l *Limiter) Take(ctx context.Context, accountID string, perSecond int, share outbox.Share) (time.Duration, error) {
	if perSecond <= 0 {
		return 0, nil
	}
	if share == outbox.ShareBulk {
		reduced, err := l.reduced(ctx, accountID, perSecond)
		if err != nil {
			return 0, err
		}
		_, wait, err := l.takeMany(ctx, accountID+":bulk", max(1, reduced*bulkShare/100), 1)
		if wait > 0 || err != nil {
			return l.counted(share, wait, err)
		}
		_, wait, err = l.takeMany(ctx, accountID, perSecond, 1)
		return l.counted(share, wait, err)
	}
	if _, ok := l.ahead.use(accountID); ok {
		return 0, nil
	}
	granted, wait, err := l.takeMany(ctx, accountID, perSecond, max(1, perSecond/aheadShare))
	if granted > 0 {
		l.ahead.keep(accountID, granted-1, 0)
		wait = 0
	}
	return l.counted(share, wait, err)
}

// takeMany asks for n calls; a wait is positive where fewer are granted.
func (l *Limiter) takeMany(ctx context.Context, key string, rate, n int) (granted int, wait time.Duration, err error) {
	limit := redis_rate.Limit{Rate: rate, Burst: max(1, rate/burstShare), Period: time.Second}
	result, err := l.limiter.AllowAtMost(ctx, l.redis.space+":{"+key+"}", limit, n)
	if err != nil {
		return 0, 0, fmt.Errorf("take calls of the rate: %w", err)
	}
	if result.Allowed >= n {
		return result.Allowed, 0, nil
	}
	return result.Allowed, max(result.RetryAfter, time.Millisecond), nil
}

// TakeMany asks for n calls of the bulk's share at once: as many are granted as
// there are now, and a positive wait tells when there are more.
func (l *Limiter) TakeMany(ctx context.Context, accountID string, perSecond, n int) (granted int, wait time.Duration, err error) {
	if perSecond <= 0 || n <= 0 {
		return n, 0, nil
	}
	reduced, err := l.reduced(ctx, accountID, perSecond)
	if err != nil {
		return 0, 0, err
	}
	granted, wait, err = l.takeMany(ctx, accountID+":bulk", max(1, reduced*bulkShare/100), n)
	if granted > 0 && err == nil {
		most := granted
		var full time.Duration
		if granted, full, err = l.takeMany(ctx, accountID, perSecond, most); granted < most {
			wait = full
		}
	}
	if granted == n {
		wait = 0
	}
	wait, err = l.counted(outbox.ShareBulk, wait, err)
	return granted, wait, err
}

func (l *Limiter) counted(share outbox.Share, wait time.Duration, err error) (time.Duration, error) {
	if wait > 0 {
		l.metrics.limited(share)
	}
	return wait, err
}
