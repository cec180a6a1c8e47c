package enginetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/simulate"
)

// Player is one person who talks with a bot: a simulate.Chat whose mistakes end
// the test. Its fields may be changed between turns.
type Player struct {
	*simulate.Chat
	Clock     *Clock
	Responses []Response // to requests, one after the other; then they fail
	Requests  []Request  // made since the last look
	Turns     []*engine.Turn

	t testing.TB
}

// Response answers a request of a flow. A Status of 0 is an answer that never
// came.
type Response struct {
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body,omitempty"`
}

// Request is a call of an author's URL that a turn made.
type Request struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
}

// NewPlayer makes a person on a LINE account of a shop in Vietnam.
func NewPlayer(t testing.TB, l *engine.Library) *Player {
	t.Helper()
	p := &Player{t: t, Clock: NewClock()}
	deps := DepsAt(t, p.Clock)
	deps.Fetch = p.fetch
	bot := &engine.Bot{ID: "b00000000000000000000001", Name: "Shop", TimeZone: "Asia/Ho_Chi_Minh", DefaultRegion: "VN"}
	p.Chat = simulate.NewChat(engine.Situation{
		Bot:     bot,
		Account: &engine.Account{ID: "a00000000000000000000001", BotID: bot.ID, Channel: "line", ExternalID: "Ushop", Name: "Shop OA", State: engine.AccountActive},
		Contact: &engine.Contact{ID: 101, BotID: bot.ID, Name: "Mai", FirstName: "Mai"},
		Identity: &engine.Identity{ID: 201, AccountID: "a00000000000000000000001", ExternalID: "Umai", ContactID: 101,
			SubscribedAt: Began, CreatedAt: Began},
		Library: l,
	}, deps)
	return p
}

// Hears gives the bot one input and returns the turn it made of it.
func (p *Player) Hears(in engine.Interaction) *engine.Turn {
	p.t.Helper()
	return p.made(p.Hear(p.t.Context(), in))
}

// made keeps a turn.
func (p *Player) made(turn *engine.Turn, err error) *engine.Turn {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	p.Turns = append(p.Turns, turn)
	return turn
}

// Text writes a message.
func (p *Player) Text(text string) *engine.Turn {
	p.t.Helper()
	return p.Input(blocks.Input{Kind: blocks.InputText, Text: text})
}

// Input sends a message of any kind.
func (p *Player) Input(in blocks.Input) *engine.Turn {
	p.t.Helper()
	return p.Hears(engine.Interaction{Kind: engine.DidMessage, Inbound: engine.Inbound{Input: &in}})
}

// Tap taps the nth button, from 1, of those a turn said, the quick replies
// last.
func (p *Player) Tap(turn *engine.Turn, n int) *engine.Turn {
	p.t.Helper()
	return p.made(p.Chat.Tap(p.t.Context(), p.button(turn, n), nil))
}

// Pick answers the nth button of a turn by the platform's own picker.
func (p *Player) Pick(turn *engine.Turn, n int, picked string) *engine.Turn {
	p.t.Helper()
	return p.made(p.Chat.Tap(p.t.Context(), p.button(turn, n), &blocks.Input{Kind: blocks.InputPicked, Text: picked}))
}

// Wait lets time pass; when the session's wait ends within it, the turn is the
// timer's, else that of what was planned first, if its time has come, else nil.
func (p *Player) Wait(d time.Duration) *engine.Turn {
	p.t.Helper()
	p.Clock.Advance(d)
	s, err := p.Session()
	if err != nil {
		p.t.Fatal(err)
	}
	if s != nil && !s.Until.IsZero() && !p.Clock.Now().Before(s.Until) {
		return p.Hears(engine.Interaction{Kind: engine.DidTimer})
	}
	if t := p.Planned(); t != nil && !p.Clock.Now().Before(t.DueAt) {
		return p.made(p.Ring(p.t.Context()))
	}
	return nil
}

// Send gives the person a block, by name, id or alias.
func (p *Player) Send(block string, attributes map[string]any) *engine.Turn {
	p.t.Helper()
	_, b, err := p.Situation.Library.Find(block)
	if err != nil {
		p.t.Fatalf("send %q: %v", block, err)
	}
	return p.made(p.Chat.Send(p.t.Context(), b.ID, attributes))
}

// Said returns the texts of a turn's messages, for short tests.
func Said(turn *engine.Turn) []string {
	var said []string
	for _, m := range turn.Messages {
		if text, ok := m.Part.(*blocks.Text); ok {
			said = append(said, text.Text)
		} else {
			said = append(said, fmt.Sprintf("%T", m.Part))
		}
	}
	return said
}

func (p *Player) button(turn *engine.Turn, n int) *blocks.Button {
	p.t.Helper()
	var all []*blocks.Button
	if turn != nil {
		for i := range turn.Messages {
			turn.Messages[i].Buttons(func(b *blocks.Button) { all = append(all, b) })
		}
	}
	if n < 1 || n > len(all) {
		p.t.Fatalf("there is no button %d: the turn said %d", n, len(all))
	}
	return all[n-1]
}

func (p *Player) fetch(_ context.Context, q *blocks.Request) (*blocks.Response, error) {
	p.Requests = append(p.Requests, Request{q.Method, q.URL, q.Headers, string(q.Body)})
	if len(p.Responses) == 0 {
		return nil, errors.New("nobody answers")
	}
	r := p.Responses[0]
	p.Responses = p.Responses[1:]
	if r.Status == 0 {
		return nil, errors.New("no answer came in time")
	}
	return &blocks.Response{Status: r.Status, Headers: map[string]string{"content-type": "application/json"}, Body: bytes.Clone(r.Body)}, nil
}
