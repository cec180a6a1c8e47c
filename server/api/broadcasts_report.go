package api

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// broadcastReport says what became of a run. Figures that no platform of it
// gives are null, and a note says so.
type broadcastReport struct {
	Broadcast string           `json:"broadcast_id"`
	Subject   string           `json:"subject"`
	Run       *runAnswer       `json:"run,omitempty" doc:"Absent while it has not begun."`
	CountedAt time.Time        `json:"counted_at" doc:"When the ledger was counted."`
	Age       float64          `json:"age_seconds" doc:"How old the count is: a run that takes long to count is answered from the last one."`
	Track     engine.Tracking  `json:"track" enum:"off,person,count" doc:"How taps on its links were counted."`
	Sum       string           `json:"sum" doc:"The audience as the sum of the states of its rows, which always holds."`
	Total     Figures          `json:"total"`
	Variants  []variantFigures `json:"variants,omitempty"`
	Clicks    []clickLine      `json:"clicks,omitempty" doc:"By button, in the order of messages and cards."`
	FollowUps *followUps       `json:"follow_ups,omitempty" doc:"What was sent later because of it; no part of the sum."`
	Notes     []string         `json:"notes,omitempty" doc:"What figures leave out, and why."`
}

// Figures are those of a run, or of one of its variants.
type Figures struct {
	Audience     int64                   `json:"audience"`
	Statuses     map[engine.Status]int64 `json:"statuses" doc:"They add up to the audience."`
	Accepted     figure                  `json:"accepted" doc:"Taken by the platform, of the audience."`
	Delivered    *figure                 `json:"delivered" doc:"Of what was accepted by platforms that tell; null where none does."`
	Read         *figure                 `json:"read" doc:"Of what was accepted by platforms that tell; null where none does."`
	Clicked      *figure                 `json:"clicked" doc:"People who tapped, of those who got it; null where links are counted without telling who."`
	Taps         int64                   `json:"taps" doc:"All taps, also of the same person."`
	Replied      replies                 `json:"replied"`
	Unsubscribed figure                  `json:"unsubscribed" doc:"Within 24 hours, of those who got it."`
	Blocked      figure                  `json:"blocked" doc:"Left the account within 24 hours, of those who got it."`
	Failed       []whyLine               `json:"failed,omitempty" doc:"By class, the most frequent first."`
	Unknown      int64                   `json:"unknown" doc:"Whose answer was lost: sent or not, nobody knows. See settle."`
	Skipped      []whyLine               `json:"skipped,omitempty" doc:"By reason, the most frequent first; canceled ones too."`
	Routes       []routeLine             `json:"routes,omitempty" doc:"How what was accepted went out."`
	Cost         *broadcastCost          `json:"cost" doc:"By the bot's prices; null where a paid route has none."`
}

// figure is a count with what share it is.
type figure struct {
	Count int64   `json:"count"`
	Of    int64   `json:"of"`
	Rate  float64 `json:"rate" doc:"From 0 to 1."`
}

type replies struct {
	Hours12 figure `json:"12h"`
	Hours24 figure `json:"24h"`
	Hours48 figure `json:"48h"`
}

type whyLine struct {
	Reason string `json:"reason"`
	Count  int64  `json:"count"`
	Fix    string `json:"fix,omitempty" doc:"What it means and what to do."`
	Retry  bool   `json:"retry,omitempty" doc:"Whether retry tries these again."`
}

type routeLine struct {
	Account  string `json:"account_id"`
	Name     string `json:"account,omitempty"`
	Channel  string `json:"channel,omitempty"`
	Route    string `json:"route"`
	People   int64  `json:"people"`
	Messages int64  `json:"messages"`
	Paid     bool   `json:"paid"`
}

type broadcastCost struct {
	Amount   float64 `json:"amount"`
	Currency string  `json:"currency,omitempty" doc:"Absent when nothing paid went out."`
}

type variantFigures struct {
	Name string `json:"name"`
	Figures
}

type clickLine struct {
	Message int    `json:"message" doc:"From 0."`
	Card    int    `json:"card" doc:"From 0."`
	Button  int    `json:"button" doc:"From 1; 0 is a tap on the card or picture itself."`
	Title   string `json:"title,omitempty"`
	People  *int64 `json:"people" doc:"Null where taps are counted without people."`
	Taps    int64  `json:"taps"`
	// Share is of all taps.
	Share float64 `json:"share" doc:"Of all taps, from 0 to 1."`
}

type followUps struct {
	Count    int64                   `json:"count"`
	Statuses map[engine.Status]int64 `json:"statuses"`
}

func (a *API) reportBroadcast(ctx context.Context, in *OneRun) (*body[broadcastReport], error) {
	r, err := a.Broadcasts.Report(ctx, botOf(ctx).ID, in.Broadcast, in.Run)
	if err != nil {
		return nil, err
	}
	s := &summing{a: a, bot: botOf(ctx), r: r}
	out := broadcastReport{Broadcast: r.Broadcast.ID, Subject: r.Broadcast.Plan.Subject, CountedAt: r.Figures.At,
		Age: max(0, a.Now().Sub(r.Figures.At).Seconds()), Track: r.Tracked(), Total: s.figures("*"), Clicks: s.clicks(), FollowUps: s.followUps()}
	if r.Run != nil {
		run := showRun(*r.Run)
		out.Run, out.Subject = &run, r.Run.Plan.Subject
	}
	for _, name := range r.Figures.Variants() {
		out.Variants = append(out.Variants, variantFigures{name, s.figures(name)})
	}
	for _, c := range r.Figures.Clicks {
		out.Total.Taps += c.Taps
	}
	out.Sum, out.Notes = addUp(&out.Total), s.notes(&out.Total)
	return answer(out, nil)
}

// addUp writes the audience as the sum of its states.
func addUp(f *Figures) string {
	var parts []string
	for _, status := range statuses {
		if n := f.Statuses[status]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, status))
		}
	}
	if len(parts) == 0 {
		return "0 = nobody"
	}
	return fmt.Sprintf("%d = %s", f.Audience, strings.Join(parts, " + "))
}

// statuses are in the order in which a row goes through them.
var statuses = [...]engine.Status{engine.Held, engine.Queued, engine.Sending, engine.Unknown, engine.SentOut, engine.Delivered, engine.Read, engine.Failed, engine.Skipped, engine.Canceled}

// summing makes a report of figures.
type summing struct {
	a   *API
	bot *engine.Bot
	r   *broadcast.Report
}

// tells reports whether an account's platform says what was delivered and read.
func (s *summing) tells(accountID string) bool {
	ch, ok := s.a.Channels[s.r.Accounts[accountID].Channel]
	return ok && ch.Limits().Receipts
}

func (s *summing) figures(variant string) Figures {
	sum := s.r.Figures.Sum(variant, s.tells)
	out := Figures{Audience: sum.Audience, Statuses: map[engine.Status]int64{}, Accepted: share(sum.Accepted, sum.Audience), Delivered: known(sum.Delivered), Read: known(sum.Read),
		Unsubscribed: share(sum.Unsubscribed, sum.Accepted), Blocked: share(sum.Blocked, sum.Accepted), Unknown: sum.ByStatus[engine.Unknown],
		Replied: replies{share(sum.Replied12, sum.Accepted), share(sum.Replied24, sum.Accepted), share(sum.Replied48, sum.Accepted)},
		Failed:  whyLines(sum.Failed), Skipped: whyLines(sum.Skipped)}
	for _, status := range statuses {
		out.Statuses[status] = sum.ByStatus[status]
	}
	if s.r.TellsWho() {
		clicked := share(sum.Clicked, sum.Accepted)
		out.Clicked = &clicked
	}
	out.Routes, out.Cost = s.routes(sum)
	return out
}

func share(n, of int64) figure {
	f := figure{Count: n, Of: of}
	if of > 0 {
		f.Rate = math.Round(float64(n)/float64(of)*10_000) / 10_000
	}
	return f
}

// known is no figure at all where no platform gives it.
func known(k broadcast.Known) *figure {
	if k.Of == 0 {
		return nil
	}
	f := share(k.N, k.Of)
	return &f
}

// whyLines are reasons or classes, the most frequent first, with what to do.
func whyLines(counts map[string]int64) []whyLine {
	var out []whyLine
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, whyLine{Reason: reason, Count: counts[reason], Fix: explained(reason), Retry: broadcast.Retriable(reason)})
	}
	slices.SortStableFunc(out, func(a, b whyLine) int { return int(b.Count - a.Count) })
	return out
}

// routes are how things went out, and what that cost: no sum where a paid route
// has no price, or where prices are in several currencies.
func (s *summing) routes(sum *broadcast.Sum) ([]routeLine, *broadcastCost) {
	paid := func(accountID, route string) bool { return s.a.paid(s.r.Accounts[accountID].Channel, route) }
	var out []routeLine
	for _, r := range sum.Routes {
		account := s.r.Accounts[r.AccountID]
		out = append(out, routeLine{Account: r.AccountID, Name: account.Name, Channel: account.Channel, Route: r.Route, People: r.People, Messages: r.Messages, Paid: paid(r.AccountID, r.Route)})
	}
	cost, known := sum.Cost(s.bot.Settings.Broadcasts.Prices, func(accountID, route string) int {
		return charged(s.a.Channels[s.r.Accounts[accountID].Channel], route)
	})
	if !known {
		return out, nil
	}
	return out, &broadcastCost{Amount: cost.Amount, Currency: cost.Currency}
}

func (s *summing) clicks() []clickLine {
	var out []clickLine
	all := int64(0)
	for _, c := range s.r.Figures.Clicks {
		all += c.Taps
	}
	for _, c := range s.r.Figures.Clicks {
		line := clickLine{Title: c.Title, Taps: c.Taps, Share: share(c.Taps, all).Rate}
		var ok bool
		if line.Message, line.Card, line.Button, ok = c.At(); !ok {
			line.Message = -1 // its render was gone when it was tapped
		}
		if c.People > 0 {
			people := c.People
			line.People = &people
		}
		out = append(out, line)
	}
	slices.SortStableFunc(out, func(a, b clickLine) int {
		return slices.Compare([]int{a.Message, a.Card, a.Button}, []int{b.Message, b.Card, b.Button})
	})
	return out
}

func (s *summing) followUps() *followUps {
	if len(s.r.Figures.FollowUps) == 0 {
		return nil
	}
	out := &followUps{Statuses: s.r.Figures.FollowUps}
	for _, n := range out.Statuses {
		out.Count += n
	}
	return out
}

// notes say which figures are not whole, and why.
func (s *summing) notes(f *Figures) []string {
	var out []string
	mute := map[string]bool{}
	for _, r := range f.Routes {
		if !s.tells(r.Account) && r.Channel != "" {
			mute[r.Channel] = true
		}
	}
	for _, channel := range slices.Sorted(maps.Keys(mute)) {
		out = append(out, fmt.Sprintf("%s does not tell what was delivered and read: its people are no part of those two figures.", channel))
	}
	if f.Audience > 0 {
		out = append(out, s.ofLinks())
	}
	if f.Cost == nil {
		out = append(out, "What it cost is not known: the bot's broadcast prices lack a paid route, or are in several currencies.")
	}
	if f.Unknown > 0 {
		out = append(out, "Of some nobody knows whether they went out: look on the platform, then settle them.")
	}
	return out
}

// ofLinks says what the figures hold of taps on links.
func (s *summing) ofLinks() string {
	switch s.r.Tracked() {
	case engine.TrackPerson:
		return "Taps on buttons that are links are counted by person; previews and crawlers are not. A link that somebody passed on counts for them."
	case engine.TrackCount:
		return "Taps on buttons that are links are counted without telling who tapped; previews and crawlers are not."
	}
	return "Taps on links are not counted: they lead to their own addresses. Taps on other buttons are. The plan's track counts them."
}
