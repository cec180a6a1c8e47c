package console

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/policy"
)

// fresh is how old a count may be without saying so.
const fresh = 5 * time.Second

const (
	maxClicks = 10 // buttons the page lists: the most tapped
	maxRuns   = 20 // that can be chosen: the newest
)

// report is what the page says of one run.
type report struct {
	ID       string // of the broadcast
	Run      string // its id, "" of the newest
	Live     bool   // it moves
	Freezing bool   // the audience is still being written down
	Started  string
	Ended    string
	Counted  string // when, where it is not just now
	Bar      Bar
	Figures  []figure
	Skipped  []Why
	Failed   []Why
	Retry    int64 // of those that failed or expired, that may be tried again
	Unknown  int64
	Clicked  int64
	Clicks   []clickLine
	Routes   []routeLine
	Variants []variantLine
	Later    []Why // follow-ups by state
	Cost     string
	Reached  int64
	Runs     []runLine // of a broadcast that ran more than once
}

// runLine is one of several runs.
type runLine struct {
	ID, Started string
	N           int
	Now         bool // it is the one that is shown
}

// variantLine is how one variant did. Rates are of those who got it.
type variantLine struct {
	Name                                 string
	Audience, Accepted                   int64
	Read, Clicked, Replied, Unsubscribed string
	HeldOut                              bool
}

// figure is one number with what it counts. A platform that does not tell
// leaves a note in its place.
type figure struct {
	Name, Value, Note string
}

// clickLine is a button, or a card that was tapped. Where tells it from others
// of its name: the message, and the card of one that has several.
type clickLine struct {
	Title, Where string
	People       string // a dash where taps are counted without telling who
	Taps         int64
}

type routeLine struct {
	Account, Route   string
	Paid             bool
	People, Messages int64
}

// moves reports whether what is shown of a run will be another soon. The run is
// read after its broadcast, which may have ended or paused with it in between.
func moves(b *engine.Broadcast, r *engine.Run) bool {
	return b.State == engine.BroadcastRunning || r.ClosedAt.IsZero() && r.State != engine.RunPaused
}

// report tells of a run, the newest when none is named; nil when none has
// begun.
func (k *Console) report(ctx context.Context, s *session, b *engine.Broadcast, runID string) (*report, error) {
	got, err := k.Broadcasts.Report(ctx, s.Bot.ID, b.ID, runID)
	if err != nil || got.Run == nil {
		return nil, err
	}
	run, sum := got.Run, got.Figures.Sum("*", tells(got))
	r := &report{ID: b.ID, Run: runID, Started: moment(s.Bot, run.StartedAt), Ended: moment(s.Bot, run.ClosedAt), Bar: newBar(sum), Reached: sum.Accepted, Unknown: sum.ByStatus[engine.Unknown],
		Figures: figures(sum, got.TellsWho()), Skipped: linked(b.ID, runID, sum.Skipped, policy.Explain), Failed: linked(b.ID, runID, sum.Failed, mend), Clicked: sum.Clicked, Clicks: clicks(got.Figures.Clicks), Variants: variantLines(got),
		Freezing: run.State == engine.RunFreezing, Live: moves(b, run)}
	for _, of := range [...]map[string]int64{sum.Failed, sum.Skipped} {
		for why, n := range of {
			if broadcast.Retriable(why) {
				r.Retry += n
			}
		}
	}
	if k.Now().Sub(got.Figures.At) > fresh {
		r.Counted = moment(s.Bot, got.Figures.At)
	}
	for _, way := range sum.Routes {
		a := got.Accounts[way.AccountID]
		r.Routes = append(r.Routes, routeLine{accountName(&a), cmp.Or(way.Route, "other"), k.paid(a.Channel, way.Route), way.People, way.Messages})
	}
	for _, status := range slices.Sorted(maps.Keys(got.Figures.FollowUps)) {
		r.Later = append(r.Later, Why{Reason: string(status), Count: got.Figures.FollowUps[status]})
	}
	cost, known := sum.Cost(s.Bot.Settings.Broadcasts.Prices, func(id, route string) int { return k.charged(got.Accounts[id].Channel, route) })
	switch {
	case !known:
		r.Cost = "–"
	case cost.Currency != "":
		r.Cost = money([]broadcast.PreflightCost{{Currency: cost.Currency, Amount: cost.Amount}})
	}
	r.Runs = runLines(s.Bot, got)
	return r, nil
}

// paid reports whether a route of a channel costs money.
func (k *Console) paid(channel, route string) bool { return k.charged(channel, route) > 0 }

// charged is how many messages to one person are paid as one by a route of a
// channel, 0 where it costs nothing.
func (k *Console) charged(channel, route string) int {
	ch, ok := k.Channels[channel]
	if !ok {
		return 0
	}
	return ch.Limits().Charged(route)
}

// runLines are the runs that have begun, where there are several.
func runLines(bot *engine.Bot, r *broadcast.Report) []runLine {
	var out []runLine
	for _, run := range r.Runs {
		if !run.StartedAt.IsZero() {
			out = append(out, runLine{run.ID, moment(bot, run.StartedAt), run.N, run.ID == r.Run.ID})
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out[:min(len(out), maxRuns)]
}

// variantLines compare variants, as far as the run has any.
func variantLines(r *broadcast.Report) []variantLine {
	var out []variantLine
	for _, name := range r.Figures.Variants() {
		sum := r.Figures.Sum(name, tells(r))
		line := variantLine{Name: plain(name), Audience: sum.Audience, Accepted: sum.Accepted, HeldOut: name == broadcast.HeldOut, Read: "–", Clicked: "–", Replied: "–", Unsubscribed: "–"}
		if sum.Read.Of > 0 {
			line.Read = figured(sum.Read.N, sum.Read.Of)
		}
		if sum.Accepted > 0 {
			line.Replied, line.Unsubscribed = figured(sum.Replied24, sum.Accepted), figured(sum.Unsubscribed, sum.Accepted)
			if r.TellsWho() {
				line.Clicked = figured(sum.Clicked, sum.Accepted)
			}
		}
		out = append(out, line)
	}
	slices.SortStableFunc(out, func(a, b variantLine) int {
		switch {
		case a.HeldOut == b.HeldOut:
			return 0
		case a.HeldOut:
			return 1
		}
		return -1
	})
	return out
}

// figures are the run's numbers; tellsWho: taps are known by person.
func figures(s *broadcast.Sum, tellsWho bool) []figure {
	of := func(n int64) string { return figured(n, s.Accepted) }
	known := func(name string, f broadcast.Known) figure {
		switch {
		case s.Accepted == 0:
			return figure{name, "–", ""}
		case f.Of == 0:
			return figure{name, "–", "LINE does not tell"}
		case f.Of < s.Accepted:
			return figure{name, figured(f.N, f.Of), "of " + count(f.Of) + ": LINE does not tell"}
		}
		return figure{name, figured(f.N, f.Of), ""}
	}
	clicked := figure{"Clicked", of(s.Clicked), ""}
	if !tellsWho {
		clicked = figure{"Clicked", "–", "counted without telling who"}
	}
	return []figure{
		{"Reached", count(s.Accepted), "the platform took it"},
		known("Delivered", s.Delivered),
		known("Read", s.Read),
		clicked,
		{"Replied", of(s.Replied24), replied(s)},
		{"Unsubscribed", of(s.Unsubscribed), "within a day"},
		{"Blocked or left", of(s.Blocked), "within a day"},
	}
}

// replied says how replies came in around those within a day.
func replied(s *broadcast.Sum) string {
	if s.Replied48 == 0 {
		return "within a day"
	}
	return "within a day; " + count(s.Replied12) + " within 12 hours, " + count(s.Replied48) + " within 48"
}

// figured is a number with its share.
func figured(n, of int64) string {
	if part := share(n, of); part != "" {
		return count(n) + " · " + part
	}
	return count(n)
}

// clicks are the most tapped buttons.
func clicks(all []broadcast.Click) []clickLine {
	cards, messages := map[int]bool{}, 0 // messages of several cards; the last that was tapped
	for _, c := range all {
		if message, card, _, ok := c.At(); ok {
			cards[message], messages = cards[message] || card > 0, max(messages, message)
		}
	}
	sorted := slices.SortedStableFunc(slices.Values(all), func(a, b broadcast.Click) int { return cmp.Compare(b.Taps, a.Taps) })
	var out []clickLine
	for _, c := range sorted[:min(len(sorted), maxClicks)] {
		line := clickLine{Title: c.Title, People: "–", Taps: c.Taps}
		if c.People > 0 {
			line.People = count(c.People)
		}
		message, card, button, known := c.At()
		switch {
		case c.Title != "":
		case !known:
			line.Title = "of a message that is gone"
		case button == 0:
			line.Title = "the card or picture itself"
		default:
			line.Title = fmt.Sprintf("button %d", button)
		}
		switch {
		case known && cards[message]:
			line.Where = fmt.Sprintf("message %d, card %d", message+1, card+1)
		case known && messages > 0:
			line.Where = fmt.Sprintf("message %d", message+1)
		}
		out = append(out, line)
	}
	return out
}

// People leads to the people of an outcome.
func (r *report) People(outcome string) string {
	return Path + "/" + r.ID + "/recipients?" + narrowed(r.Run, broadcast.Filter{Outcome: broadcast.Outcome(outcome)})
}

// Missed is how many people were certainly not reached.
func (r *report) Missed() int64 {
	var n int64
	for _, s := range r.Bar.Segments {
		switch s.Name {
		case "failed", "skipped", "canceled":
			n += s.Count
		}
	}
	return n
}
