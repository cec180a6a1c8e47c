package worker

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/go-redis/redis_rate/v10"
)

// Limits of counting calls.
const (
	callShare    = 20 // part of a second's calls that a process takes at once, so that not each costs a round trip
	callLife     = time.Second
	callPatience = 250 * time.Millisecond // with Redis: nobody's call waits longer to be counted
)

// Calls counts what callers do, over all processes on one Redis.
type Calls struct {
	redis   *Redis
	limiter *redis_rate.Limiter
	ahead   *ahead
}

// NewCalls returns a counter on a connection.
func NewCalls(r *Redis, now func() time.Time) *Calls {
	return &Calls{redis: r, limiter: redis_rate.NewLimiter(r.Client), ahead: newAhead(now, callLife)}
}

// Take asks for one call of a caller who may make perSecond of them, and as many
// again at once after a quiet second. A positive wait means that there is none
// now and when to ask again; left is how many more there would be just now. Who
// is counted by two rates, as one token may be for two kinds of calls, has both.
func (c *Calls) Take(ctx context.Context, caller string, perSecond int) (left int, wait time.Duration, err error) {
	caller += "/" + strconv.Itoa(perSecond)
	if left, ok := c.ahead.use(caller); ok {
		return left, 0, nil
	}
	ctx, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	limit := redis_rate.Limit{Rate: perSecond, Burst: perSecond, Period: time.Second}
	result, err := c.limiter.AllowAtMost(ctx, c.redis.space+":calls:{"+caller+"}", limit, max(1, perSecond/callShare))
	switch {
	case err != nil:
		return 0, 0, fmt.Errorf("count a call: %w", err)
	case result.Allowed == 0:
		return 0, max(result.RetryAfter, time.Millisecond), nil
	}
	return c.ahead.keep(caller, result.Allowed-1, result.Remaining), 0, nil
}
