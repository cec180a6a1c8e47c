package simulate

import (
	"context"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
)

// Act is one thing a person, or a system around the bot, does.
type Act interface {
	do(ctx context.Context, p *Play) ([]*Scene, error)
}

type (
	// Say writes a message.
	Say struct{ Text string }
	// Tap taps a button: the nth, from 1, of the last turn that showed any, or
	// the last one shown under a title. Picked is what a picker of the platform
	// answers: a date, a phone number.
	Tap struct {
		Number int
		Title  string
		Picked string
	}
	// Wait lets time pass; whatever falls due on the way happens.
	Wait struct{ For time.Duration }
	// Send gives the person a block or module from outside, as the API does.
	Send struct {
		Block string // name, id or alias
		With  map[string]any
	}
	// Event posts an event of the person's to the API: the block that a
	// trigger names for it is sent.
	Event struct {
		Name string
		With map[string]any
	}
	// Place sends a place on the map.
	Place struct{ blocks.Location }
	// Media sends a picture, film, sound or file.
	Media struct {
		Kind string // blocks.Image, Video, Audio or File
		URL  string
	}
	// Sticker sends a sticker.
	Sticker struct{}
	// Follow adds the account, as somebody new or somebody who left does.
	Follow struct{}
	// Unfollow leaves.
	Unfollow struct{}
	// Referral comes by a link with a ref.
	Referral struct{ Ref string }
	// Postback taps a button that is not ours.
	Postback struct{ Data string }
	// HandOver lets a person of the shop lead the conversation for a while.
	HandOver struct{ For time.Duration }
)

const (
	// maxDue is how much may fall due within one wait.
	maxDue = 1000
	// ShortPause is how long a pause may be that passes by itself: nobody
	// types while the bot shows that it is typing.
	ShortPause = 10 * time.Second
)

// Do does one thing and returns the turns it led to, oldest first; short pauses
// pass by themselves. A mistake of whoever plays is an *engine.Error, and
// nothing has happened then.
func (p *Play) Do(ctx context.Context, a Act) ([]*Scene, error) {
	scenes, err := a.do(ctx, p)
	for range maxDue {
		if err != nil {
			break
		}
		s, wrong := p.chat.Session()
		if wrong != nil || s == nil || s.Reply || s.Until.IsZero() || s.Until.Sub(p.clock.Now()) > ShortPause {
			return scenes, wrong
		}
		var scene *Scene
		if scene, err = p.ring(ctx, s); err == nil {
			scenes = append(scenes, scene)
		}
	}
	return scenes, err
}

// ring lets time pass until a wait ends, and ends it.
func (p *Play) ring(ctx context.Context, s *engine.Session) (*Scene, error) {
	if left := s.Until.Sub(p.clock.Now()); left > 0 {
		p.clock.Advance(left)
	}
	return p.hears(ctx, engine.Interaction{Kind: engine.DidTimer})
}

// one is the list of a single turn.
func one(s *Scene, err error) ([]*Scene, error) {
	if err != nil {
		return nil, err
	}
	return []*Scene{s}, nil
}

func (p *Play) message(ctx context.Context, in blocks.Input) ([]*Scene, error) {
	return one(p.hears(ctx, engine.Interaction{Kind: engine.DidMessage, Inbound: engine.Inbound{Input: &in}}))
}

func (p *Play) happens(ctx context.Context, kind engine.InteractionKind, data string) ([]*Scene, error) {
	return one(p.hears(ctx, engine.Interaction{Kind: kind, Inbound: engine.Inbound{Data: data}}))
}

func (a Say) do(ctx context.Context, p *Play) ([]*Scene, error) {
	return p.message(ctx, blocks.Input{Kind: blocks.InputText, Text: a.Text})
}

func (a Place) do(ctx context.Context, p *Play) ([]*Scene, error) {
	return p.message(ctx, blocks.Input{Kind: blocks.InputLocation, Location: &a.Location})
}

func (a Media) do(ctx context.Context, p *Play) ([]*Scene, error) {
	return p.message(ctx, blocks.Input{Kind: blocks.InputMedia, Media: &blocks.Received{Type: a.Kind, URL: a.URL}})
}

func (Sticker) do(ctx context.Context, p *Play) ([]*Scene, error) {
	return p.message(ctx, blocks.Input{Kind: blocks.InputSticker})
}

// do follows, which agrees to broadcasts, unless the person has said no before.
func (Follow) do(ctx context.Context, p *Play) ([]*Scene, error) {
	i := p.chat.Situation.Identity
	i.BlockedAt = time.Time{}
	if i.UnsubscribedAt.IsZero() && i.SubscribedAt.IsZero() {
		i.SubscribedAt = p.clock.Now()
	}
	return p.happens(ctx, engine.DidFollow, "")
}

func (Unfollow) do(ctx context.Context, p *Play) ([]*Scene, error) {
	p.chat.Situation.Identity.BlockedAt = p.clock.Now()
	return p.happens(ctx, engine.DidUnfollow, "")
}

func (a Referral) do(ctx context.Context, p *Play) ([]*Scene, error) {
	return p.happens(ctx, engine.DidReferral, a.Ref)
}

func (a Postback) do(ctx context.Context, p *Play) ([]*Scene, error) {
	return p.happens(ctx, engine.DidPostback, a.Data)
}

func (a HandOver) do(_ context.Context, p *Play) ([]*Scene, error) {
	i := p.chat.Situation.Identity
	i.Conversation, i.ConversationUntil = engine.ConversationAgent, p.clock.Now().Add(a.For)
	return nil, nil
}

func (a Wait) do(ctx context.Context, p *Play) ([]*Scene, error) {
	var scenes []*Scene
	end := p.clock.Now().Add(a.For)
	for range maxDue {
		scene, more, err := p.next(ctx, end)
		if err != nil {
			return scenes, err
		}
		if !more {
			break
		}
		if scene != nil {
			scenes = append(scenes, scene)
		}
	}
	if left := end.Sub(p.clock.Now()); left > 0 {
		p.clock.Advance(left)
	}
	return scenes, nil
}
