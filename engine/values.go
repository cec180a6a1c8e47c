package engine

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
)

// values returns what the texts of this turn read, made when the first of them
// is evaluated: many blocks say nothing but constant texts.
func (r *run) values() *expression.Env {
	if r.env != nil {
		return r.env
	}
	place := r.Place()
	facts := r.facts()
	r.env = r.program.Scope.Env(expression.Values{
		Facts:      facts,
		Attributes: r.attributes(facts),
		Bot:        r.botValues(),
		Answer:     r.answers(),
		Send:       r.talk.attributes,
		Secret:     r.s.Secrets,
		Now:        r.now,
		Zone:       place.Locale.Zone,
		MonthDay:   place.Locale.MonthDay,
		Seed:       r.seed,
	})
	r.replay()
	return r.env
}

// usualFacts is how many facts are known of most people.
const usualFacts = 14

// facts gathers what is known; what is not is left out and reads as empty.
func (r *run) facts() map[string]any {
	c, i := r.s.Contact, r.s.Identity
	facts := make(map[string]any, usualFacts)
	text := func(name, value string) {
		if value != "" {
			facts[name] = value
		}
	}
	text("first_name", c.FirstName)
	text("last_name", c.LastName)
	text("name", nameOf(c))
	text("gender", c.Gender)
	text("birthday", c.Birthday)
	text("locale", c.Locale)
	text("language", c.Language)
	text("time_zone", c.TimeZone)
	text("profile_pic", c.ProfilePic)
	text("phone", c.Phone())
	text("email", c.Email)
	text("external_id", c.ExternalID)
	text("user_id", strconv.FormatInt(c.ID, 10))
	text("messenger_user_id", i.ExternalID)
	text("channel", r.s.Account.Channel)
	text("account", accountName(r.s.Account))
	text("block", r.block.Name)
	text("flow", r.program.Flow)
	text("input", r.heardText())
	if len(c.Tags) > 0 {
		facts["tags"] = c.Tags
	}
	if at := later(c.LastSeenAt, i.LastInboundAt); !at.IsZero() {
		facts["last_seen_at"] = at
	}
	if !i.SubscribedAt.IsZero() {
		facts["subscribed"] = true
		facts["subscribed_at"] = i.SubscribedAt
	}
	return facts
}

// attributes lays what the send brought over what is kept of the contact. What
// it brought of facts goes into facts.
func (r *run) attributes(facts map[string]any) map[string]any {
	if len(r.talk.attributes) == 0 {
		return r.s.Contact.Attributes
	}
	all := make(map[string]any, len(r.s.Contact.Attributes)+len(r.talk.attributes))
	maps.Copy(all, r.s.Contact.Attributes)
	for name, value := range r.talk.attributes {
		if slices.Contains(r.talk.changed, name) {
			continue
		}
		if f, ok := expression.FactNamed(name); ok {
			facts[f.Name] = value
			continue
		}
		all[name] = value
	}
	return all
}

// botValues returns the bot's attributes in a map of this turn, which changes
// them as it goes.
func (r *run) botValues() map[string]any {
	if r.bot == nil {
		r.bot = make(map[string]any, len(r.s.BotValues))
		maps.Copy(r.bot, r.s.BotValues)
	}
	return r.bot
}

// answers returns what was heard, in a map of this turn.
func (r *run) answers() map[string]any {
	if r.talk.answers == nil {
		r.talk.answers = map[string]any{}
	}
	return r.talk.answers
}

// replay shows the texts what was changed before the first of them was read.
func (r *run) replay() {
	d := &r.turn.Deltas
	for name, value := range d.Set {
		r.env.Set(name, value)
	}
	for _, name := range d.Unset {
		r.env.Set(name, nil)
	}
	for name, value := range d.Facts {
		r.env.Set(name, value)
	}
	for _, p := range d.Phones {
		r.env.Set("phone", p.E164)
	}
	if len(d.AddTags)+len(d.DropTags) > 0 {
		r.env.Set("tags", r.tags())
	}
	if d.Subscribe != nil {
		r.showConsent(*d.Subscribe)
	}
}

// tags lists the contact's tags as this turn leaves them.
func (r *run) tags() []any {
	d := &r.turn.Deltas
	list := make([]any, 0, len(r.s.Contact.Tags)+len(d.AddTags))
	for _, t := range r.s.Contact.Tags {
		if !slices.Contains(d.DropTags, t) {
			list = append(list, t)
		}
	}
	for _, t := range d.AddTags {
		if !slices.Contains(r.s.Contact.Tags, t) {
			list = append(list, t)
		}
	}
	return list
}

func (r *run) showConsent(subscribed bool) {
	r.env.Set("subscribed", subscribed)
	if subscribed {
		r.env.Set("subscribed_at", r.now)
	} else {
		r.env.Set("subscribed_at", nil)
	}
}

// heardText is what the person wrote or tapped in this turn, "" when the turn
// came by itself.
func (r *run) heardText() string {
	if r.in == nil || r.in.Inbound.Input == nil {
		return ""
	}
	return strings.TrimSpace(r.in.Inbound.Input.Text)
}

func nameOf(c *Contact) string {
	if c.Name != "" {
		return c.Name
	}
	return strings.TrimSpace(c.FirstName + " " + c.LastName)
}

func accountName(a *Account) string {
	if a.Name != "" {
		return a.Name
	}
	return a.ID
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
