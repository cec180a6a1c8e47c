package broadcast_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// surveyor is a database that takes its time over surveys, in a bubble where
// time costs nothing.
type surveyor struct {
	broadcast.AudienceStore
	broadcast.Directory
	everybody, some time.Duration // what a survey takes
	refuses         error         // what a survey of everybody comes to
	deaf            bool          // it does not end a survey by itself
	slowly          bool          // a survey of some takes as long as one of everybody
	ended           *atomic.Int32 // surveys that were given up
}

func (s *surveyor) Bot(context.Context, string) (*engine.Bot, error) { return &engine.Bot{}, nil }

func (s *surveyor) Accounts(context.Context, string) ([]engine.Account, error) { return nil, nil }

func (s *surveyor) SurveysSomeQuickly() bool { return !s.slowly }

func (s *surveyor) SurveyAudience(ctx context.Context, q broadcast.Survey) (*broadcast.Surveyed, error) {
	takes, out := s.everybody, &broadcast.Surveyed{Asked: 1_000_000, People: 400_000}
	if q.Some > 0 {
		takes, out = s.some, &broadcast.Surveyed{Asked: 10_000, Drawn: 20_000, Of: 2_000_000, People: 4_100}
	}
	if !s.deaf && takes > q.Within {
		time.Sleep(q.Within)
		return nil, broadcast.ErrSlow
	}
	select {
	case <-ctx.Done():
		s.ended.Add(1)
		return nil, ctx.Err()
	case <-time.After(takes):
	}
	if q.Some == 0 && s.refuses != nil {
		return nil, s.refuses
	}
	return out, nil
}

// Whoever waits for an estimate has it within a second unless some people take
// longer to ask than everybody may; what is exact within that time is exact.
func TestAnEstimateIsThereWithinASecond(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	broken := errors.New("the cable is cut")
	busy := &engine.Error{Code: engine.Unavailable}
	for what, c := range map[string]struct {
		surveyor
		exact bool
		fails error
		after time.Duration // it is there
		ended int32
	}{
		"soon":                               {surveyor{everybody: 100 * ms, some: 200 * ms}, true, nil, 100 * ms, 0},
		"some are asked and not needed":      {surveyor{everybody: 850 * ms, some: 200 * ms}, true, nil, 850 * ms, 0},
		"some would not be in time":          {surveyor{everybody: 850 * ms, some: 2000 * ms}, true, nil, 850 * ms, 1},
		"everybody takes too long":           {surveyor{everybody: time.Hour, some: 200 * ms}, false, nil, 900 * ms, 0},
		"and does not know":                  {surveyor{everybody: time.Hour, some: 200 * ms, deaf: true}, false, nil, 950 * ms, 1},
		"some take long, too":                {surveyor{everybody: time.Hour, some: 3000 * ms}, false, nil, 3250 * ms, 0},
		"nobody can be asked":                {surveyor{everybody: time.Hour, some: time.Hour}, false, busy, 20250 * ms, 0},
		"everybody is not held up by some":   {surveyor{everybody: 850 * ms, some: 2000 * ms, slowly: true}, true, nil, 850 * ms, 0},
		"some are asked afterwards":          {surveyor{everybody: time.Hour, some: 700 * ms, slowly: true}, false, nil, 1600 * ms, 0},
		"it is known at once to be too long": {surveyor{everybody: 5 * ms, some: 200 * ms, refuses: broadcast.ErrSlow}, false, nil, 205 * ms, 0},
		"a database that is not there":       {surveyor{everybody: 5 * ms, some: 200 * ms, refuses: broken}, false, broken, 5 * ms, 0},
		"one that goes away":                 {surveyor{everybody: 800 * ms, some: 1000 * ms, refuses: broken}, false, broken, 800 * ms, 1},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &c.surveyor
				s.ended = new(atomic.Int32)
				b := broadcast.New(broadcast.Config{Deps: engine.Deps{Now: time.Now}, Directory: s, Audiences: &broadcast.Audiences{Store: s, Now: time.Now}})
				began := time.Now()
				e, err := b.Estimate(t.Context(), "bot", broadcast.Asked{Audience: engine.Audience{All: true}})
				if took := time.Since(began); took != c.after {
					t.Errorf("it is there after %v, not after %v", took, c.after)
				}
				if n := s.ended.Load(); n != c.ended {
					t.Errorf("%d surveys were given up, not %d", n, c.ended)
				}
				switch {
				case c.fails != nil:
					if known := (*engine.Error)(nil); !errors.Is(err, c.fails) && (!errors.As(err, &known) || known.Code != busy.Code) {
						t.Errorf("it says %v", err)
					}
				case err != nil:
					t.Errorf("it says %v", err)
				case c.exact && (!e.Exact || e.People != 400_000 || e.Margin != 0 || e.Sample != 0 || len(e.Warnings) > 0):
					t.Errorf("%+v", e)
				case !c.exact && (e.Exact || e.People != 410_000 || e.Margin != 11191 || e.Sample != 10_000 || len(e.Warnings) != 1):
					t.Errorf("%+v", e)
				}
			})
		})
	}
}

// Who does not wait any longer ends all that is asked.
func TestAnEstimateNobodyWaitsForIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &surveyor{everybody: time.Hour, some: time.Hour, deaf: true, ended: new(atomic.Int32)}
		b := broadcast.New(broadcast.Config{Deps: engine.Deps{Now: time.Now}, Directory: s, Audiences: &broadcast.Audiences{Store: s, Now: time.Now}})
		ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
		defer cancel()
		if _, err := b.Estimate(ctx, "bot", broadcast.Asked{Audience: engine.Audience{All: true}}); !errors.Is(err, context.DeadlineExceeded) || s.ended.Load() != 2 {
			t.Errorf("%d surveys were given up, and it says %v", s.ended.Load(), err)
		}
	})
}
