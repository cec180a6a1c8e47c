package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
)

// Timer is a delivery that a flow has planned for an identity. It is JSON but
// for what finds it.
type Timer struct {
	ID         int64     `json:"-"`
	BotID      string    `json:"-"`
	IdentityID int64     `json:"-"`
	Key        string    `json:"-"` // unique for the identity
	Block      string    `json:"-"` // the id of what is sent
	DueAt      time.Time `json:"-"`

	VersionID     int64            `json:"version"` // where it was planned
	Planner       string           `json:"planner"` // block
	PC            int              `json:"pc"`
	PlannedAt     time.Time        `json:"planned_at"`
	UnlessReplied bool             `json:"unless_replied,omitempty"`
	Between       expression.Hours `json:"between,omitzero"`
	Attributes    Values           `json:"attributes,omitempty"` // of the send that planned it
	Origin        int64            `json:"origin,omitempty"`     // the delivery that planned it
	Seq           int              `json:"seq,omitempty"`        // how many were planned one by the other
	Intent        Intent           `json:"intent,omitempty"`
	Category      string           `json:"category,omitempty"`
	InWindow      bool             `json:"in_window,omitempty"`
}

// Ring is what becomes of a timer when its time has come. One of Send and
// Postpone is set, or neither: then it is called off.
type Ring struct {
	Send     bool
	Postpone time.Time
	Events   []Event
}

// Ring says what becomes of a timer that is due, for the person as they are
// now. An error means that it cannot be told for now.
func (e *Engine) Ring(ctx context.Context, s Situation, t *Timer) (Ring, error) {
	r := e.sending(ctx, &s, &Start{Block: t.Block, Attributes: t.Attributes, DeliveryID: t.ID})
	at, err := r.find(Frame{VersionID: t.VersionID, Block: t.Planner, PC: t.PC})
	if errors.Is(err, ErrUnavailable) {
		return Ring{}, err
	}
	off := ""
	if err == nil {
		r.position = at
	}
	switch {
	case err != nil || at.pc >= len(at.block.Code):
		off = "the step that planned it is not there any more"
	case t.Seq > MaxChain:
		r.event(Event{Level: LevelFailure, Code: EventLimitChain,
			Text: fmt.Sprintf("stopped after %d blocks that each planned the next without a word from the person", MaxChain)})
		return Ring{Events: r.turn.Events}, nil
	case t.UnlessReplied && s.Identity.LastInboundAt.After(t.PlannedAt):
		off = "the person has replied"
	default:
		off = r.calledOff()
	}
	if off != "" {
		r.event(Event{Level: LevelInfo, Code: EventCalledOff, Text: "what was planned is not sent: " + off, Extra: r.planned(t)})
		return Ring{Events: r.turn.Events}, nil
	}
	if next := t.Between.Next(r.now.In(r.Place().Locale.Zone)); next.After(r.now) {
		return Ring{Postpone: next.UTC()}, nil
	}
	return Ring{Send: true}, nil
}

// calledOff asks the step that planned something why it is not wanted any more,
// "" when it is. What cannot be told is not sent: nobody is reminded of what
// may be settled.
func (r *run) calledOff() string {
	off, err := blocks.CalledOff(r.block.Code[r.pc], r)
	switch {
	case err != nil:
		r.event(Event{Level: LevelFailure, Code: blocks.ReportExpression, Text: err.Error()})
		return "whether it is still wanted could not be told"
	case off:
		return "cancel_when holds"
	}
	return ""
}

// planned names a timer in an event.
func (r *run) planned(t *Timer) map[string]any {
	extra := map[string]any{"block_id": t.Block}
	if !strings.HasPrefix(t.Key, anonymous) {
		extra["key"] = t.Key
	}
	return extra
}

// anonymous begins the keys of what was planned without one; no author's key
// begins so.
const anonymous = "~"

func authored(key string) string { return strings.TrimLeft(key, anonymous) }

// schedule plans a delivery.
func (r *run) schedule(c blocks.Schedule) {
	at := c.At
	if at.IsZero() {
		at = r.now.Add(c.For)
	}
	extra := map[string]any{"block_id": c.Block}
	switch {
	case at.Before(r.now) && !c.EvenIfPast:
		r.event(Event{Level: LevelInfo, Code: EventPast, Text: "nothing is planned: " + at.Format(time.RFC3339) + " has passed", Extra: extra})
		return
	case at.Sub(r.now) > blocks.MaxLater:
		r.event(Event{Level: LevelWarning, Code: EventFar, Text: "nothing is planned: " + at.Format(time.RFC3339) + " is more than a year away", Extra: extra})
		return
	case len(r.turn.Timers) == MaxTimersPerTurn:
		r.limit(EventLimitTimers, fmt.Sprintf("stopped after %d planned blocks", MaxTimersPerTurn))
		return
	case at.Before(r.now):
		at = r.now
	}
	key := authored(c.Key)
	if key == "" {
		key = anonymous + r.key() + "." + strconv.Itoa(r.timers)
	}
	r.timers++
	r.turn.Timers, r.turn.Canceled = withoutTimer(r.turn.Timers, key), without(r.turn.Canceled, key)
	r.turn.Timers = append(r.turn.Timers, Timer{
		BotID: r.s.Bot.ID, IdentityID: r.s.Identity.ID, Key: key, Block: c.Block, DueAt: c.Between.Next(at.In(r.Place().Locale.Zone)).UTC(),
		VersionID: r.version, Planner: r.block.ID, PC: r.pc, PlannedAt: later(r.now, r.s.Identity.LastInboundAt),
		UnlessReplied: c.UnlessReplied, Between: c.Between, Attributes: r.brought(), Origin: r.talk.origin, Seq: 1, Intent: IntentUtility,
	})
}

// brought is what the send brought and the flow has not set since.
func (r *run) brought() Values {
	if len(r.talk.attributes) == 0 {
		return nil
	}
	kept := make(Values, len(r.talk.attributes))
	for name, value := range r.talk.attributes {
		if !slices.Contains(r.talk.changed, name) {
			kept[name] = value
		}
	}
	return kept
}

// unschedule takes back what is planned by an author's key.
func (r *run) unschedule(key string) {
	if key = authored(key); key == "" {
		return
	}
	r.turn.Timers, r.turn.Canceled = withoutTimer(r.turn.Timers, key), with(r.turn.Canceled, key)
}

func withoutTimer(list []Timer, key string) []Timer {
	return slices.DeleteFunc(list, func(t Timer) bool { return t.Key == key })
}
