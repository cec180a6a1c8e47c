package broadcast

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// Endings is what of the store tells how calls end, and ends those nobody will
// know of.
type Endings interface {
	// Refused returns how the rows of a run between two ids ended that the
	// platform was asked about since the run last began to run: all of them, and
	// those that failed by class.
	Refused(ctx context.Context, runID string, first, last int64) (asked int64, failed map[string]int64, err error)
	// HastenRows lets rows of a run go at once that the platform refused for the
	// month's quota, and that wait until it is looked at again.
	HastenRows(ctx context.Context, r *engine.Run, now time.Time) error
	// GiveUp closes rows of a canceled run whose answer was lost as unknown, some
	// at a time, and returns how many.
	GiveUp(ctx context.Context, runID string, now time.Time, limit int) (int, error)
}

// breakerRows is how many rows before a range's place are looked at: what
// happens now counts, and not what did an hour ago.
const breakerRows = 1_000

// breakers are the shares of refusals that pause a run. Fewer than least are
// accidents.
var breakers = [...]struct {
	classes []channels.ErrorKind
	least   int64
	percent int64
	why     string
}{
	{[]channels.ErrorKind{channels.KindContent, channels.KindTemplate}, 20, 20,
		"the platform refuses what is said (%s of the last %d people, %d%%): look at a refused recipient, put it right, and resume"},
	{[]channels.ErrorKind{channels.KindBlocked}, 50, 30,
		"many people cannot be reached (%s of the last %d, %d%%): they have blocked the account, or the list is old; resume to go on all the same"},
	{[]channels.ErrorKind{channels.KindRestricted}, 20, 20,
		"the platform does not let the account write to many people (%s of the last %d, %d%%): look at a refused recipient before you resume"},
}

// judge pauses a run that had better not go on: the month's messages of an
// account are used up, or more is refused than by accident.
func (b *Broadcasts) judge(ctx context.Context, run *engine.Run, r *engine.Range, w outbox.Worked) (stopped bool, err error) {
	for _, t := range w.Troubles {
		switch channels.ErrorKind(t.Kind) {
		case channels.KindQuota:
			return b.trip(ctx, run, b.usedUp(ctx, run, t))
		case channels.KindAuth, channels.KindRestricted:
			if err := b.say(ctx, run, t); err != nil {
				return false, err
			}
			if t.Kind == string(channels.KindRestricted) {
				if err := b.objected(ctx, run, t.AccountID, t.Message); err != nil {
					return false, err
				}
			}
		}
	}
	if w.Failed == 0 {
		return false, nil
	}
	asked, failed, err := b.Store.Refused(ctx, run.ID, r.NextID-breakerRows, r.NextID)
	if err != nil {
		return false, err
	}
	for _, breaker := range breakers {
		n := int64(0)
		for _, class := range breaker.classes {
			n += failed[string(class)]
		}
		if n >= breaker.least && n*100 >= asked*breaker.percent {
			return b.trip(ctx, run, fmt.Sprintf(breaker.why, fmt.Sprint(n), asked, n*100/asked))
		}
	}
	return false, nil
}

// trip pauses a run and says why.
func (b *Broadcasts) trip(ctx context.Context, run *engine.Run, why string) (bool, error) {
	moved, err := b.Store.MoveRun(ctx, run, []engine.RunState{engine.RunRunning}, engine.RunPaused, why, b.Deps.Now())
	if moved {
		b.log.Error("broadcast paused", "broadcast_id", run.BroadcastID, "run_id", run.ID, "error", why)
	}
	return err == nil, err
}

// say writes at a run why an account of it sends nothing: its rows wait until
// the account is active again, and those of other accounts go on.
func (b *Broadcasts) say(ctx context.Context, run *engine.Run, t outbox.Trouble) error {
	why := fmt.Sprintf("the account %s is paused, its people wait: %s", b.accountName(ctx, t.AccountID), t.Message)
	return b.note(ctx, run, why)
}

// note writes at a running run what keeps people of it waiting.
func (b *Broadcasts) note(ctx context.Context, run *engine.Run, why string) error {
	if run.Reason == why {
		return nil
	}
	_, err := b.Store.MoveRun(ctx, run, []engine.RunState{engine.RunRunning}, engine.RunRunning, why, b.Deps.Now())
	return err
}

// usedUp tells when the month's messages begin anew: with the next month, on
// the clock of the bot.
func (b *Broadcasts) usedUp(ctx context.Context, run *engine.Run, t outbox.Trouble) string {
	zone := time.UTC
	if bot, err := b.Directory.Bot(ctx, run.BotID); err == nil {
		if z, err := time.LoadLocation(bot.TimeZone); err == nil {
			zone = z
		}
	}
	now := b.Deps.Now().In(zone)
	anew := time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, zone)
	return fmt.Sprintf("the month's messages of the account %s are used up; they begin anew on %s: resume then, or after buying more (%s)",
		b.accountName(ctx, t.AccountID), anew.Format(time.DateOnly), t.Message)
}

func (b *Broadcasts) accountName(ctx context.Context, id string) string {
	if a, err := b.Directory.Account(ctx, id); err == nil && a.Name != "" {
		return a.Name
	}
	return id
}
