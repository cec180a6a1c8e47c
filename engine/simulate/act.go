package simulate

import (
	"context"
	"fmt"
	"strconv"
	"strings"
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

// Following agrees to broadcasts, unless the person has said no before.
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

func (a Send) do(ctx context.Context, p *Play) ([]*Scene, error) {
	_, b, err := p.chat.Situation.Library.Find(a.Block)
	if err != nil {
		return nil, err
	}
	deltas, values, err := p.typed(a.With)
	if err != nil {
		return nil, err
	}
	engine.Merge(&deltas, p.chat.Situation.Contact)
	missing := p.missing(b.Needs, values)
	turn, err := p.chat.Send(ctx, b.ID, values)
	if err != nil {
		return nil, err
	}
	scene, err := p.scene(turn)
	if err != nil {
		return nil, err
	}
	scene.Missing = missing
	return []*Scene{scene}, nil
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

func (a Tap) do(ctx context.Context, p *Play) ([]*Scene, error) {
	b, err := p.button(a)
	if err != nil {
		return nil, err
	}
	var given *blocks.Input
	switch b.Action {
	case blocks.ActionURL, blocks.ActionCall:
		return nil, wrong("tap", "the button %q opens %s on the phone: the bot hears nothing of it", Title(b), b.Value)
	case blocks.ActionAskLocation:
		return nil, wrong("tap", "the button %q opens a map: send a place instead", Title(b))
	case blocks.ActionAskTime:
		if a.Picked == "" {
			return nil, wrong("tap", "the button %q opens a calendar: say what is picked there, such as %s", Title(b), pickedLike(b.Value))
		}
		given = &blocks.Input{Kind: blocks.InputPicked, Text: a.Picked}
	case blocks.ActionAskPhone, blocks.ActionAskEmail:
		if a.Picked == "" {
			return nil, wrong("tap", "the button %q asks for what the person shares: say what that is", Title(b))
		}
		given = &blocks.Input{Kind: blocks.InputTap, Text: a.Picked}
	default:
		if a.Picked != "" {
			return nil, wrong("tap", "the button %q opens no picker", Title(b))
		}
	}
	turn, err := p.chat.Tap(ctx, b, given)
	if err != nil {
		return nil, err
	}
	return one(p.scene(turn))
}

// pickedLike is what a picker of a kind answers.
func pickedLike(kind string) string {
	switch kind {
	case "time":
		return "09:30"
	case "datetime":
		return "2026-03-04T09:30"
	}
	return "2026-03-04"
}

// button finds the button a tap means.
func (p *Play) button(a Tap) (*blocks.Button, error) {
	if a.Number > 0 {
		return p.numbered(a.Number)
	}
	for _, fold := range []func(string) string{blocks.Fold, blocks.FoldLoose} {
		for i := len(p.scenes) - 1; i >= 0; i-- {
			if b, err := p.scenes[i].titled(a.Title, fold); b != nil || err != nil {
				return b, err
			}
		}
	}
	e := wrong("tap", "no button %q was shown", a.Title)
	if e.Hint = blocks.DidYouMean(a.Title, p.titles()); e.Hint == "" {
		e.Hint = p.offered()
	}
	return nil, e
}

// titled finds the scene's button of a title, nil when there is none. Where
// several have it, only a number says which is meant.
func (s *Scene) titled(title string, fold func(string) string) (*blocks.Button, error) {
	var found *blocks.Button
	var numbers []string
	for i, b := range s.Buttons() {
		if b.Title != "" && fold(b.Title) == fold(title) {
			found = b
			numbers = append(numbers, strconv.Itoa(i+1))
		}
	}
	if len(numbers) > 1 {
		e := wrong("tap", "%d buttons have the title %q", len(numbers), title)
		e.Hint = "tap one by its number: " + strings.Join(numbers, ", ")
		return nil, e
	}
	return found, nil
}

// titles are those of all buttons shown so far.
func (p *Play) titles() []string {
	var titles []string
	for _, s := range p.scenes {
		for _, b := range s.Buttons() {
			titles = append(titles, b.Title)
		}
	}
	return titles
}

func (p *Play) numbered(n int) (*blocks.Button, error) {
	all := p.lastButtons()
	if n <= len(all) {
		return all[n-1], nil
	}
	e := wrong("tap", "there is no button %d", n)
	e.Hint = p.offered()
	return nil, e
}

// lastButtons are those of the last turn that showed any.
func (p *Play) lastButtons() []*blocks.Button {
	for i := len(p.scenes) - 1; i >= 0; i-- {
		if all := p.scenes[i].Buttons(); len(all) > 0 {
			return all
		}
	}
	return nil
}

// offered lists the buttons that can be tapped by number.
func (p *Play) offered() string {
	all := p.lastButtons()
	if len(all) == 0 {
		return "no button has been shown yet"
	}
	list := make([]string, len(all))
	for i, b := range all {
		list[i] = strconv.Itoa(i+1) + " " + Title(b)
	}
	return fmt.Sprintf("there are: %s", strings.Join(list, ", "))
}
