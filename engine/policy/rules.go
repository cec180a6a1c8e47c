package policy

import (
	"time"

	"github.com/blockcast/blockcast/engine"
)

// intentRule is one row of the table of intents.
type intentRule struct {
	answers    bool     // the person is written to because they or a colleague wrote
	consent    bool     // needs the person's consent to broadcasts
	template   bool     // may go out as a template where the window is closed
	handedOver handover // while a person leads the conversation
}

type handover int

const (
	sent handover = iota
	unlessRefused
	never
)

// intents says what each intent needs. An answer is silenced by its turn, not
// here: what a turn has said is said. It goes out as a template only when it
// comes so late that nothing else may: after a long wait, when its author has
// written one.
var intents = map[engine.Intent]intentRule{
	engine.IntentReply:       {answers: true, template: true, handedOver: sent},
	engine.IntentUtility:     {template: true, handedOver: unlessRefused},
	engine.IntentInWindow:    {handedOver: unlessRefused},
	engine.IntentAgent:       {answers: true, handedOver: sent},
	engine.IntentDirect:      {consent: true, template: true, handedOver: unlessRefused},
	engine.IntentPromotional: {consent: true, handedOver: never},
}

// platform is what a platform allows, from a date on.
type platform struct {
	channel       string
	from          time.Time
	window        time.Duration // after what the person last did; 0: always open
	agentWindow   time.Duration // for what a person types, with the platform's tag for it
	replies       bool          // an event can be answered for free with its token
	paid          bool          // a push costs money
	templates     bool          // approved templates go out when the window is closed
	paidTemplates bool
}

const day = 24 * time.Hour

// platforms is what changes by date: a later entry of a channel replaces the
// earlier one from its day on. A channel that is not listed has no window and
// costs nothing.
var platforms = []platform{
	{channel: "line", replies: true, paid: true},
	{channel: "messenger", window: day, agentWindow: 7 * day},
	{channel: "messenger", from: date(2026, 4, 27), window: day, agentWindow: 7 * day, templates: true}, // utility messages take the place of tags
	{channel: "instagram", window: day},
	{channel: "whatsapp", window: day, templates: true, paidTemplates: true},
	{channel: "wechat", window: 2 * day},
	{channel: "viber", paid: true},
	{channel: "telegram"},
	{channel: "livechat"},
}

// platformAt returns what the channel allows at a time.
func platformAt(channel string, now time.Time) platform {
	found := platform{channel: channel}
	for _, p := range platforms {
		if p.channel == channel && !now.Before(p.from) {
			found = p
		}
	}
	return found
}

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}
