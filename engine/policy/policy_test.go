package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
)

var now = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

// facts is a subscriber who wrote an hour ago, changed by f.
func facts(channel string, intent engine.Intent, f func(*policy.Facts)) policy.Facts {
	facts := policy.Facts{
		Channel: channel, Intent: intent, Now: now,
		Account:  &engine.Account{ID: "a", Channel: channel, State: engine.AccountActive},
		Identity: &engine.Identity{SubscribedAt: now.Add(-99 * time.Hour), LastInboundAt: now.Add(-time.Hour)},
		Contact:  &engine.Contact{},
	}
	if f != nil {
		f(&facts)
	}
	return facts
}

// Changes to facts, as the tables name them.
var (
	blocked      = func(f *policy.Facts) { f.Identity.BlockedAt = now.Add(-time.Minute) }
	disconnected = func(f *policy.Facts) { f.Account.State = engine.AccountDisconnected }
	never        = func(f *policy.Facts) { f.Identity.SubscribedAt = time.Time{} }
	unsubscribed = func(f *policy.Facts) {
		f.Identity.SubscribedAt, f.Identity.UnsubscribedAt = time.Time{}, now.Add(-time.Hour)
	}
	barred     = func(f *policy.Facts) { f.Contact.DoNotContact = true }
	handedOver = func(f *policy.Facts) {
		f.Identity.Conversation, f.Identity.ConversationUntil = engine.ConversationAgent, now.Add(time.Minute)
	}
	handoverEnded = func(f *policy.Facts) {
		f.Identity.Conversation, f.Identity.ConversationUntil = engine.ConversationAgent, now
	}
	refusing = func(f *policy.Facts) { f.RefuseHandedOver = true }
	forced   = func(f *policy.Facts) { f.Force = true }
	ownTurn  = func(f *policy.Facts) { f.OwnTurn = true }
	many     = func(f *policy.Facts) { f.Many = true }
	token    = func(f *policy.Facts) { f.ReplyToken = true }
	template = func(f *policy.Facts) { f.Template = true }
	inWindow = func(f *policy.Facts) { f.InWindow = true }
	group    = func(f *policy.Facts) { f.Identity.Group = true }
	unheard  = func(f *policy.Facts) { f.Identity.LastInboundAt = time.Time{} }
	refused  = func(f *policy.Facts) { f.Refused = true }
	paused   = func(f *policy.Facts) { f.Account.State = engine.AccountPaused }
	used     = func(f *policy.Facts) { f.Quota = &policy.Quota{Limited: true} }
	some     = func(f *policy.Facts) { f.Quota = &policy.Quota{Limited: true, Left: 1} }
)

func heard(ago time.Duration) func(*policy.Facts) {
	return func(f *policy.Facts) { f.Identity.LastInboundAt = now.Add(-ago) }
}

func tagged(tag string) func(*policy.Facts) { return func(f *policy.Facts) { f.Tag = tag } }

func TestDecide(t *testing.T) {
	t.Parallel()
	const (
		reply   = engine.IntentReply
		utility = engine.IntentUtility
		update  = engine.IntentInWindow
		agent   = engine.IntentAgent
		direct  = engine.IntentDirect
		promo   = engine.IntentPromotional
		day     = 24 * time.Hour
	)
	type with []func(*policy.Facts)
	tests := []struct {
		name    string
		channel string
		intent  engine.Intent
		with    with
		want    string // the route, or "!" and the reason
		paid    bool
		warned  string // the code of the only warning
	}{
		{"an answer takes its token", "line", reply, with{ownTurn, token}, "reply", false, ""},
		{"an answer whose token is old is pushed", "line", reply, with{ownTurn}, "push", true, ""},
		{"a send uses a spare token", "line", utility, with{token}, "reply", false, ""},
		{"a broadcast takes no token", "line", promo, with{token, many}, "push", true, ""},
		{"LINE has no window", "line", utility, with{heard(999 * day)}, "push", true, ""},
		{"LINE has no window for the unheard", "line", promo, with{unheard, many}, "push", true, ""},
		{"a token means nothing on Messenger", "messenger", reply, with{ownTurn, token}, "push", false, ""},

		{"blocked, whatever is forced", "line", utility, with{blocked, forced}, "!blocked", false, ""},
		{"an answer to one who has left", "line", reply, with{ownTurn, blocked, token}, "!blocked", false, ""},
		{"disconnected", "line", reply, with{disconnected, blocked}, "!disconnected", false, ""},
		{"a paused account waits", "line", utility, with{paused}, "push", true, "account_paused"},

		{"utility needs no consent", "line", utility, with{never}, "push", true, ""},
		{"utility goes to the unsubscribed", "line", utility, with{unsubscribed}, "push", true, ""},
		{"an answer goes to the unsubscribed", "line", reply, with{unsubscribed}, "push", true, ""},
		{"an agent writes to the unsubscribed", "line", agent, with{unsubscribed}, "push", true, ""},
		{"direct needs consent", "line", direct, with{never}, "!not_subscribed", false, ""},
		{"promotional needs consent", "line", promo, with{never, many}, "!not_subscribed", false, ""},
		{"unsubscribed ends promotional", "line", promo, with{unsubscribed, forced}, "!unsubscribed", false, ""},
		{"unsubscribed ends direct", "line", direct, with{unsubscribed}, "!unsubscribed", false, ""},

		{"do not contact ends utility", "line", utility, with{barred, forced}, "!do_not_contact", false, ""},
		{"do not contact ends promotional", "line", promo, with{barred}, "!do_not_contact", false, ""},
		{"do not contact leaves answers", "line", reply, with{barred}, "push", true, ""},
		{"do not contact leaves agents", "line", agent, with{barred}, "push", true, ""},

		{"a turn's own words go out after its handover", "line", reply, with{ownTurn, handedOver, token}, "reply", false, ""},
		{"utility goes out beside an agent", "line", utility, with{handedOver}, "push", true, ""},
		{"unless the bot refuses", "line", utility, with{handedOver, refusing}, "!handed_over", false, ""},
		{"and it is not forced", "line", utility, with{handedOver, refusing, forced}, "push", true, ""},
		{"direct like utility", "line", direct, with{handedOver, refusing}, "!handed_over", false, ""},
		{"an update like utility", "line", update, with{handedOver, refusing}, "!handed_over", false, ""},
		{"an agent beside an agent", "line", agent, with{handedOver, refusing}, "push", true, ""},
		{"promotional never beside an agent", "line", promo, with{handedOver}, "!handed_over", false, ""},
		{"not even forced", "line", promo, with{handedOver, forced}, "!handed_over", false, ""},
		{"a handover ends by itself", "line", promo, with{handoverEnded}, "push", true, ""},

		{"a broadcast is for persons", "line", promo, with{group, many}, "!group", false, ""},
		{"a send may go to a group", "line", utility, with{group}, "push", true, ""},

		{"a broadcast stops with the quota", "line", promo, with{many, used}, "!quota", false, ""},
		{"a send is tried without quota", "line", utility, with{used}, "push", true, "quota"},
		{"a reply needs no quota", "line", utility, with{used, token}, "reply", false, ""},
		{"the last of the quota", "line", promo, with{many, some}, "push", true, ""},

		{"inside Messenger's window", "messenger", utility, with{heard(day - time.Second)}, "push", false, ""},
		{"at its end", "messenger", utility, with{heard(day)}, "!window_closed", false, ""},
		{"a template outside", "messenger", utility, with{heard(2 * day), template}, "template", false, ""},
		{"no template inside", "messenger", utility, with{template}, "push", false, ""},
		{"refused before its end", "messenger", utility, with{heard(time.Hour), refused}, "!window_closed", false, ""},
		{"and the block has a template", "messenger", utility, with{heard(time.Hour), refused, template}, "template", false, ""},
		{"what is refused is no broadcast's template", "messenger", promo, with{heard(time.Hour), refused, template}, "!window_closed", false, ""},
		{"an answer after a long wait", "messenger", reply, with{heard(2 * day), template}, "template", false, ""},
		{"UPDATE is never a template", "messenger", update, with{heard(2 * day), template}, "!window_closed", false, ""},
		{"nor what is asked to stay inside", "messenger", utility, with{heard(2 * day), template, inWindow}, "!window_closed", false, ""},
		{"a tag that keeps to the window", "messenger", utility, with{heard(2 * day), template, tagged("UPDATE")}, "!window_closed", false, ""},
		{"a tag that is no more", "messenger", utility, with{heard(2 * day), template, tagged("SHIPPING_UPDATE")}, "template", false, ""},
		{"UPDATE inside", "messenger", update, nil, "push", false, ""},
		{"an agent for seven days", "messenger", agent, with{heard(6 * day)}, "push", false, ""},
		{"and not longer", "messenger", agent, with{heard(7 * day), template}, "!window_closed", false, ""},
		{"direct outside by template", "messenger", direct, with{heard(2 * day), template}, "template", false, ""},
		{"promotional outside", "messenger", promo, with{heard(2 * day), template, many}, "!window_closed", false, ""},
		{"an answer that took a day", "messenger", reply, with{heard(2 * day)}, "!window_closed", false, ""},
		{"the unheard are tried once", "messenger", utility, with{unheard}, "push", false, "window_unknown"},
		{"or get a template, which is certain", "messenger", utility, with{unheard, template}, "template", false, ""},
		{"the unheard get no template that must stay inside", "messenger", update, with{unheard, template}, "push", false, "window_unknown"},
		{"but not by a broadcast", "messenger", promo, with{unheard, many}, "!window_closed", false, ""},
		{"an agent on Instagram only inside", "instagram", agent, with{heard(2 * day)}, "!window_closed", false, ""},
		{"no template on Instagram", "instagram", utility, with{heard(2 * day), template}, "!window_closed", false, ""},
		{"a WhatsApp template is paid", "whatsapp", utility, with{heard(2 * day), template}, "template", true, ""},
		{"WeChat has two days", "wechat", utility, with{heard(47 * time.Hour)}, "push", false, ""},
		{"a channel without rules", "telegram", promo, with{heard(99 * day)}, "push", false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := policy.Decide(facts(tt.channel, tt.intent, func(f *policy.Facts) {
				for _, w := range tt.with {
					w(f)
				}
			}))
			said := got.Route
			if got.Skip != "" {
				said = "!" + got.Skip + got.Route
			}
			if said != tt.want || got.Paid != tt.paid {
				t.Errorf("got %s, paid %v; want %s, paid %v", said, got.Paid, tt.want, tt.paid)
			}
			var codes []string
			for _, w := range got.Warnings {
				code, _, _ := strings.Cut(w, ":")
				codes = append(codes, code)
			}
			if strings.Join(codes, " ") != tt.warned {
				t.Errorf("warnings %q, want %q", got.Warnings, tt.warned)
			}
		})
	}
}

// TestDates holds that a rule is as it was on its day.
func TestDates(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ on, want string }{
		{"2026-04-26", "!window_closed"},
		{"2026-04-27", "template"},
	} {
		t.Run(tt.on, func(t *testing.T) {
			t.Parallel()
			at, err := time.Parse(time.DateOnly, tt.on)
			if err != nil {
				t.Fatal(err)
			}
			got := policy.Decide(facts("messenger", engine.IntentUtility, func(f *policy.Facts) {
				f.Now, f.Template, f.Identity.LastInboundAt = at, true, at.Add(-48*time.Hour)
			}))
			said := got.Route
			if got.Skip != "" {
				said = "!" + got.Skip
			}
			if said != tt.want {
				t.Errorf("got %s, want %s", said, tt.want)
			}
		})
	}
}

func TestAgentTag(t *testing.T) {
	t.Parallel()
	late := facts("messenger", engine.IntentAgent, heard(48*time.Hour))
	if got := policy.Decide(late).Tag; got != "HUMAN_AGENT" {
		t.Errorf("outside the window the tag is %q", got)
	}
	if got := policy.Decide(facts("messenger", engine.IntentAgent, nil)).Tag; got != "" {
		t.Errorf("inside the window the tag is %q", got)
	}
}

// TestExplain holds that every reason has two sentences: why, and what to do.
func TestExplain(t *testing.T) {
	t.Parallel()
	for _, reason := range policy.Reasons() {
		text := policy.Explain(reason)
		if text == reason || strings.Count(text, ".") < 2 || !strings.HasSuffix(text, ".") {
			t.Errorf("%s: %q", reason, text)
		}
	}
	if got := policy.Explain("what"); got != "what" {
		t.Errorf("an unknown reason became %q", got)
	}
}
