package policy

import (
	"time"

	"github.com/blockcast/blockcast/engine"
)

// Many is what policy says of the many people of one account, in a form a
// database can check of each: the reasons why one is skipped, in the order in
// which Decide finds them. It agrees with Decide on what Decide is told with
// Facts.Many; the account's state and its quota are not asked.
type Many struct {
	// DoNotContact, Consent, HandedOver: whether such people are skipped. All
	// are skipped who are blocked.
	DoNotContact bool
	Consent      bool // also who never agreed
	HandedOver   bool
	// HeardSince skips as outside the window whom the platform has not heard
	// after it, or never; zero skips nobody.
	HeardSince time.Time
	// TemplateSince: who was not heard after it gets the approved template in
	// place of a push; zero: nobody does.
	TemplateSince time.Time
	Paid          bool // a push costs money
	PaidTemplate  bool
}

// ForMany returns what holds for one intent on one channel at a time; template
// says whether what is sent has an approved one there.
func ForMany(channel string, intent engine.Intent, template, refuseHandedOver bool, now time.Time) Many {
	rule, p := intents[intent], platformAt(channel, now)
	m := Many{DoNotContact: !rule.answers, Consent: rule.consent,
		HandedOver: rule.handedOver == never || rule.handedOver == unlessRefused && refuseHandedOver}
	byTemplate := template && p.templates && rule.template
	switch {
	case p.window == 0:
	case byTemplate:
		m.TemplateSince = now.Add(-p.window)
	default:
		m.HeardSince = now.Add(-p.window)
	}
	m.Paid, m.PaidTemplate = p.paid, p.paidTemplates
	return m
}
