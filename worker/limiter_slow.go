package worker

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// How the bulk's share falls when a platform says that calls come too fast, and
// recovers: it is halved, at most once a second, and is whole again a minute
// after the last time at the latest.
const (
	slowOnce  = time.Second
	slowWhole = time.Minute
)

// Slow halves what bulk may use of an account's rate; it recovers steadily. The
// share of replies and single sends is not touched: people wait for those.
func (l *Limiter) Slow(ctx context.Context, accountID string, perSecond int) error {
	if perSecond <= 0 {
		return nil
	}
	now, err := l.clock(ctx)
	if err != nil {
		return fmt.Errorf("lower a rate: %w", err)
	}
	rate, at, err := l.slowed(ctx, accountID)
	if err != nil {
		return fmt.Errorf("lower a rate: %w", err)
	}
	if !at.IsZero() && now.Sub(at) < slowOnce {
		return nil
	}
	lower := max(1, recovered(rate, at, perSecond, now)/2)
	value := strconv.Itoa(lower) + " " + strconv.FormatInt(now.UnixMilli(), 10)
	if err := l.redis.Client.Set(ctx, l.slowKey(accountID), value, slowWhole).Err(); err != nil {
		return fmt.Errorf("lower a rate: %w", err)
	}
	return nil
}

// reduced is what is left of an account's rate for now.
func (l *Limiter) reduced(ctx context.Context, accountID string, perSecond int) (int, error) {
	rate, at, err := l.slowed(ctx, accountID)
	if err != nil || at.IsZero() {
		return perSecond, err
	}
	now, err := l.clock(ctx)
	if err != nil {
		return perSecond, err
	}
	return recovered(rate, at, perSecond, now), nil
}

// slowed reads when a rate was lowered, and to what; never is the zero time.
func (l *Limiter) slowed(ctx context.Context, accountID string) (rate int, at time.Time, err error) {
	value, err := l.redis.Client.Get(ctx, l.slowKey(accountID)).Result()
	if errors.Is(err, redis.Nil) {
		return 0, time.Time{}, nil
	}
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("read a lowered rate: %w", err)
	}
	first, second, _ := strings.Cut(value, " ")
	rate, wrong := strconv.Atoi(first)
	ms, wrongTime := strconv.ParseInt(second, 10, 64)
	if wrong != nil || wrongTime != nil {
		return 0, time.Time{}, nil
	}
	return rate, time.UnixMilli(ms), nil
}

// recovered is what a lowered rate has grown to, never above the whole.
func recovered(rate int, at time.Time, whole int, now time.Time) int {
	if at.IsZero() {
		return whole
	}
	grown := int(float64(whole) * float64(max(now.Sub(at), 0)) / float64(slowWhole))
	return min(whole, max(rate, 1)+grown)
}

// clock is Redis's own, by which all processes count.
func (l *Limiter) clock(ctx context.Context) (time.Time, error) {
	return l.redis.Client.Time(ctx).Result()
}

func (l *Limiter) slowKey(accountID string) string {
	return l.redis.space + ":slow:{" + accountID + "}"
}
