package simulate

import (
	"context"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
)

func (a Send) do(ctx context.Context, p *Play) ([]*Scene, error) {
	_, b, err := p.chat.Situation.Library.Find(a.Block)
	if err != nil {
		return nil, err
	}
	return p.given(ctx, b, a.With)
}

func (a Event) do(ctx context.Context, p *Play) ([]*Scene, error) {
	s := &p.chat.Situation
	_, t, ok := s.Library.Match(engine.On{Kind: engine.OnEvent, Data: a.Name, Channel: s.Account.Channel, AccountID: s.Account.ID,
		AccountExternalID: s.Account.ExternalID, HandedOver: s.Identity.HandedOver(p.clock.Now())})
	if !ok {
		e := wrong("event", "no trigger is meant for the event %q here: nothing is started", a.Name)
		e.Hint = p.awaited(a.Name)
		return nil, e
	}
	_, b, ok := s.Library.Block(t.Block)
	if !ok {
		return nil, wrong("event", "the block that the event %q starts is not there", a.Name)
	}
	return p.given(ctx, b, a.With)
}

// awaited hints at the events that triggers wait for.
func (p *Play) awaited(name string) string {
	var names []string
	for _, f := range p.chat.Situation.Library.Flows {
		for i := range f.Program.Triggers {
			if t := &f.Program.Triggers[i]; t.On == engine.OnEvent && !slices.Contains(names, t.Event) {
				names = append(names, t.Event)
			}
		}
	}
	if slices.Contains(names, name) {
		return `its trigger is for another channel or account, or waits until nobody leads the conversation ("even_if_handed_over")`
	}
	if len(names) == 0 {
		return `a trigger waits for one by {"on": "event", "event": "…", "block": "…"}`
	}
	if hint := blocks.DidYouMean(name, names); hint != "" {
		return hint
	}
	return "triggers wait for: " + strings.Join(names, ", ")
}

// given sends the person a block with what its caller brings.
func (p *Play) given(ctx context.Context, b *flows.Block, with map[string]any) ([]*Scene, error) {
	deltas, values, err := p.typed(with)
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
