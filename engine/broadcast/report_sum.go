package broadcast

import (
	"github.com/blockcast/blockcast/engine"
)

// Sum adds rows up: how they stand, and what their people did.
type Sum struct {
	Audience  int64
	ByStatus  map[engine.Status]int64 // they add up to Audience
	Skipped   map[string]int64        // by reason; canceled rows' too
	Failed    map[string]int64        // by class
	Accepted  int64                   // by the platform
	Delivered Known
	Read      Known
	Clicked   int64
	Replied12 int64
	Replied24 int64
	Replied48 int64

	Unsubscribed int64
	Blocked      int64
	Routes       []RouteSum // of what was accepted
}

// Known is a figure that only some platforms give: of those it was taken from
// Of, and it is no figure at all where that is none.
type Known struct{ N, Of int64 }

// RouteSum is what went out on one account by one route.
type RouteSum struct {
	AccountID, Route string
	People, Messages int64
	Each             map[int64]int64 // people by how many messages they got
}

// charged is how much is paid of it where so many messages to one person are
// paid as one.
func (r *RouteSum) charged(per int64) (n int64) {
	for messages, people := range r.Each {
		n += people * ((messages + per - 1) / per)
	}
	return n
}

// Accepted reports whether the platform took what stands so.
func Accepted(s engine.Status) bool {
	return s == engine.SentOut || s == engine.Delivered || s == engine.Read
}

// Sum adds up what the figures hold of a variant; "*" means all of them. tells
// reports whether an account's platform says what was delivered and read.
func (f *Figures) Sum(variant string, tells func(accountID string) bool) *Sum {
	out := &Sum{ByStatus: map[engine.Status]int64{}, Skipped: map[string]int64{}, Failed: map[string]int64{}}
	for i := range f.Rows {
		if t := &f.Rows[i]; variant == "*" || t.Variant == variant {
			out.add(t, tells(t.AccountID))
		}
	}
	for _, l := range f.Left {
		if variant == "*" || l.Variant == variant {
			out.Unsubscribed += l.Unsubscribed
			out.Blocked += l.Blocked
		}
	}
	return out
}

func (s *Sum) add(t *Tally, tells bool) {
	s.Audience += t.Count
	s.ByStatus[t.Status] += t.Count
	switch t.Status {
	case engine.Skipped, engine.Canceled:
		s.Skipped[t.Reason] += t.Count
	case engine.Failed:
		s.Failed[t.Class] += t.Count
	}
	s.Clicked += t.Clicked
	s.Replied12 += t.Replied12
	s.Replied24 += t.Replied24
	s.Replied48 += t.Replied48
	if !Accepted(t.Status) {
		return
	}
	s.Accepted += t.Count
	if tells {
		s.Delivered.Of += t.Count
		s.Read.Of += t.Count
		if t.Status != engine.SentOut {
			s.Delivered.N += t.Count
		}
		if t.Status == engine.Read {
			s.Read.N += t.Count
		}
	}
	s.route(t)
}

func (s *Sum) route(t *Tally) {
	for i := range s.Routes {
		if r := &s.Routes[i]; r.AccountID == t.AccountID && r.Route == t.Route {
			r.People += t.Count
			r.Messages += t.Messages
			r.Each[t.each()] += t.Count
			return
		}
	}
	s.Routes = append(s.Routes, RouteSum{t.AccountID, t.Route, t.Count, t.Messages, map[int64]int64{t.each(): t.Count}})
}

// Variants are the names of those the figures tell apart, none when the
// broadcast has none.
func (f *Figures) Variants() []string {
	var out []string
	seen := map[string]bool{"": true}
	for i := range f.Rows {
		if v := f.Rows[i].Variant; !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}
