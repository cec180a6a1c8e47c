package broadcast

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Times of estimates. Whoever waits for one has it within about a second.
const (
	sampledAfter  = 250 * time.Millisecond // some are asked beside everybody from then on
	exactWithin   = 900 * time.Millisecond // the database may take to ask everybody
	exactGrace    = 50 * time.Millisecond  // it may take to say that this was not enough
	sampledWithin = 20 * time.Second       // asking some may take, on a database that is very busy
)

// surveyed is what came of a survey.
type surveyed struct {
	got *Surveyed
	err error
}

// surveyed asks everybody, and some beside them when that takes its time: what
// is known of some is there when everybody has taken too long. A store that is
// slow at that asks some afterwards. What is needed no more is ended, on the
// database too.
func (b *Broadcasts) surveyed(ctx context.Context, q Survey) (*Surveyed, error) {
	var asking sync.WaitGroup
	defer asking.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ask := func(ctx context.Context, q Survey) <-chan surveyed {
		out := make(chan surveyed, 1)
		asking.Go(func() {
			got, err := b.Audiences.Store.SurveyAudience(ctx, q)
			out <- surveyed{got, err}
		})
		return out
	}
	everybody, some := q, q
	everybody.Within = exactWithin
	some.Some, some.Within = sampleSize, sampledWithin

	brief, end := context.WithTimeout(ctx, exactWithin+exactGrace)
	defer end()
	late := func(o surveyed) bool {
		return errors.Is(o.err, ErrSlow) || o.err != nil && brief.Err() != nil && ctx.Err() == nil
	}
	exact := ask(brief, everybody)
	var beside <-chan time.Time
	if b.Audiences.Store.SurveysSomeQuickly() {
		wait := time.NewTimer(sampledAfter)
		defer wait.Stop()
		beside = wait.C
	}
	select {
	case o := <-exact:
		if late(o) {
			o = <-ask(ctx, some)
		}
		return o.got, o.err
	case <-beside:
	}
	sampled := ask(ctx, some)
	if o := <-exact; !late(o) {
		return o.got, o.err
	}
	o := <-sampled
	return o.got, o.err
}
