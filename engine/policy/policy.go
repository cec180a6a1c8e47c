// Package policy says who may be sent what, by which route. It is pure: facts
// and the time in, a route or a reason out. It is asked when an order is
// accepted and again when it is sent. It knows no channel's wire and no store.
package policy

import (
	"time"

	"github.com/blockcast/blockcast/engine"
)

// Routes, as the ledger keeps them.
const (
	Reply    = "reply"    // answers one event with its token; free
	Push     = "push"     // at any time; often paid
	Template = "template" // an approved template
)

// Facts is all that a decision rests on.
type Facts struct {
	Channel  string
	Account  *engine.Account
	Identity *engine.Identity
	Contact  *engine.Contact // nil: do_not_contact is not looked at
	Intent   engine.Intent
	Tag      string
	InWindow bool // never a template, even where there is one
	Force    bool // the caller overrides the agent's silence
	// Prepared answers of a turn were decided when the turn ran: who leads the
	// conversation now does not matter to them.
	OwnTurn bool
	// ReplyToken is true when an event's token is at hand and fresh.
	ReplyToken bool
	// RefuseHandedOver is the bot's setting to be silent under every intent.
	RefuseHandedOver bool
	Now              time.Time
}

// Decision is a route, or the reason there is none.
type Decision struct {
	Route    string
	Skip     string // a Reason, "" when Route is set
	Warnings []string
}

// Decide chooses the cheapest route that is allowed now.
func Decide(f Facts) Decision {
	if reason := refusal(f); reason != "" {
		return Decision{Skip: reason}
	}
	if f.ReplyToken {
		return Decision{Route: Reply}
	}
	return Decision{Route: Push}
}

// refusal is why nobody may send this to them now.
func refusal(f Facts) string {
	switch {
	case f.Account.State == engine.AccountDisconnected:
		return Disconnected
	case !f.Identity.BlockedAt.IsZero():
		return Blocked
	case f.Contact != nil && f.Contact.DoNotContact && f.Intent != engine.IntentReply:
		return DoNotContact
	case needsConsent(f.Intent) && f.Identity.SubscribedAt.IsZero():
		if f.Identity.UnsubscribedAt.IsZero() {
			return NotSubscribed
		}
		return Unsubscribed
	case f.Identity.HandedOver(f.Now) && silenced(f):
		return HandedOver
	}
	return ""
}

// needsConsent: unsubscribing stops promotional and direct messages, never
// answers and what a customer's order brings about.
func needsConsent(i engine.Intent) bool {
	return i == engine.IntentPromotional || i == engine.IntentDirect
}

// silenced reports whether a person leading the conversation stops this.
func silenced(f Facts) bool {
	switch {
	case f.Force, f.OwnTurn, f.Intent == engine.IntentAgent:
		return false
	case f.Intent == engine.IntentReply, f.Intent == engine.IntentPromotional:
		return true
	}
	return f.RefuseHandedOver
}
