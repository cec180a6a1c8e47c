// Package simulate lets a person talk with flows that nobody has published: in
// a terminal, in a test script, in memory. Turns are made by the same engine
// and rendered by the same channels as in service; it does around them what
// inbox, outbox and store do. It knows no file, no terminal and no database,
// and sends nothing to anybody.
package simulate

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
)

// Ids of what a chat counts from, far enough apart to tell them from each
// other in what is printed.
const (
	firstInput = 1000
	firstSend  = 5000
)

// Chat is one person's conversation with a bot. The session is written to JSON
// and read back between any two turns, and what a turn changed is there for
// the next. Its Situation may be changed between turns, all but the Session.
type Chat struct {
	Situation engine.Situation

	now     func() time.Time
	engine  *engine.Engine
	session []byte
	inputs  int64
	sends   int64
	timers  []engine.Timer
	planned int64 // timers so far
}

// NewChat begins a conversation.
func NewChat(s engine.Situation, deps engine.Deps) *Chat {
	return &Chat{Situation: s, now: deps.Now, engine: engine.New(deps)}
}

// Hear gives the bot one input and returns the turn it made of it.
func (c *Chat) Hear(ctx context.Context, in engine.Interaction) (*engine.Turn, error) {
	now := c.now()
	s := &c.Situation
	if in.Kind != engine.DidTimer {
		c.inputs++
		in.ID = firstInput + c.inputs
		s.Identity.LastInboundAt = now
	}
	in.BotID, in.AccountID, in.IdentityID, in.ContactID = s.Bot.ID, s.Account.ID, s.Identity.ID, s.Contact.ID
	in.OccurredAt, in.ReceivedAt = now, now
	if err := c.restore(); err != nil {
		return nil, err
	}
	turn := c.engine.Resume(ctx, *s, &in)
	return turn, c.commit(turn)
}

// Tap taps a button; given is what a dialogue of the platform answered, nil for
// a plain tap.
func (c *Chat) Tap(ctx context.Context, b *blocks.Button, given *blocks.Input) (*engine.Turn, error) {
	stored, err := asStored(b)
	if err != nil {
		return nil, err
	}
	in := engine.Inbound{Block: stored.Value, Input: &blocks.Input{Kind: blocks.InputTap, Text: stored.Title, Tap: stored}}
	if given != nil {
		heard := *given
		heard.Tap = stored
		in = engine.Inbound{Input: &heard}
	}
	return c.Hear(ctx, engine.Interaction{Kind: engine.DidTap, Inbound: in})
}

// Send gives the person a block, by id.
func (c *Chat) Send(ctx context.Context, block string, attributes map[string]any) (*engine.Turn, error) {
	return c.send(ctx, block, attributes, 0)
}

// send gives a block that was the nth to be planned one by the other.
func (c *Chat) send(ctx context.Context, block string, attributes map[string]any, nth int) (*engine.Turn, error) {
	c.sends++
	if err := c.restore(); err != nil {
		return nil, err
	}
	turn := c.engine.Start(ctx, c.Situation, engine.Start{Block: block, Attributes: attributes,
		SendID: fmt.Sprintf("%024x", c.sends), DeliveryID: firstSend + c.sends, Seed: uint64(firstSend + c.sends)})
	for i := range turn.Timers {
		turn.Timers[i].Seq = nth + 1
	}
	return turn, c.commit(turn)
}

// Session is what is open now, nil when nothing is.
func (c *Chat) Session() (*engine.Session, error) {
	err := c.restore()
	return c.Situation.Session, err
}

// asStored is a button as the store gives it back.
func asStored(b *blocks.Button) (*blocks.Button, error) {
	text, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("write the button: %w", err)
	}
	var stored blocks.Button
	if err := json.Unmarshal(text, &stored); err != nil {
		return nil, fmt.Errorf("read the button: %w", err)
	}
	return &stored, nil
}

// restore reads the session as a database would give it.
func (c *Chat) restore() error {
	c.Situation.Session = nil
	if c.session == nil {
		return nil
	}
	var s engine.Session
	if err := json.Unmarshal(c.session, &s); err != nil {
		return fmt.Errorf("read the session: %w", err)
	}
	s.IdentityID = c.Situation.Identity.ID
	c.Situation.Session = &s
	return nil
}

// commit does what a turn says.
func (c *Chat) commit(turn *engine.Turn) error {
	if turn.Touched {
		c.session = nil
		if turn.Session != nil {
			text, err := json.Marshal(turn.Session)
			if err != nil {
				return fmt.Errorf("write the session: %w", err)
			}
			c.session = text
		}
	}
	s := &c.Situation
	engine.Merge(&turn.Deltas, s.Contact)
	engine.MergeIdentity(&turn.Deltas, s.Identity, c.now())
	for name, v := range turn.Deltas.Bot {
		if s.BotValues == nil {
			s.BotValues = map[string]any{}
		}
		s.BotValues[name] = v
		if v == nil {
			delete(s.BotValues, name)
		}
	}
	return c.plan(turn)
}
