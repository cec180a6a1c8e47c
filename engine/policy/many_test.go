package policy_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
)

// reason reads Many as a database does.
func reason(m policy.Many, i engine.Identity, c engine.Contact, now time.Time) string {
	switch {
	case !i.BlockedAt.IsZero():
		return policy.Blocked
	case m.DoNotContact && c.DoNotContact:
		return policy.DoNotContact
	case m.Consent && !i.UnsubscribedAt.IsZero():
		return policy.Unsubscribed
	case m.Consent && i.SubscribedAt.IsZero():
		return policy.NotSubscribed
	case m.HandedOver && i.HandedOver(now):
		return policy.HandedOver
	case !m.HeardSince.IsZero() && !i.LastInboundAt.After(m.HeardSince):
		return policy.WindowClosed
	}
	return ""
}

// route is how one that is not skipped goes out.
func route(m policy.Many, i engine.Identity) (route string, paid bool) {
	if !m.TemplateSince.IsZero() && !i.LastInboundAt.After(m.TemplateSince) {
		return policy.RouteTemplate, m.PaidTemplate
	}
	return policy.RoutePush, m.Paid
}

// What is asked of many at once is what is asked of each.
func TestManyAgreeWithEach(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	account := &engine.Account{State: engine.AccountActive}
	asked := 0
	for _, channel := range []string{"line", "messenger", "instagram", "whatsapp", "telegram"} {
		for _, intent := range []engine.Intent{engine.IntentUtility, engine.IntentInWindow, engine.IntentDirect, engine.IntentPromotional} {
			for bits := range 1 << 7 {
				bit := func(n int) bool { return bits>>n&1 == 1 }
				i := engine.Identity{}
				c := engine.Contact{DoNotContact: bit(0)}
				if bit(1) {
					i.SubscribedAt = now.Add(-time.Hour)
				}
				if bit(2) {
					i.UnsubscribedAt = now.Add(-time.Hour)
				}
				if bit(3) {
					i.Conversation, i.ConversationUntil = engine.ConversationAgent, now.Add(time.Hour)
				}
				template, refuse := bit(4), bit(5)
				for _, heard := range []time.Time{{}, now.Add(-time.Hour), now.Add(-24 * time.Hour), now.Add(-100 * 24 * time.Hour)} {
					i.LastInboundAt = heard
					i.BlockedAt = time.Time{}
					if bit(6) {
						i.BlockedAt = now
					}
					account.Channel = channel
					each := policy.Decide(policy.Facts{Channel: channel, Account: account, Identity: &i, Contact: &c, Intent: intent,
						InWindow: intent == engine.IntentInWindow, Template: template, Many: true, RefuseHandedOver: refuse, Now: now})
					many := policy.ForMany(channel, intent, template, refuse, now)
					got, want := reason(many, i, c, now), each.Skip
					if route, paid := route(many, i); want == "" && (route != each.Route || paid != each.Paid) {
						t.Fatalf("%s %s template %t %+v: many go by %s, paid %t, each %+v", channel, intent, template, i, route, paid, each)
					}
					if got != want {
						t.Fatalf("%s %s template %t refuse %t %+v %+v: many say %q, each %q", channel, intent, template, refuse, i, c, got, want)
					}
					asked++
				}
			}
		}
	}
	if asked < 10_000 {
		t.Errorf("only %d cases", asked)
	}
}
