package simulate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// Planned is what flows have planned and is due first, nil when nothing is.
func (c *Chat) Planned() *engine.Timer {
	var first *engine.Timer
	for i := range c.timers {
		if t := &c.timers[i]; first == nil || t.DueAt.Before(first.DueAt) {
			first = t
		}
	}
	return first
}

// Ring lets what is planned first have its time, which must have come. The turn
// says nothing when it was called off, and is nil when it was put off.
func (c *Chat) Ring(ctx context.Context) (*engine.Turn, error) {
	t := *c.Planned()
	ring, err := c.engine.Ring(ctx, c.Situation, &t)
	if err != nil {
		return nil, err
	}
	if !ring.Postpone.IsZero() {
		c.Planned().DueAt = ring.Postpone
		return nil, nil
	}
	c.forget(t.Key)
	if !ring.Send {
		return &engine.Turn{Events: ring.Events}, nil
	}
	return c.send(ctx, t.Block, t.Attributes, t.Seq)
}

// plan keeps what a turn has planned, as a database would give it back.
func (c *Chat) plan(turn *engine.Turn) error {
	for _, key := range turn.Canceled {
		c.forget(key)
	}
	for _, t := range turn.Timers {
		text, err := json.Marshal(t)
		if err != nil {
			return fmt.Errorf("write what is planned: %w", err)
		}
		c.planned++
		kept := engine.Timer{ID: c.planned, BotID: t.BotID, IdentityID: t.IdentityID, Key: t.Key, Block: t.Block, DueAt: t.DueAt.Truncate(time.Microsecond)}
		if err := json.Unmarshal(text, &kept); err != nil {
			return fmt.Errorf("read what is planned: %w", err)
		}
		c.forget(t.Key)
		c.timers = append(c.timers, kept)
	}
	return nil
}

func (c *Chat) forget(key string) {
	c.timers = slices.DeleteFunc(c.timers, func(t engine.Timer) bool { return t.Key == key })
}

// next lets happen what falls due first until a time; more is false when
// nothing does. The scene is nil when nothing came of it.
func (p *Play) next(ctx context.Context, end time.Time) (scene *Scene, more bool, err error) {
	s, err := p.chat.Session()
	if err != nil {
		return nil, false, err
	}
	t := p.chat.Planned()
	waits := s != nil && !s.Until.IsZero() && !s.Until.After(end)
	planned := t != nil && !t.DueAt.After(end)
	switch {
	case waits && (!planned || !t.DueAt.Before(s.Until)):
		scene, err = p.ring(ctx, s)
		return scene, true, err
	case !planned:
		return nil, false, nil
	}
	if left := t.DueAt.Sub(p.clock.Now()); left > 0 {
		p.clock.Advance(left)
	}
	turn, err := p.chat.Ring(ctx)
	if err != nil || turn == nil {
		return nil, true, err
	}
	scene, err = p.scene(turn)
	return scene, true, err
}
