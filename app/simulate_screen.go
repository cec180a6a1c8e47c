package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/simulate"
)

// chatScreen shows a conversation. The first error of its writer is kept, and
// nothing is written after it.
type chatScreen struct {
	out    io.Writer
	width  *runewidth.Condition
	blocks *engine.Library     // names what buttons go to
	mask   func(string) string // takes secrets out of a text; nil: there are none
	err    error
	n      int // buttons of the scene that were numbered
}

func newChatScreen(out io.Writer) *chatScreen {
	return &chatScreen{out: out, width: newTable().width}
}

func (s *chatScreen) write(text string) {
	if s.err == nil {
		_, s.err = io.WriteString(s.out, text)
	}
}

func (s *chatScreen) line(format string, args ...any) { s.write(fmt.Sprintf(format, args...) + "\n") }

// note tells what happened beside what is said.
func (s *chatScreen) note(format string, args ...any) {
	s.wrapped("  · ", "    ", fmt.Sprintf(format, args...))
}

// warn tells what is wrong.
func (s *chatScreen) warn(format string, args ...any) {
	s.wrapped("  ! ", "    ", fmt.Sprintf(format, args...))
}

// scene shows a turn: what is said, then what changed and what is waited for.
func (s *chatScreen) scene(t *simulate.Scene) {
	s.n = 0
	for i := range t.Messages {
		s.message(&t.Messages[i])
	}
	s.outcome(t)
	for _, q := range t.Requests {
		s.request(q)
	}
	s.changes(&t.Deltas)
	for _, e := range t.Events {
		if e.Level == engine.LevelInfo {
			s.note("%s", simulate.Told(e))
		} else {
			s.warn("%s", simulate.Told(e))
		}
	}
	for i := range t.Shown {
		s.shown(&t.Shown[i])
	}
	for _, p := range t.Planned {
		s.note("plans %s", p.Words(t.At))
	}
	s.told(t)
	if t.Waits != nil {
		s.note("%s", t.Waits.Words(t.At))
	}
}

// told shows what the bot's webhooks would be told.
func (s *chatScreen) told(t *simulate.Scene) {
	list, err := t.Tells()
	if err != nil {
		s.warn("%s", err)
	}
	for i := range list {
		s.note("%s", list[i].Words())
	}
}

// outcome says why nothing is said.
func (s *chatScreen) outcome(t *simulate.Scene) {
	switch {
	case len(t.Messages) > 0 || t.Typing > 0:
	case t.Failed != nil:
		s.warn("nothing is said: %s", t.Failed)
	case t.Outcome == engine.OutcomeNoMatch:
		s.note("nothing is said: no trigger is meant for this")
	case t.Outcome == engine.OutcomeHandedOver:
		s.note("nothing is said: a person leads the conversation")
	default:
		s.note("nothing is said")
	}
	if len(t.Missing) > 0 {
		s.warn("the caller should bring: %s", strings.Join(t.Missing, ", "))
	}
	if t.Typing > 0 {
		s.note("shows that it is typing for %s", expression.FormatDuration(t.Typing))
	}
}

func (s *chatScreen) request(q simulate.Request) {
	if s.mask != nil {
		q.URL, q.Body = s.mask(q.URL), s.mask(q.Body)
	}
	switch {
	case q.Status > 0:
		s.note("%s %s: answered %d", q.Method, q.URL, q.Status)
	case q.Stubbed:
		s.note("%s %s: the answer is lost", q.Method, q.URL)
	default:
		s.warn("%s %s: no stub answers; give one with --stub '%s=FILE'", q.Method, q.URL, q.URL)
	}
	if q.Body != "" {
		s.note("  with %s", oneLine(q.Body))
	}
}

func (s *chatScreen) changes(d *engine.Deltas) {
	for _, m := range []map[string]any{d.Set, d.Facts} {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			s.note("%s = %s", name, valueText(m[name]))
		}
	}
	for _, p := range d.Phones {
		s.note("phone = %s", valueText(p.E164))
	}
	for _, name := range d.Unset {
		s.note("%s is unset", name)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Bot)) {
		s.note("bot.%s = %s", name, valueText(d.Bot[name]))
	}
	for _, t := range d.AddTags {
		s.note("tagged %q", t)
	}
	for _, t := range d.DropTags {
		s.note("no longer tagged %q", t)
	}
	switch {
	case d.Subscribe == nil:
	case *d.Subscribe:
		s.note("agrees to broadcasts")
	default:
		s.note("takes no more broadcasts")
	}
	if d.Handover != nil && d.Handover.State == engine.ConversationAgent {
		s.note("handed over to a person: %s", orDash(d.Handover.Note))
	}
}

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

// shown tells what a channel makes of it, where that is more than the messages.
func (s *chatScreen) shown(t *simulate.Shown) {
	name := t.Channel.Name()
	if t.Calls > 1 {
		s.note("%s: %s in %s", name, counted(t.Objects, "message"), counted(t.Calls, "call"))
	}
	for _, w := range t.Warnings {
		s.warn("%s: %s", name, w.Message)
	}
}

// person shows all that is known of who writes.
func (s *chatScreen) person(p *simulate.Play) {
	c, i := p.Contact(), p.Identity()
	known := map[string]any{}
	for name, value := range simulate.Facts(c) {
		if value != "" {
			known[name] = value
		}
	}
	maps.Copy(known, c.Attributes)
	for _, name := range slices.Sorted(maps.Keys(known)) {
		s.note("%s = %s", name, valueText(known[name]))
	}
	if len(c.Tags) > 0 {
		s.note("tags = %s", strings.Join(c.Tags, ", "))
	}
	s.note("subscribed = %t", !i.SubscribedAt.IsZero())
	if i.HandedOver(p.Now()) {
		s.note("a person leads the conversation until %s", i.ConversationUntil.In(p.Zone()).Format(simulate.ClockForm))
	}
	waits, err := p.Waits()
	switch {
	case err != nil:
		s.warn("%s", err)
	case waits != nil:
		s.note("%s", waits.Words(p.Now()))
	default:
		s.note("nothing is waited for")
	}
}

// bytes shows what the channels would send.
func (s *chatScreen) bytes(t *simulate.Scene) {
	if t == nil {
		s.warn("nothing has been said yet")
		return
	}
	for i := range t.Shown {
		for n, payload := range t.Shown[i].Payloads {
			var b bytes.Buffer
			if err := json.Indent(&b, payload.Body, "", "  "); err != nil {
				b.Reset()
				b.Write(payload.Body)
			}
			s.line("%s, call %d:\n%s", t.Shown[i].Channel.Name(), n+1, b.String())
		}
	}
}

// valueText is a value as JSON, with people's letters as they are.
func valueText(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSpace(b.String())
}
