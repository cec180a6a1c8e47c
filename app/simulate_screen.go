package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/simulate"
)

// screenWidth is how many columns a line of a message may take.
const screenWidth = 96

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

// message shows one message with its buttons.
func (s *chatScreen) message(m *blocks.Message) {
	switch p := m.Part.(type) {
	case *blocks.Text:
		s.said(p.Text)
		s.buttons(p.Buttons)
	case *blocks.Media:
		s.said(strings.Join(strings.Fields("("+p.Kind+") "+p.Name+" "+p.URL), " "))
		s.buttons(p.Buttons)
	case *blocks.Carousel:
		for i := range p.Cards {
			s.card(&p.Cards[i])
		}
	case *blocks.ImageCarousel:
		for i := range p.Columns {
			s.column(&p.Columns[i])
		}
	case *blocks.Location:
		s.said(fmt.Sprintf("(location) %s\n%s\n%g, %g", p.Title, p.Address, p.Latitude, p.Longitude))
	case *blocks.Raw:
		s.said("(raw, " + p.Channel + ") " + string(p.Payload))
	}
	for i := range m.QuickReplies {
		s.button("(", ")", &m.QuickReplies[i])
	}
}

func (s *chatScreen) card(c *blocks.Card) {
	text := c.Title
	if c.Subtitle != "" {
		text += "\n" + c.Subtitle
	}
	if c.ImageURL != "" {
		text += "\n(image) " + c.ImageURL
	}
	s.boxed(text)
	s.tap(c.Tap)
	s.buttons(c.Buttons)
}

func (s *chatScreen) column(c *blocks.Column) {
	text := "(image) " + c.ImageURL
	if c.Badge != nil {
		text = "[" + c.Badge.Text + "] " + text
	}
	s.boxed(text)
	s.tap(c.Tap)
	if c.Button != nil {
		s.button("[", "]", c.Button)
	}
}

func (s *chatScreen) tap(b *blocks.Button) {
	if b != nil {
		s.button("[", "]", b)
	}
}

func (s *chatScreen) buttons(bs []blocks.Button) {
	for i := range bs {
		s.button("[", "]", &bs[i])
	}
}

// button shows a button's number, title and what it does.
func (s *chatScreen) button(open, shut string, b *blocks.Button) {
	s.n++
	title := b.Title
	if title == "" {
		title = "a tap on it"
	}
	s.wrapped(fmt.Sprintf("      %s%d%s ", open, s.n, shut), "          ", oneLine(title)+s.does(b))
}

// does says what a button does, where its title does not.
func (s *chatScreen) does(b *blocks.Button) string {
	switch b.Action {
	case blocks.ActionGoto, blocks.ActionSubscribe, blocks.ActionUnsubscribe:
		name := ""
		if _, to, ok := s.blocks.Block(b.Value); ok {
			name = " → " + to.Name
		}
		if b.Action != blocks.ActionGoto {
			return " (" + string(b.Action) + ")" + name
		}
		return name
	case blocks.ActionSay:
		if b.Value != b.Title {
			return fmt.Sprintf(" (says %q)", oneLine(b.Value))
		}
		return ""
	case blocks.ActionURL, blocks.ActionCall:
		return " → " + b.Value
	}
	return " (" + asked(b.Action) + ")"
}

// asked is what a platform's own dialogue asks for.
func asked(a blocks.Action) string {
	switch a {
	case blocks.ActionAskTime:
		return "opens a calendar"
	case blocks.ActionAskLocation:
		return "opens a map"
	case blocks.ActionAskPhone:
		return "shares the phone number"
	case blocks.ActionAskEmail:
		return "shares the e-mail address"
	}
	return strings.ReplaceAll(string(a), "_", " ")
}

func (s *chatScreen) said(text string)  { s.wrapped("  ", "  ", text) }
func (s *chatScreen) boxed(text string) { s.wrapped("  ┌ ", "  │ ", text) }

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

// wrapped writes a text, its lines broken so that none is wider than the
// screen; first stands before the first line and rest before the others.
func (s *chatScreen) wrapped(first, rest, text string) {
	before := first
	for _, paragraph := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		for _, line := range s.broken(oneLine(paragraph), screenWidth-s.width.StringWidth(rest)) {
			s.write(strings.TrimRight(before+line, " ") + "\n")
			before = rest
		}
	}
}

// broken breaks a line at spaces, and between wide letters, where no spaces
// are written.
func (s *chatScreen) broken(line string, most int) []string {
	var lines []string
	for s.width.StringWidth(line) > most {
		at := s.breakAt(line, most)
		lines = append(lines, strings.TrimRight(line[:at], " "))
		line = strings.TrimLeft(line[at:], " ")
	}
	return append(lines, line)
}

// breakAt is the byte before which a line is broken.
func (s *chatScreen) breakAt(line string, most int) int {
	used, best := 0, 0
	previous := rune(0)
	for i, r := range line {
		w := s.width.RuneWidth(r)
		if i > 0 && (r == ' ' || breaksBefore(previous, r, s.width)) {
			best = i
		}
		if used+w > most && i > 0 {
			if best == 0 {
				return i // one long word, such as an address
			}
			return best
		}
		used += w
		previous = r
	}
	return len(line)
}

// breaksBefore reports whether a line may be broken between two letters: beside
// a wide one, but not before a mark that ends something.
func breaksBefore(previous, r rune, w *runewidth.Condition) bool {
	if w.RuneWidth(r) == 0 || unicode.In(r, unicode.Pe, unicode.Pf, unicode.Po) || unicode.In(previous, unicode.Ps, unicode.Pi) {
		return false
	}
	return previous == ' ' || w.RuneWidth(previous) == 2 || w.RuneWidth(r) == 2
}
