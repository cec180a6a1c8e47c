package main

import (
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
)

// situation is one column of a table that policy itself fills in.
type situation struct {
	name   string
	change func(*policy.Facts)
}

// decided is a table of intents by situations, each cell what policy decides
// there. facts is what a row begins with.
func decided(s *source, facts func(engine.Intent) policy.Facts, cell func(policy.Decision) string, columns []situation) (string, error) {
	intents, err := s.constants("engine", typed("Intent"))
	if err != nil {
		return "", err
	}
	heads := []string{"intent"}
	for _, c := range columns {
		heads = append(heads, c.name)
	}
	t := newTable(heads...)
	for _, i := range intents {
		row := []string{code(i.value)}
		for _, c := range columns {
			f := facts(engine.Intent(i.value))
			c.change(&f)
			row = append(row, cell(policy.Decide(f)))
		}
		t.add(row...)
	}
	return t.String(), nil
}

// goesOut says whether, and if not, why.
func goesOut(d policy.Decision) string {
	if d.Skip != "" {
		return "– " + code(d.Skip)
	}
	return "goes out"
}

// goesBy says by which route, or why not.
func goesBy(d policy.Decision) string {
	if d.Skip != "" {
		return goesOut(d)
	}
	text := d.Route
	if d.Tag != "" {
		text += " as " + code(d.Tag)
	}
	if d.Paid {
		text += ", paid"
	}
	for _, w := range d.Warnings {
		name, _, _ := strings.Cut(w, ":")
		text += ", warned " + code(name)
	}
	return text
}

// agreed are the facts of somebody who has agreed to everything and whom
// nothing keeps from being written to.
func agreed(channel string) func(engine.Intent) policy.Facts {
	now := asOf()
	return func(intent engine.Intent) policy.Facts {
		return policy.Facts{
			Channel: channel, Intent: intent, InWindow: intent == engine.IntentInWindow, Now: now,
			Account:  &engine.Account{State: engine.AccountActive},
			Identity: &engine.Identity{SubscribedAt: now.AddDate(-1, 0, 0)},
			Contact:  &engine.Contact{},
		}
	}
}

func wrote(ago time.Duration) func(*policy.Facts) {
	return func(f *policy.Facts) { f.Identity.LastInboundAt = f.Now.Add(-ago) }
}

func offered(change func(*policy.Facts)) func(*policy.Facts) {
	return func(f *policy.Facts) {
		f.Template = true
		change(f)
	}
}

// lineRoutes is the table of routes on LINE.
func lineRoutes(s *source) (string, error) {
	return decided(s, agreed("line"), goesBy, []situation{
		{"just wrote, the reply is unused", func(f *policy.Facts) { f.ReplyToken = true }},
		{"at any other time", func(*policy.Facts) {}},
		{"the month's quota is used up", func(f *policy.Facts) { f.Quota = &policy.Quota{Limited: true} }},
	})
}

// messengerRoutes is the table of routes on Messenger.
func messengerRoutes(s *source) (string, error) {
	const hour, day = time.Hour, 24 * time.Hour
	return decided(s, agreed("messenger"), goesBy, []situation{
		{"wrote within 24 hours", offered(wrote(hour))},
		{"within 7 days, block with template", offered(wrote(3 * day))},
		{"within 7 days, without", wrote(3 * day)},
		{"longer ago, with template", offered(wrote(30 * day))},
		{"longer ago, without", wrote(30 * day)},
		{"not known when, with template", offered(func(*policy.Facts) {})},
		{"not known when, without", func(*policy.Facts) {}},
		{"not known when, in a broadcast", func(f *policy.Facts) { f.Many = true }},
	})
}

// wishesPart is the table of what people's and colleagues' wishes keep back.
func wishesPart(s *source) (string, error) {
	return decided(s, agreed("line"), goesOut, []situation{
		{"has left", func(f *policy.Facts) { f.Identity.BlockedAt = f.Now }},
		{"do not contact", func(f *policy.Facts) { f.Contact.DoNotContact = true }},
		{"has unsubscribed", func(f *policy.Facts) { f.Identity.UnsubscribedAt = f.Now }},
		{"has never subscribed", func(f *policy.Facts) { f.Identity.SubscribedAt = time.Time{} }},
		{"a person leads the chat", handed(false, false)},
		{"the same, with `refuse_handed_over`", handed(true, false)},
		{"the same, with `force` too", handed(true, true)},
	})
}

func handed(refuse, force bool) func(*policy.Facts) {
	return func(f *policy.Facts) {
		f.Identity.Conversation, f.Identity.ConversationUntil = engine.ConversationAgent, f.Now.Add(time.Hour)
		f.RefuseHandedOver, f.Force = refuse, force
	}
}

// tagLives is the table of what each message tag was for, and until when.
func tagLives(*source) (string, error) {
	t := newTable("tag", "was for", "Messenger took it until", "goes out as")
	for _, tag := range policy.MessageTags(asOf()) {
		t.add(code(tag.Tag), tag.Meaning, tag.EndedOn, code(string(tag.Intent)))
	}
	return t.String(), nil
}
