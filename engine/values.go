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
	facts, attributes := r.overlay()
	r.env = r.program.Scope.Env(expression.Values{
		Facts:      facts,
		Fact:       r.fact,
		Attributes: attributes,
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

// fact is what is known of the person and the turn under a fact's name; nil, or
// an empty text, when nothing is.
func (r *run) fact(name string) any {
	c, i := r.s.Contact, r.s.Identity
	switch name {
	case "first_name":
		return c.FirstName
	case "last_name":
		return c.LastName
	case "name":
		return nameOf(c)
	case "gender":
		return c.Gender
	case "birthday":
		return c.Birthday
	case "locale":
		return c.Locale
	case "language":
		return c.Language
	case "time_zone":
		return c.TimeZone
	case "profile_pic":
		return c.ProfilePic
	case "phone":
		return c.Phone()
	case "email":
		return c.Email
	case "external_id":
		return c.ExternalID
	case "user_id":
		return strconv.FormatInt(c.ID, 10)
	case "messenger_user_id":
		return i.ExternalID
	case "channel":
		return r.s.Account.Channel
	case "account":
		return accountName(r.s.Account)
	case "block":
		return r.block.Name
	case "flow":
		return r.program.Flow
	case "input":
		return r.heardText()
	case "tags":
		return c.Tags
	case "last_seen_at":
		return later(c.LastSeenAt, i.LastInboundAt)
	}
	if i.SubscribedAt.IsZero() {
		return nil
	}
	switch name {
	case "subscribed":
		return true
	case "subscribed_at":
		return i.SubscribedAt
	}
	return nil
}

// overlay lays what the send brought over what is kept of the contact: over
// facts, and over attributes.
func (r *run) overlay() (facts, attributes map[string]any) {
	if len(r.talk.attributes) == 0 {
		return nil, r.s.Contact.Attributes
	}
	attributes = make(map[string]any, len(r.s.Contact.Attributes)+len(r.talk.attributes))
	maps.Copy(attributes, r.s.Contact.Attributes)
	for name, value := range r.talk.attributes {
		if slices.Contains(r.talk.changed, name) {
			continue
		}
		if f, ok := expression.FactNamed(name); ok {
			if facts == nil {
				facts = map[string]any{}
			}
			facts[f.Name] = value
			continue
		}
		attributes[name] = value
	}
	return facts, attributes
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
