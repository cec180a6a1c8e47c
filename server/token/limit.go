package token

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// Counter counts calls.
type Counter interface {
	// Take asks for one call of a caller who may make perSecond of them. A
	// positive wait means that there is none now and when to ask again; left is
	// how many more there would be just now.
	Take(ctx context.Context, caller string, perSecond int) (left int, wait time.Duration, err error)
}

// Limited is a Finder that lets each token, or each bot with all its tokens,
// make so many calls a second: more are an *OverLimit. Calls that cannot be
// counted are let through: that nobody counts must not stop anybody's messages.
type Limited struct {
	Finder
	Counter   Counter
	PerSecond int  // 0: as many as they like
	PerBot    bool // the tokens of a bot share the rate
	Log       *slog.Logger
	uncounted atomic.Int64 // unix minute of the last line about it
}

// OverLimit is a call beyond the rate of its token, or its bot.
type OverLimit struct {
	Wait   time.Duration
	PerBot bool
}

// Error is what the caller is told; Wait goes into the header it names.
func (e *OverLimit) Error() string {
	who := "this token makes"
	if e.PerBot {
		who = "this bot's tokens make"
	}
	return who + " too many calls: wait as long as the header Retry-After says"
}

// Token implements Finder. What the call leaves of the rate is told to the
// context's Meter.
func (l *Limited) Token(ctx context.Context, hash string, now time.Time) (*engine.Token, error) {
	t, err := l.Finder.Token(ctx, hash, now)
	if err != nil || t == nil || l.PerSecond == 0 {
		return t, err
	}
	whose, perBot := t.Hash, l.PerBot && t.BotID != ""
	if perBot {
		whose = t.BotID
	}
	left, wait, err := l.Counter.Take(ctx, whose, l.PerSecond)
	if err != nil {
		l.notCounted(now, err)
		return t, nil
	}
	if m, ok := ctx.Value(meterKey{}).(*Meter); ok {
		*m = Meter{PerSecond: l.PerSecond, PerBot: perBot, Left: left}
	}
	if wait > 0 {
		return nil, &OverLimit{wait, perBot}
	}
	return t, nil
}

// notCounted writes a line a minute.
func (l *Limited) notCounted(now time.Time, err error) {
	minute := now.Unix() / 60
	if l.Log != nil && l.uncounted.Swap(minute) != minute {
		l.Log.Warn("calls_not_counted", "error", err)
	}
}

// Meter is what a call leaves of the rate of its token, or its bot.
type Meter struct {
	PerSecond int // 0: nothing is counted
	PerBot    bool
	Left      int
}

type meterKey struct{}

// WithMeter returns a context in which Limited fills the meter.
func WithMeter(ctx context.Context, m *Meter) context.Context {
	return context.WithValue(ctx, meterKey{}, m)
}
