package broadcast

import (
	"context"
	"errors"
	"fmt"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// errNoAddress means that this process cannot make messages whose links are
// counted; another one may.
var errNoAddress = errors.New("links that count taps need the address that people reach this instance at, and this process was not told: start it with --public-url")

// isTracking says what is wrong with a way of counting, by the field it is in.
func isTracking(field string, t engine.Tracking) error {
	switch t {
	case engine.TrackDefault, engine.TrackOff, engine.TrackPerson, engine.TrackCount:
		return nil
	}
	return invalid(field, "taps on links are counted by person, or by count, or off; not %q", t)
}

// tracking is how taps on a plan's links are counted: as it says, else as its
// bot's settings do.
func tracking(bot *engine.Bot, p *engine.Plan) engine.Tracking {
	switch {
	case p.Track != engine.TrackDefault:
		return p.Track
	case bot.Settings.Broadcasts.Track.Counts():
		return bot.Settings.Broadcasts.Track
	}
	return engine.TrackOff
}

// mayTrack says why the links of a plan cannot be counted.
func (b *Broadcasts) mayTrack(bot *engine.Bot, p *engine.Plan) error {
	t := tracking(bot, p)
	if b.Reachable || !t.Counts() {
		return nil
	}
	who := "it counts taps on links"
	if p.Track == engine.TrackDefault {
		who = "the bot's settings count taps on links (broadcasts.track is " + string(t) + ")"
	}
	return unreachable("track", who+", and they")
}

// unreachable is why links cannot be counted here, by the field that asks for it.
func unreachable(field, links string) error {
	return &engine.Error{Code: engine.Invalid, Field: field, Message: links + " would lead to this instance, which has no public address",
		Hint: "start it with --public-url, or set track to off"}
}

// MayCount refuses a setting that counts taps where no link could lead: every
// broadcast of the bot would be refused for it, scheduled ones at their time.
func (b *Broadcasts) MayCount(t engine.Tracking) error {
	if b.Reachable || !t.Counts() {
		return nil
	}
	return unreachable(settingsField+"track", "links whose taps are counted")
}

// canTrack refuses to make messages of a run whose links this process cannot
// lead, and says so at the run.
func (b *Broadcasts) canTrack(ctx context.Context, r *engine.Run) error {
	if b.Reachable || !r.Plan.Track.Counts() {
		if r.Reason == errNoAddress.Error() {
			return b.note(ctx, r, "") // another process was told
		}
		return nil
	}
	err := fmt.Errorf("run %s: %w", r.ID, errNoAddress)
	if r.State != engine.RunRunning {
		return err
	}
	return errors.Join(err, b.note(ctx, r, errNoAddress.Error()))
}

// trackingOf is how a run that begins counts.
func (b *Broadcasts) trackingOf(ctx context.Context, of *engine.Broadcast) (engine.Tracking, error) {
	bot, err := b.Directory.Bot(ctx, of.BotID)
	if err != nil {
		return "", err
	}
	return tracking(bot, &of.Plan), nil
}

// doubtTracking says what counting costs, and where it counts nothing.
func (t *telling) doubtTracking(say func(format string, args ...any)) {
	if !t.Track.Counts() || t.Reachable == 0 {
		return
	}
	if t.run.Findings.Linked == 0 {
		say("Nothing of it has a link that can be counted: track makes no difference. Links in texts are left as they are written.")
		return
	}
	if t.Track != engine.TrackPerson {
		return
	}
	for _, r := range t.Routes {
		if _, ok := t.channels[r.Channel].(channels.Multicaster); ok && r.People > 1 && r.Route != "" {
			say("Taps are counted by person, so that each of %d people of the account %s takes a call of their own, and none goes by multicast. track: count keeps that, and does not tell who tapped.", r.People, r.AccountID)
		}
	}
}
