package worker

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/go-redis/redis_rate/v10"
)

// Limits of counting calls.
const (
	callShare    = 20 // part of a second's calls that a process takes at once, so that not each costs a round trip
	callLife     = time.Second
	callPatience = 250 * time.Millisecond // with Redis: nobody's call waits longer to be counted
	maxCallers   = 10_000
)

// Calls counts what callers do, over all processes on one Redis.
type Calls struct {
	redis   *Redis
	limiter *redis_rate.Limiter
	now     func() time.Time

	mu    sync.Mutex
	taken map[string]callsTaken
}

// callsTaken is what this process has taken of a caller's rate and not used.
type callsTaken struct {
	calls  int
	behind int // that Redis would still give
	until  time.Time
}

// NewCalls returns a counter on a connection.
func NewCalls(r *Redis, now func() time.Time) *Calls {
	return &Calls{redis: r, limiter: redis_rate.NewLimiter(r.Client), now: now, taken: map[string]callsTaken{}}
}

// Take asks for one call of a caller who may make perSecond of them, and as many
// again at once after a quiet second. A positive wait means that there is none
// now and when to ask again; left is how many more there would be just now. Who
// is counted by two rates, as one token may be for two kinds of calls, has both.
func (c *Calls) Take(ctx context.Context, caller string, perSecond int) (left int, wait time.Duration, err error) {
	caller += "/" + strconv.Itoa(perSecond)
	if left, ok := c.use(caller); ok {
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
	return c.keep(caller, result.Allowed-1, result.Remaining), 0, nil
}

// use takes one of what this process holds.
func (c *Calls) use(caller string) (left int, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.taken[caller]
	if t.calls == 0 || !c.now().Before(t.until) {
		return 0, false
	}
	t.calls--
	c.taken[caller] = t
	return t.calls + t.behind, true
}

// keep adds to what this process holds.
func (c *Calls) keep(caller string, calls, behind int) (left int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.taken) >= maxCallers {
		clear(c.taken)
	}
	now := c.now()
	if t := c.taken[caller]; now.Before(t.until) {
		calls += t.calls
	}
	c.taken[caller] = callsTaken{calls, behind, now.Add(callLife)}
	return calls + behind
}
