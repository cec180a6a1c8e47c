// Package policy knows who may be sent what, when and by which route: from
// facts and the clock to a route or a reason. It is pure, sends nothing and
// knows no platform's calls. What changes on a date is data in rules.go and
// tags.go.
package policy

import (
	"time"

	"github.com/blockcast/blockcast/engine"
)

// Routes, as the channels name them.
const (
	RouteReply    = "reply"    // answers one event with its token
	RoutePush     = "push"     // at any time the platform allows
	RouteTemplate = "template" // what the platform approved beforehand
)

// Facts is all that a decision is made from. Account, Identity and Contact may
// not be nil.
type Facts struct {
	Channel  string
	Account  *engine.Account
	Identity *engine.Identity
	Contact  *engine.Contact
	Intent   engine.Intent
	Tag      string // the message tag the caller gave; one that keeps to the window does so
	InWindow bool   // never by template
	Template bool   // the block offers one for this channel
	Force    bool   // also while a person leads the conversation and may otherwise not be written to
	// OwnTurn means that it answers what the person did, decided by the turn
	// itself: it is not silenced by a handover that the same turn made.
	OwnTurn          bool
	Refused          bool // the platform said that the window is closed, whatever the clock says
	Many             bool // one of a broadcast's: the unknown is not tried
	ReplyToken       bool // one that may still be good is there
	RefuseHandedOver bool // the bot's or the caller's wish
	Quota            *Quota
	Now              time.Time
}

// Quota is how much of a paid month is left, nil where it is not known.
type Quota struct {
	Limited bool
	Left    int64
}

// Decision is how a delivery may go out now, or why it may not.
type Decision struct {
	Route    string // "" when Skip is set
	Skip     string // one of the reasons of this package, "" when it may go out
	Paid     bool   // the route costs money
	Tag      string // the platform's own tag that the route needs, such as HUMAN_AGENT
	Warnings []string
}

// Decide answers for one delivery. It is asked when a call is accepted and
// again when the delivery is sent.
func Decide(f Facts) Decision {
	var d Decision
	if d.Skip = f.reachable(); d.Skip != "" {
		return d
	}
	if d.Skip = f.wanted(); d.Skip != "" {
		return d
	}
	f.route(&d)
	if d.Skip == "" && f.Account.State == engine.AccountPaused {
		d.Warnings = append(d.Warnings, AccountPaused+": it waits until the account is active again")
	}
	return d
}

// reachable says why the person cannot be reached at all, "" when they can.
func (f *Facts) reachable() string {
	switch {
	case f.Account.State == engine.AccountDisconnected:
		return Disconnected
	case !f.Identity.BlockedAt.IsZero():
		return Blocked
	}
	return ""
}

// wanted says why the person is not to be written to for this, "" when they
// are.
func (f *Facts) wanted() string {
	rule := intents[f.Intent]
	handedOver := f.Identity.HandedOver(f.Now) && !f.OwnTurn
	switch {
	case f.Contact.DoNotContact && !rule.answers:
		return DoNotContact
	case rule.consent && !f.Identity.UnsubscribedAt.IsZero():
		return Unsubscribed
	case rule.consent && f.Identity.SubscribedAt.IsZero():
		return NotSubscribed
	case rule.consent && f.Many && f.Identity.Group:
		return Group
	case handedOver && rule.handedOver == never:
		return HandedOver
	case handedOver && rule.handedOver == unlessRefused && f.RefuseHandedOver && !f.Force:
		return HandedOver
	}
	return ""
}

// route chooses the cheapest way the platform allows now.
func (f *Facts) route(d *Decision) {
	p := platformAt(f.Channel, f.Now)
	if p.replies && f.ReplyToken && !f.Refused && f.Intent != engine.IntentPromotional {
		d.Route = RouteReply
		return
	}
	switch f.window(p) {
	case windowOpen:
		f.push(p, d)
	case windowUnknown:
		if f.template(p) { // let through for certain, where a free message may be refused
			d.Route, d.Paid = RouteTemplate, p.paidTemplates
			return
		}
		if f.Many {
			d.Skip = WindowClosed
			return
		}
		f.push(p, d)
		d.Warnings = append(d.Warnings, "window_unknown: it is not known when the person last wrote; the platform is asked once and may refuse")
	default:
		f.closed(p, d)
	}
}

func (f *Facts) push(p platform, d *Decision) {
	if p.paid && f.Quota != nil && f.Quota.Limited && f.Quota.Left <= 0 {
		if f.Many {
			d.Skip = QuotaUsed
			return
		}
		d.Warnings = append(d.Warnings, QuotaUsed+": the account's paid messages of this month are used up; it is tried again until it expires")
	}
	d.Route, d.Paid = RoutePush, p.paid
}

// closed finds what a platform allows when the person has not written for long.
func (f *Facts) closed(p platform, d *Decision) {
	switch {
	case f.Intent == engine.IntentAgent && f.heardWithin(p.agentWindow):
		d.Route, d.Tag = RoutePush, tagHumanAgent
	case f.template(p):
		d.Route, d.Paid = RouteTemplate, p.paidTemplates
	default:
		d.Skip = WindowClosed
	}
}

// template reports whether an approved template is there and may be used.
func (f *Facts) template(p platform) bool {
	_, inWindow, _ := Tag("", f.Tag, f.Now)
	return f.Template && p.templates && intents[f.Intent].template && !f.InWindow && !inWindow
}

// Windowed reports whether the channel takes free messages only for a while
// after the person wrote.
func Windowed(channel string, now time.Time) bool { return platformAt(channel, now).window > 0 }

// Windows.
const (
	windowClosed = iota
	windowUnknown
	windowOpen
)

func (f *Facts) window(p platform) int {
	switch {
	case p.window == 0:
		return windowOpen
	case f.Refused:
		return windowClosed
	case f.Identity.LastInboundAt.IsZero():
		return windowUnknown
	case f.heardWithin(p.window):
		return windowOpen
	}
	return windowClosed
}

func (f *Facts) heardWithin(d time.Duration) bool {
	at := f.Identity.LastInboundAt
	return !at.IsZero() && f.Now.Sub(at) < d
}
