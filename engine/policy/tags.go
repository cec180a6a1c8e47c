package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// Products whose callers send message tags.
const (
	AhaChat   = "ahachat"
	Chatfuel  = "chatfuel"
	BotBonnie = "botbonnie"
	Messenger = "messenger" // the platform's own
)

const (
	tagHumanAgent = "HUMAN_AGENT"
	tagUpdate     = "UPDATE"
)

// MessageTag is one tag of the field with its life and what is done with it
// now. None but HUMAN_AGENT is ever put on the wire.
type MessageTag struct {
	Tag      string        `json:"tag"`
	Products []string      `json:"products"` // whose callers send it
	Meaning  string        `json:"meaning"`
	EndedOn  string        `json:"ended_on,omitempty"` // the day the platform stopped taking it
	Intent   engine.Intent `json:"intent"`
	InWindow bool          `json:"in_window_only"`
	Now      string        `json:"now"` // what is done with a call that brings it

	ended time.Time
}

// MessageTags returns every tag ever used in the field, in the order of the
// documentation. Now and EndedOn are as of the given time.
func MessageTags(now time.Time) []MessageTag {
	list := make([]MessageTag, 0, len(tags))
	for _, t := range tags {
		t.Products = slices.Clone(t.Products)
		if !t.ended.IsZero() {
			t.EndedOn = t.ended.Format(time.DateOnly)
		}
		t.Now = t.handling(now)
		list = append(list, t)
	}
	return list
}

func (t *MessageTag) handling(now time.Time) string {
	switch {
	case t.InWindow:
		return "sent while the person's window is open, else skipped as window_closed; never as a template"
	case t.Intent == engine.IntentAgent:
		return "with a token of scope agent sent as written by a person, up to seven days after they last wrote; else refused"
	case t.over(now):
		return "taken as no tag, with a warning: sent while the window is open, else as the block's template"
	}
	return "taken as no tag: sent while the window is open, else as the block's template"
}

func (t *MessageTag) over(now time.Time) bool { return !t.ended.IsZero() && !now.Before(t.ended) }

// Tag says what a caller's message tag asks for. product narrows it to the tags
// of one product, "" knows them all. A tag that nobody knows any more, or never
// did, asks for nothing and has a warning.
func Tag(product, tag string, now time.Time) (intent engine.Intent, inWindowOnly bool, warning string) {
	name := strings.ToUpper(strings.TrimSpace(tag))
	if name == "" {
		return engine.IntentUtility, false, ""
	}
	i := slices.IndexFunc(tags, func(t MessageTag) bool {
		return t.Tag == name && (product == "" || slices.Contains(t.Products, product))
	})
	if i < 0 {
		return engine.IntentUtility, false, fmt.Sprintf("tag_unknown: the message tag %q is not known and was taken as none", shortened(tag))
	}
	t := &tags[i]
	if t.over(now) {
		warning = fmt.Sprintf("tag_ended: the platform has not taken the message tag %s since %s; it was taken as none", t.Tag, t.ended.Format(time.DateOnly))
	}
	return t.Intent, t.InWindow, warning
}

// maxShown is how much of an unknown tag a warning repeats.
const maxShown = 40

func shortened(s string) string {
	if r := []rune(s); len(r) > maxShown {
		return string(r[:maxShown]) + "…"
	}
	return s
}

// Days on which Messenger stopped taking tags.
var (
	endOf2018 = date(2020, time.March, 4)
	endOf2020 = date(2026, time.April, 27)
)

// tags is the table. The products of the 2018 tags are those that offered them
// then and whose old callers still send them.
var tags = func() []MessageTag {
	family := []string{AhaChat, Chatfuel, Messenger}
	all := []string{AhaChat, Chatfuel, BotBonnie, Messenger}
	list := []MessageTag{
		{Tag: tagUpdate, Products: []string{AhaChat, Chatfuel, BotBonnie}, Meaning: "anything, while the window is open", Intent: engine.IntentInWindow, InWindow: true},
		{Tag: tagHumanAgent, Products: all, Meaning: "a person's own answer", Intent: engine.IntentAgent},
		{Tag: "CONFIRMED_EVENT_UPDATE", Products: all, Meaning: "a change of an event the person is registered for", ended: endOf2020},
		{Tag: "POST_PURCHASE_UPDATE", Products: all, Meaning: "news of something the person has bought", ended: endOf2020},
		{Tag: "ACCOUNT_UPDATE", Products: all, Meaning: "a change of the person's account or application", ended: endOf2020},
		{Tag: "CUSTOMER_FEEDBACK", Products: []string{Messenger}, Meaning: "the platform's own survey after a talk; its template is not offered here"},
		{Tag: "NON_PROMOTIONAL_SUBSCRIPTION", Products: family, Meaning: "regular news without advertising", ended: endOf2018},
	}
	for _, old := range [...]struct{ tag, meaning string }{
		{"APPLICATION_UPDATE", "news of an application the person has filed"},
		{"APPOINTMENT_UPDATE", "a change of an appointment"},
		{"BUSINESS_PRODUCTIVITY", "news for the person's work"},
		{"COMMUNITY_ALERT", "a warning to a community"},
		{"CONFIRMED_EVENT_REMINDER", "a reminder of an event the person is registered for"},
		{"FEATURE_FUNCTIONALITY_UPDATE", "news of what a bot can do"},
		{"GAME_EVENT", "a change in a game the person plays"},
		{"ISSUE_RESOLUTION", "an answer to a complaint"},
		{"PAIRING_UPDATE", "a match the person has asked for"},
		{"PAYMENT_UPDATE", "news of a payment"},
		{"PERSONAL_FINANCE_UPDATE", "news of the person's finances"},
		{"RESERVATION_UPDATE", "a change of a booking"},
		{"SHIPPING_UPDATE", "news of a parcel"},
		{"TICKET_UPDATE", "a change of a ticket"},
		{"TRANSPORTATION_UPDATE", "a change of a journey"},
	} {
		list = append(list, MessageTag{Tag: old.tag, Products: family, Meaning: old.meaning, ended: endOf2018})
	}
	for i := range list {
		if list[i].Intent == "" {
			list[i].Intent = engine.IntentUtility
		}
	}
	return list
}()
