package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/blockcast/blockcast/blocks"
)

// IdempotencyHeader is the header that lets an author's system tell a repeated
// request. A turn that is run again sends the same values.
const IdempotencyHeader = "Idempotency-Key"

// Fetch implements blocks.Env.
func (r *run) Fetch(q *blocks.Request) (*blocks.Response, error) {
	fetch := r.engine.deps.Fetch
	switch {
	case r.ended:
		return nil, errors.New("the run has ended")
	case fetch == nil:
		const none = "no requests can be made here"
		r.event(Event{Level: LevelWarning, Code: EventFetch, Text: none})
		return nil, errors.New(none)
	case r.fetches == MaxFetchesPerTurn:
		return nil, r.limitFetch(EventLimitFetches, fmt.Sprintf("stopped after %d requests in one turn", MaxFetchesPerTurn))
	case r.waited >= FetchBudget:
		return nil, r.limitFetch(EventLimitBudget, fmt.Sprintf("stopped: the requests of one turn took longer than %s", FetchBudget))
	}
	if hold := r.s.BeforeFetch; hold != nil {
		if err := hold(r.ctx); err != nil {
			r.turn.Failed, r.ended, r.limited = fmt.Errorf("%w: %w", ErrUnavailable, err), true, true
			return nil, err
		}
	}
	r.fetches++
	timeout := q.Timeout
	if timeout <= 0 {
		timeout = DefaultFetchTimeout
	}
	ctx, cancel := context.WithTimeout(r.ctx, min(timeout, FetchBudget-r.waited))
	defer cancel()
	began := r.engine.deps.Now()
	answer, err := fetch(ctx, r.keyed(q))
	r.waited += r.engine.deps.Now().Sub(began)
	return answer, err
}

func (r *run) limitFetch(code, text string) error {
	r.limit(code, text)
	return errors.New(text)
}

// keyed returns the request with its Idempotency-Key; one that the author gave
// is left.
func (r *run) keyed(q *blocks.Request) *blocks.Request {
	for name := range q.Headers {
		if strings.EqualFold(name, IdempotencyHeader) {
			return q
		}
	}
	keyed := *q
	keyed.Headers = make(map[string]string, len(q.Headers)+1)
	maps.Copy(keyed.Headers, q.Headers)
	place := fmt.Sprintf("request 1\n%s\n%s\n%d\n%s\n%d\n%d", r.s.Bot.ID, r.key(), r.version, r.block.ID, r.pc, r.fetches)
	sum := sha256.Sum256([]byte(place))
	keyed.Headers[IdempotencyHeader] = hex.EncodeToString(sum[:16])
	return &keyed
}
