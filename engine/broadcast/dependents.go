package broadcast

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
)

// Dependents are a bot's broadcasts that are still to be sent, and its segments,
// with the blocks, attributes and tags they name. What one of them names wrongly by
// now is left out.
func (b *Broadcasts) Dependents(ctx context.Context, botID string) ([]flows.Dependent, error) {
	lib, err := b.Libraries.Library(ctx, botID)
	if err != nil {
		return nil, err
	}
	ask := &resolving{a: b.Audiences, botID: botID, now: b.Deps.Now()}
	plans, err := b.Store.PlansToSend(ctx, botID)
	if err != nil {
		return nil, err
	}
	var out []flows.Dependent
	for i := range plans {
		n := naming{lib: lib, ask: ask, attributes: map[string]bool{}, tags: map[string]bool{}}
		if err := n.plan(ctx, &plans[i].Plan); err != nil {
			return nil, err
		}
		out = append(out, n.dependent(fmt.Sprintf("%s broadcast %q", plans[i].State, plans[i].Plan.Subject)))
	}
	segments, err := b.Audiences.Store.Segments(ctx, botID)
	if err != nil {
		return nil, err
	}
	for i := range segments {
		n := naming{lib: lib, ask: ask, attributes: map[string]bool{}, tags: map[string]bool{}}
		if err := n.audience(ctx, &segments[i].Audience); err != nil {
			return nil, err
		}
		out = append(out, n.dependent(fmt.Sprintf("segment %q", segments[i].Name)))
	}
	return out, nil
}

// naming collects what a plan or an audience names.
type naming struct {
	lib        *engine.Library
	ask        *resolving
	blocks     []flows.Naming
	attributes map[string]bool
	tags       map[string]bool // folded
}

func (n *naming) dependent(what string) flows.Dependent {
	return flows.Dependent{What: what, Blocks: n.blocks, Attributes: slices.Sorted(maps.Keys(n.attributes)), Tags: slices.Sorted(maps.Keys(n.tags))}
}

func (n *naming) plan(ctx context.Context, p *engine.Plan) error {
	for name := range p.Attributes {
		n.attributes[name] = true
	}
	for _, tag := range p.Tags {
		n.tags[blocks.Fold(tag)] = true
	}
	parts, _ := portions(p)
	for _, part := range parts {
		if part.content != nil {
			n.content(part.content)
		}
	}
	return n.audience(ctx, &p.Audience)
}

// content notes the block that is sent, and of messages of the plan's own the
// blocks their buttons lead to and the attributes they say.
func (n *naming) content(c *engine.Content) {
	if c.Block != "" {
		if _, block, err := n.lib.Find(c.Block); err == nil {
			n.blocks = append(n.blocks, flows.Naming{ID: block.ID, As: c.Block})
		}
		return
	}
	steps := stepsOf(c)
	said := attributesOf(n.lib, steps)
	document, err := writingOf(said, steps)
	if err != nil {
		return
	}
	for name := range said {
		if uses, err := flows.AttributeUses(document, name); err == nil && len(uses) > 1 {
			n.attributes[name] = true
		}
	}
	checked, _ := flows.Check(document, "", writingCatalog(n.lib))
	if checked == nil {
		return
	}
	for name, id := range checked.IDs {
		if name != blocks.Fold(writingModule) {
			n.blocks = append(n.blocks, flows.Naming{ID: id, As: name})
		}
	}
}

// audience notes the attributes and tags that its own expressions ask for; those
// of the segments it names are theirs.
func (n *naming) audience(ctx context.Context, of *engine.Audience) error {
	for ; of != nil; of = of.Exclude {
		if of.Where == "" {
			continue
		}
		q, _, err := n.ask.question(ctx, "audience", of.Where)
		var told *engine.Error
		if errors.As(err, &told) {
			continue // it is told when the audience is asked
		}
		if err != nil {
			return err
		}
		for _, name := range q.Filter.Attributes() {
			n.attributes[name] = true
		}
		for _, tag := range q.Filter.Tags() {
			n.tags[tag] = true
		}
	}
	return nil
}

// stepsOf are the steps of what is written for a broadcast alone.
func stepsOf(c *engine.Content) []json.RawMessage {
	if len(c.Template) > 0 {
		return []json.RawMessage{asTemplate(c.Template)}
	}
	var list []json.RawMessage
	if json.Unmarshal(c.Messages, &list) != nil {
		return nil // checkContent has told
	}
	return list
}
