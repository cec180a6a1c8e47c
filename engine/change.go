package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/phone"
)

// Do implements blocks.Env.
func (r *run) Do(c blocks.Change) {
	if r.changes == MaxChanges {
		if !r.ended {
			r.limit(EventLimitChanges, fmt.Sprintf("stopped after %d changes", MaxChanges))
		}
		return
	}
	r.changes++
	switch c := c.(type) {
	case blocks.SetAttribute:
		r.set(c)
	case blocks.SetAnswer:
		r.setAnswer(c)
	case blocks.Tag:
		r.tag(c.Name, c.Remove)
	case blocks.Consent:
		r.consent(c.Subscribed)
	case blocks.Handover:
		r.handOver(c)
	case blocks.Typing:
		r.turn.Typing = c.For
	case blocks.Schedule:
		r.schedule(c)
	case blocks.Unschedule:
		r.unschedule(c.Key)
	case blocks.Notify:
		r.tell(topicEvent+c.Event, noticed{Event: c.Event, Data: c.Data})
	}
}

func (r *run) set(c blocks.SetAttribute) {
	if c.Bot {
		r.setBot(c.Name, c.Value)
		return
	}
	if f, ok := expression.FactNamed(c.Name); ok {
		r.setFact(f, c)
		return
	}
	d := &r.turn.Deltas
	if c.Value == nil {
		delete(d.Set, c.Name)
		if !slices.Contains(d.Unset, c.Name) {
			d.Unset = append(d.Unset, c.Name)
		}
	} else {
		if d.Set == nil {
			d.Set = map[string]any{}
		}
		d.Set[c.Name] = c.Value
		d.Unset = without(d.Unset, c.Name)
	}
	r.changed(c.Name, c.Value)
}

// setFact sets what is kept of the person beside attributes.
func (r *run) setFact(f expression.Fact, c blocks.SetAttribute) {
	switch {
	case !f.Writable:
		r.refuse(f.Name, "is known by itself and cannot be set")
	case f.Name == "phone":
		r.setPhone(c)
	default:
		d := &r.turn.Deltas
		if d.Facts == nil {
			d.Facts = map[string]any{}
		}
		d.Facts[f.Name] = c.Value
		r.changed(f.Name, c.Value)
	}
}

// setPhone adds a number to those known of the person. Numbers are never taken
// away by a flow: they are how other systems find the person.
func (r *run) setPhone(c blocks.SetAttribute) {
	raw, _ := c.Value.(string)
	if strings.TrimSpace(raw) == "" {
		r.refuse("phone", "cannot be unset by a flow")
		return
	}
	e164, err := phone.Parse(raw, r.s.Bot.DefaultRegion)
	if err != nil {
		r.refuse("phone", err.Error())
		return
	}
	p := Phone{E164: e164, Raw: raw, Source: PhoneAPI}
	if c.Typed {
		p.Source = PhoneTyped
		if c.Raw != "" {
			p.Raw = c.Raw
		}
	}
	d := &r.turn.Deltas
	d.Phones = slices.DeleteFunc(d.Phones, func(o Phone) bool { return o.E164 == e164 })
	d.Phones = append(d.Phones, p)
	r.changed("phone", e164)
}

func (r *run) refuse(name, why string) {
	r.event(Event{Level: LevelWarning, Code: EventAttribute, Text: fmt.Sprintf("%s: %s", name, why),
		Extra: map[string]any{"attribute": name}})
}

func (r *run) setBot(name string, value any) {
	d := &r.turn.Deltas
	if d.Bot == nil {
		d.Bot = map[string]any{}
	}
	d.Bot[name] = value
	if bot := r.botValues(); value == nil {
		delete(bot, name)
	} else {
		bot[name] = value
	}
}

// changed shows the texts that follow the new value, and keeps it over what the
// send brought.
func (r *run) changed(name string, value any) {
	if r.env != nil {
		r.env.Set(name, value)
	}
	if _, brought := r.talk.attributes[name]; brought && !slices.Contains(r.talk.changed, name) {
		r.talk.changed = append(slices.Clip(r.talk.changed), name)
	}
}

func (r *run) setAnswer(c blocks.SetAnswer) {
	r.answers()[c.Name] = c.Value
	if r.turn.Answers == nil {
		r.turn.Answers = map[string]any{}
	}
	r.turn.Answers[c.Name] = c.Value
}

func (r *run) tag(name string, remove bool) {
	d := &r.turn.Deltas
	if remove {
		d.AddTags, d.DropTags = without(d.AddTags, name), with(d.DropTags, name)
	} else {
		d.AddTags, d.DropTags = with(d.AddTags, name), without(d.DropTags, name)
	}
	if r.env != nil {
		r.env.Set("tags", r.tags())
	}
}

func (r *run) consent(subscribed bool) {
	r.turn.Deltas.Subscribe = &subscribed
	if subscribed || !r.s.Identity.UnsubscribedAt.IsZero() {
		r.untell(TopicUnsubscribed)
	} else {
		r.tell(TopicUnsubscribed, noticed{})
	}
	if r.env != nil {
		r.showConsent(subscribed)
	}
}

func (r *run) handOver(c blocks.Handover) {
	d := c.For
	if d <= 0 {
		d = DefaultHandover
	}
	until := r.now.Add(d)
	r.turn.Deltas.Handover = &Handover{State: ConversationAgent, Until: until, Note: c.Note}
	r.talk.handedOver = true
	r.tell(TopicHandover, noticed{Note: c.Note, Until: until})
}

func with(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

func without(list []string, s string) []string {
	return slices.DeleteFunc(list, func(t string) bool { return t == s })
}
