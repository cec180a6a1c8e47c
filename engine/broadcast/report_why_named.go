package broadcast

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
)

// ruling names what decided about one person.
type ruling struct {
	*Broadcasts
	bot       *engine.Bot
	plan      *engine.Plan
	contactID int64
}

// row names what decided about a row: why it was skipped, or what it waits for.
func (r *ruling) row(ctx context.Context, d *engine.Delivery, addresses []engine.Identity) (string, error) {
	reason := d.Reason
	if d.Status.Open() {
		reason = d.Class
	}
	for i := range addresses {
		if addresses[i].ID == d.IdentityID {
			return r.named(ctx, reason, d.AccountID, &addresses[i], cmp.Or(d.ClosedAt, d.CreatedAt))
		}
	}
	return r.named(ctx, reason, d.AccountID, nil, cmp.Or(d.ClosedAt, d.CreatedAt))
}

// named says which cap, lock, window or word of the person's a reason stood
// for at a time; "" where nothing is to be added.
func (r *ruling) named(ctx context.Context, reason, accountID string, at *engine.Identity, then time.Time) (string, error) {
	switch reason {
	case policy.FrequencyCap:
		return r.capped(ctx, then)
	case policy.RouteLocked:
		return r.lock(ctx, accountID, then)
	case policy.HeldOut:
		_, total := portions(r.plan)
		return fmt.Sprintf("%d of %d get nothing of this broadcast. Who they are is drawn from each contact's number, and is the same whenever it is asked.", r.plan.HoldOut, total), nil
	case policy.QuietHours:
		if q := r.bot.Settings.Broadcasts.QuietHours; q != nil {
			return fmt.Sprintf("Quiet hours are from %s to %s on the person's clock.", q.From, q.To), nil
		}
	case policy.Missed:
		return fmt.Sprintf("It was to begin at %s on their clock, and at most %s later.", r.plan.When.At, spelled(lateness(r.plan.When))), nil
	}
	if at == nil {
		return "", nil
	}
	return r.ofPerson(ctx, reason, at, then)
}

// ofPerson names what a person has said or done that a reason stood for.
func (r *ruling) ofPerson(ctx context.Context, reason string, at *engine.Identity, then time.Time) (string, error) {
	switch {
	case reason == policy.Unsubscribed && !at.UnsubscribedAt.IsZero():
		return fmt.Sprintf("They unsubscribed on %s.", r.clock(at.UnsubscribedAt)), nil
	case reason == policy.Blocked && !at.BlockedAt.IsZero():
		return fmt.Sprintf("They left on %s.", r.clock(at.BlockedAt)), nil
	case reason == policy.HandedOver && !at.ConversationUntil.IsZero():
		return fmt.Sprintf("A person talks with them until %s.", r.clock(at.ConversationUntil)), nil
	case reason != policy.WindowClosed:
		return "", nil
	}
	a, err := r.Directory.Account(ctx, at.AccountID)
	if err != nil {
		return "", err
	}
	m := policy.ForMany(a.Channel, r.plan.Intent, false, false, then)
	if m.HeardSince.IsZero() {
		return "", nil
	}
	said := fmt.Sprintf("%s takes it for %s after they wrote", channels.Kind(a.Channel).Name(), spelled(then.Sub(m.HeardSince)))
	if at.LastInboundAt.IsZero() {
		return said + ", and they never did.", nil
	}
	return fmt.Sprintf("%s, which was on %s.", said, r.clock(at.LastInboundAt)), nil
}

// capped names the cap that a person had reached at a time, "" when none.
func (r *ruling) capped(ctx context.Context, then time.Time) (string, error) {
	for _, c := range r.bot.Settings.Broadcasts.Caps {
		if r.plan.Transactional || c.Category != "" && c.Category != r.plan.Category {
			continue
		}
		n, err := r.Store.HadBroadcasts(ctx, r.contactID, c.Category, then.AddDate(0, 0, -c.Days), then)
		if err != nil {
			return "", err
		}
		if n < int64(c.Most) {
			continue
		}
		of := ""
		if c.Category != "" {
			of = fmt.Sprintf(" of the category %q", c.Category)
		}
		return fmt.Sprintf("The cap is %d%s in %s, and they had had %d.", c.Most, of, days(c.Days), n), nil
	}
	return "", nil
}

// lock names the lock that held for an account at a time.
func (r *ruling) lock(ctx context.Context, accountID string, then time.Time) (string, error) {
	locks, err := r.Store.RouteLocks(ctx, r.bot.ID, false)
	if err != nil {
		return "", err
	}
	for _, l := range locks {
		if l.AccountID != accountID || l.Intent != r.plan.Intent || l.LockedAt.After(then) || !l.UnlockedAt.IsZero() && l.UnlockedAt.Before(then) {
			continue
		}
		said := fmt.Sprintf("It is locked for %s since %s: %s.", l.Intent, r.clock(l.LockedAt), l.Reason)
		if !l.UnlockedAt.IsZero() {
			said += fmt.Sprintf(" %s unlocked it on %s: %s", cmp.Or(l.UnlockedBy, "somebody"), r.clock(l.UnlockedAt), l.Note)
		}
		return said, nil
	}
	return "", nil
}

// clock writes a moment on the bot's clock.
func (r *ruling) clock(t time.Time) string { return onClock(r.bot, t) }

// onClock writes a moment on a bot's clock.
func onClock(bot *engine.Bot, t time.Time) string {
	zone, err := time.LoadLocation(bot.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	return t.In(zone).Format("2006-01-02 15:04 MST")
}

func days(n int) string {
	if n == 1 {
		return "a day"
	}
	return fmt.Sprintf("%d days", n)
}

// spelled writes a duration in the largest unit that fits.
func spelled(d time.Duration) string {
	switch {
	case d%(24*time.Hour) == 0 && d > 24*time.Hour:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	case d%time.Hour == 0 && d > time.Hour:
		return fmt.Sprintf("%d hours", d/time.Hour)
	case d == time.Hour:
		return "an hour"
	}
	return fmt.Sprintf("%d minutes", d/time.Minute)
}
