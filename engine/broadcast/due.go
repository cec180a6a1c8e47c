package broadcast

import (
	"context"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// zones are the clocks a plan's time is read on.
type zones struct {
	own    *time.Location // of who has no zone, and of all where the time is not local
	others map[string]*time.Location
}

// zonesOf reads the clocks of a plan: one, or those of all people of the bot.
// A zone that no clock knows is the bot's own.
func (b *Broadcasts) zonesOf(ctx context.Context, bot *engine.Bot, w engine.When, all bool) (zones, error) {
	own, err := clock(bot, w)
	if err != nil {
		return zones{}, err
	}
	z := zones{own: own, others: map[string]*time.Location{}}
	if !all {
		return z, nil
	}
	names, err := b.Store.TimeZones(ctx, bot.ID)
	if err != nil {
		return zones{}, err
	}
	for _, name := range names {
		if zone, err := time.LoadLocation(name); err == nil && name != "" && name != "Local" {
			z.others[name] = zone
		}
	}
	return z, nil
}

// span is the first and the last moment at which a clock shows a time.
func (z zones) span(w wall) (first, last time.Time) {
	first, _ = w.on(z.own)
	last = first
	for _, zone := range z.others {
		at, _ := w.on(zone)
		if at.Before(first) {
			first = at
		}
		if at.After(last) {
			last = at
		}
	}
	return first, last
}

// firstDue is when a broadcast is to start that is scheduled now, and the time
// on a clock which that stands for.
func (b *Broadcasts) firstDue(ctx context.Context, bot *engine.Bot, of *engine.Broadcast, now time.Time) (time.Time, string, error) {
	w := of.Plan.When
	single, err := moment(bot, w)
	if err != nil {
		return time.Time{}, "", err
	}
	zone, err := clock(bot, w)
	if err != nil {
		return time.Time{}, "", err
	}
	if _, ok := readWall(w.At); !ok {
		if single.Before(now) {
			return time.Time{}, "", passed(single, now, zone)
		}
		return single, "", nil
	}
	due, dueFor, ok, err := b.nextDue(ctx, bot, w, of.Rounds, now)
	if err == nil && !ok {
		err = passed(single, now, zone)
	}
	return due, dueFor, err
}

// nextDue is when a plan on a clock is due after a time; false when it is not
// any more.
func (b *Broadcasts) nextDue(ctx context.Context, bot *engine.Bot, w engine.When, done int, after time.Time) (time.Time, string, bool, error) {
	z, err := b.zonesOf(ctx, bot, w, w.Local)
	if err != nil {
		return time.Time{}, "", false, err
	}
	if w.Repeat == nil {
		done = 0 // one that was missed may be scheduled anew
	}
	found, _, ok := next(w, done, after, func(o wall) time.Time { _, last := z.span(o); return last })
	if !ok {
		return time.Time{}, "", false, nil
	}
	due, _ := z.span(found)
	if due.Before(after) {
		due = after // on the first clocks it has passed already
	}
	return due, found.String(), true, nil
}

// passed says that a time is over, as the plan's clock shows both.
func passed(at, now time.Time, zone *time.Location) error {
	return invalid("when.at", "%s has passed already: it is %s", at.In(zone).Format(time.RFC3339), now.In(zone).Format(time.RFC3339))
}

// finish ends a run of which nothing is open, and schedules what repeats again.
func (b *Broadcasts) finish(ctx context.Context, r *engine.Run, now time.Time) error {
	if r.Plan.When.Repeat == nil {
		_, err := b.Store.EndRun(ctx, r, time.Time{}, "", now)
		return err
	}
	bot, err := b.Directory.Bot(ctx, r.BotID)
	if err != nil {
		return err
	}
	of, err := b.Store.Broadcast(ctx, r.BotID, r.BroadcastID)
	if err != nil {
		return err
	}
	after := now
	if at, ok := readWall(r.Plan.When.At); ok { // also on the clocks that show it last
		if z, err := b.zonesOf(ctx, bot, r.Plan.When, r.Plan.When.Local); err == nil {
			if _, last := z.span(at); last.After(after) {
				after = last
			}
		}
	}
	due, dueFor, _, err := b.nextDue(ctx, bot, of.Plan.When, of.Rounds, after)
	if err != nil {
		return err
	}
	_, err = b.Store.EndRun(ctx, r, due, dueFor, now)
	return err
}

// timed multiplies ways by the clocks on which people are to get it: at the
// plan's time on each, and never in quiet hours. zoned is false when all may
// get it at once.
func (b *Broadcasts) timed(ctx context.Context, bot *engine.Bot, r *engine.Run, ways []Reach, now time.Time) (out []Reach, zoned bool, err error) {
	q, err := quiet(bot.Settings.Broadcasts.QuietHours, &r.Plan)
	if err != nil || !q.on && !r.Plan.When.Local {
		return ways, false, err
	}
	z, err := b.zonesOf(ctx, bot, r.Plan.When, true)
	if err != nil {
		return nil, false, err
	}
	at, local := readWall(r.Plan.When.At)
	local = local && r.Plan.When.Local
	add := func(name string, zone *time.Location) {
		start, missed := now, false
		if local {
			if start, _ = at.on(zone); start.Before(now) {
				missed, start = now.Sub(start) > lateness(r.Plan.When), now
			}
		}
		free := q.after(start, zone)
		for _, w := range ways {
			w.Zone, w.Missed, w.Quiet = name, missed, free.After(start)
			if free.After(now) {
				w.NotBefore, w.Expires = free, free.Add(DefaultExpiry)
			}
			out = append(out, w)
		}
	}
	add("", z.own)
	for name, zone := range z.others {
		add(name, zone)
	}
	return out, true, nil
}

// hush lets people wait whose quiet hours have begun while a run goes on: those
// of a range's next rows. It asks nothing where the bot has none.
func (b *Broadcasts) hush(ctx context.Context, r *engine.Run, from, to int64) error {
	bot, err := b.Directory.Bot(ctx, r.BotID)
	if err != nil {
		return err
	}
	q, err := quiet(bot.Settings.Broadcasts.QuietHours, &r.Plan)
	if err != nil || !q.on {
		return nil // settings are checked when they are made
	}
	own, err := clock(bot, r.Plan.When)
	if err != nil {
		return err
	}
	names, err := b.Store.OpenZones(ctx, r.ID, from, to)
	if err != nil {
		return err
	}
	now, until := b.Deps.Now(), map[string]time.Time{}
	for _, name := range names {
		zone, err := time.LoadLocation(name)
		if err != nil || name == "" || name == "Local" {
			zone = own
		}
		if free := q.after(now, zone); free.After(now) {
			until[name] = free
		}
	}
	if len(until) == 0 {
		return nil
	}
	_, err = b.Store.Postpone(ctx, r.ID, from, to, until, DefaultExpiry)
	return err
}
