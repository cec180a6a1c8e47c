package console

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// fresh is how old a count may be without saying so.
const fresh = 5 * time.Second

// maxClicks is how many buttons the page lists: the most tapped.
const maxClicks = 10

// report is what the page says of one run.
type report struct {
	ID       string // of the broadcast
	Live     bool   // it moves
	Freezing bool   // the audience is still being written down
	Started  string
	Ended    string
	Counted  string // when, where it is not just now
	Bar      Bar
	Figures  []figure
	Skipped  []Why
	Failed   []Why
	Clicks   []broadcast.Click
	Routes   []routeLine
	Reached  int64
}

// figure is one number with what it counts. A platform that does not tell
// leaves a note in its place.
type figure struct {
	Name, Value, Note string
}

type routeLine struct {
	Account, Route   string
	People, Messages int64
}

// report tells of the newest run, nil when none has begun.
func (k *Console) report(ctx context.Context, s *session, b *engine.Broadcast) (*report, error) {
	got, err := k.Broadcasts.Report(ctx, s.Bot.ID, b.ID, "")
	if err != nil || got.Run == nil {
		return nil, err
	}
	run, sum := got.Run, got.Figures.Sum("*", tells(got))
	r := &report{ID: b.ID, Started: moment(s.Bot, run.StartedAt), Ended: moment(s.Bot, run.ClosedAt), Bar: newBar(sum), Reached: sum.Accepted,
		Figures: figures(sum), Skipped: skips(sum.Skipped), Failed: failures(sum.Failed), Clicks: clicks(got.Figures.Clicks),
		Freezing: run.State == engine.RunFreezing, Live: run.ClosedAt.IsZero() && run.State != engine.RunPaused}
	if k.Now().Sub(got.Figures.At) > fresh {
		r.Counted = moment(s.Bot, got.Figures.At)
	}
	for _, way := range sum.Routes {
		a := got.Accounts[way.AccountID]
		r.Routes = append(r.Routes, routeLine{a.Name + " on " + channels.Kind(a.Channel).Name(), cmp.Or(way.Route, "other"), way.People, way.Messages})
	}
	return r, nil
}

func figures(s *broadcast.Sum) []figure {
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
	return []figure{
		{"Reached", count(s.Accepted), "the platform took it"},
		known("Delivered", s.Delivered),
		known("Read", s.Read),
		{"Clicked", of(s.Clicked), ""},
		{"Replied", of(s.Replied24), "within a day"},
		{"Unsubscribed", of(s.Unsubscribed), "within a day"},
		{"Blocked or left", of(s.Blocked), "within a day"},
	}
}

// figured is a number with its share.
func figured(n, of int64) string {
	if part := share(n, of); part != "" {
		return count(n) + " · " + part
	}
	return count(n)
}

func clicks(all []broadcast.Click) []broadcast.Click {
	sorted := slices.SortedStableFunc(slices.Values(all), func(a, b broadcast.Click) int { return cmp.Compare(b.Taps, a.Taps) })
	for i := range sorted {
		sorted[i].Title = cmp.Or(sorted[i].Title, fmt.Sprintf("button %s", sorted[i].Place))
	}
	return sorted[:min(len(sorted), maxClicks)]
}

// Retryable reports whether something failed that may be tried again.
func (p *showPage) Retryable() bool {
	return p.Report != nil && len(p.Report.Failed) > 0 && p.State != engine.BroadcastCanceled
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
