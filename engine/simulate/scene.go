package simulate

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// Scene is one turn, as whoever plays sees it.
type Scene struct {
	*engine.Turn
	At       time.Time // in the person's zone
	Began    string    // name of the block that began to run, "" when none did
	Requests []Request
	Missing  []string // of a send: attributes its entry needs that nobody knows
	Waits    *Waiting // what is open afterwards, nil when nothing is
	Planned  []Planned
	Shown    []Shown // by channel, in the order of Config.Channels
}

// Planned is a block that the turn has planned.
type Planned struct {
	Block string // its name
	DueAt time.Time
}

// Words says what is planned and when, in the zone of now, as people read it.
func (p *Planned) Words(now time.Time) string {
	left := expression.FormatDuration(max(p.DueAt.Sub(now), 0).Round(time.Second))
	return fmt.Sprintf("block %q in %s, on %s", p.Block, left, p.DueAt.In(now.Location()).Round(time.Second).Format(ClockForm))
}

// Pause is what a Waiting is for that no answer ends.
const Pause = "pause"

// Waiting is what a conversation waits for.
type Waiting struct {
	Block   string    // its name
	For     string    // what kind of answer, or Pause
	Attempt int       // which answer is awaited, from 1
	Until   time.Time // when it ends by itself, zero for never
}

// Words says what is waited for, as people read it.
func (w *Waiting) Words(now time.Time) string {
	text := "waits for " + w.For
	if w.For == Pause {
		text = "pauses"
	}
	text += fmt.Sprintf(" in block %q", w.Block)
	if w.Attempt > 1 {
		text += fmt.Sprintf(", attempt %d", w.Attempt)
	}
	if !w.Until.IsZero() {
		text += ", ends in " + expression.FormatDuration(max(w.Until.Sub(now), 0).Round(time.Second))
	}
	return text
}

// Told is an event as its author reads it.
func Told(e engine.Event) string {
	text := e.Code + ": " + e.Text
	if e.Block != "" {
		text += fmt.Sprintf(" (in block %q)", e.Block)
	}
	return text
}

// Shown is what a channel makes of the messages of a turn.
type Shown struct {
	Channel  channels.Kind
	Calls    int // payloads
	Objects  int // the platform's messages in them
	Warnings []channels.Warning
	Payloads []channels.Payload
}

func readShown(kind channels.Kind, r *engine.Render) (*Shown, error) {
	s := &Shown{Channel: kind}
	if err := json.Unmarshal(r.Payloads, &s.Payloads); err != nil {
		return nil, fmt.Errorf("read the payloads: %w", err)
	}
	s.Calls = len(s.Payloads)
	for _, p := range s.Payloads {
		s.Objects += p.Messages
		s.Warnings = append(s.Warnings, p.Warnings...)
	}
	return s, nil
}

// Buttons are the scene's buttons as a person counts them: each message's own
// from first to last, then its quick replies.
func (s *Scene) Buttons() []*blocks.Button {
	var all []*blocks.Button
	for i := range s.Messages {
		s.Messages[i].Buttons(func(b *blocks.Button) { all = append(all, b) })
	}
	return all
}

// Words are what there is to read in a message, without its buttons: a text, or
// the titles and texts of cards, each on a line, or the address of a picture,
// or the JSON of what is raw.
func Words(m *blocks.Message) string {
	var lines []string
	add := func(words ...string) {
		for _, w := range words {
			if w != "" {
				lines = append(lines, w)
			}
		}
	}
	switch p := m.Part.(type) {
	case *blocks.Text:
		add(p.Text)
	case *blocks.Media:
		add(p.Name, p.URL)
	case *blocks.Carousel:
		for i := range p.Cards {
			add(p.Cards[i].Title, p.Cards[i].Subtitle)
		}
	case *blocks.ImageCarousel:
		for i := range p.Columns {
			if b := p.Columns[i].Badge; b != nil {
				add("[" + b.Text + "]")
			}
			add(p.Columns[i].ImageURL)
		}
	case *blocks.Location:
		add(p.Title, p.Address)
	case *blocks.Raw:
		add(string(p.Payload))
	case *blocks.ApprovedTemplate:
		add(p.Name)
		add(p.Body...)
	}
	return strings.Join(lines, "\n")
}

// Title is what a person sees of a button; a tap on a picture or card has
// none.
func Title(b *blocks.Button) string {
	if b.Title != "" {
		return b.Title
	}
	return "(tap)"
}
