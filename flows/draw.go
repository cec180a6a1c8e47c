package flows

import (
	"fmt"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/blocks"
)

// draw checks what can be seen only in how blocks hang together.
func (c *checking) draw(p *Program) {
	c.unreachable()
	c.loops(p)
	c.modules(p)
	c.unclosed(p)
	c.untold()
}

// untold warns of steps that give the conversation to a person while nobody is
// told: the block calls no system, nor does one that goes to it or that it goes
// to.
func (c *checking) untold() {
	if c.catalog.Listens {
		return
	}
	tells := func(id string) bool { s := c.graph.spots[id]; return s != nil && (s.requests || c.tells[id]) }
	for _, d := range c.blocks {
		s := c.graph.spots[d.id]
		if len(c.hands[d.id]) == 0 || tells(d.id) || slices.ContainsFunc(s.from, tells) || slices.ContainsFunc(s.goes, tells) {
			continue
		}
		for _, path := range c.hands[d.id] {
			c.problems.warn(CodeUntold, path, "a person gets the conversation, but nobody is told",
				`tell your team by {"type": "notify", "event": "handover"} beside it, or give the bot an outgoing webhook on the topic handover`)
		}
	}
}

// unclosed warns of blocks that callers from outside send and that have nothing
// to say on a channel once it takes no free messages any more.
func (c *checking) unclosed(p *Program) {
	for _, d := range c.blocks {
		b := p.Blocks[d.id]
		if !b.Entry {
			continue
		}
		for _, channel := range c.catalog.Windowed {
			if _, ok := b.Closed(channel); !ok && !b.Templates {
				c.problems.warn(CodeNoTemplate, d.path+"/entry", fmt.Sprintf("%s takes free messages only for a while after the person wrote: later than that %s is skipped",
					channel, quote(d.form.Name)), fmt.Sprintf(`give it one of your approved templates: "when_closed": {%s: {…}}`, quote(channel)))
			}
		}
	}
}

// unreachable warns of blocks that no trigger, caller or other block leads to.
func (c *checking) unreachable() {
	links := map[string][]blocks.Link{}
	var todo []string
	for _, d := range c.blocks {
		links[d.id] = c.links[d.path]
		if d.module || d.form.Entry != nil || len(d.form.Aliases) > 0 {
			todo = append(todo, d.id)
		}
	}
	for _, t := range c.triggers {
		todo = append(todo, t.Block)
	}
	for _, u := range c.catalog.Uses {
		todo = append(todo, u.Block)
	}
	reached := map[string]bool{}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if reached[id] {
			continue
		}
		reached[id] = true
		for _, l := range links[id] {
			todo = append(todo, l.Block)
		}
	}
	for _, d := range c.blocks {
		if !reached[d.id] && Fold(d.form.Name) != "" {
			c.problems.warn(CodeUnreachable, d.path+"/name", "nothing leads to block "+quote(d.form.Name),
				`if callers from outside send it, say so: "entry": {}`)
		}
	}
}

// loops reports blocks a run can never leave: whatever holds in them, they go
// round without a wait.
func (c *checking) loops(p *Program) {
	leaves := c.graph.reaching(func(s *spot) bool { return s.out })
	said := map[string]bool{}
	for _, d := range c.blocks {
		if leaves[d.id] || said[d.id] {
			continue
		}
		round := c.graph.round(d.id, leaves)
		if said[round[0]] {
			continue
		}
		for _, id := range round {
			said[id] = true
		}
		c.problems.add(CodeLoop, d.path+"/name", "this goes round without end: "+way(p, append(round, round[0])),
			"let it ask or wait somewhere, or end")
	}
}

// way names blocks in the order they are run.
func way(p *Program, ids []string) string {
	const most = 8
	var names []string
	for i, id := range ids {
		if i == most && len(ids) > most+1 {
			names = append(names, "…")
			break
		}
		names = append(names, quote(p.Blocks[id].Name))
	}
	return strings.Join(names, " → ")
}

// modules reports modules that include themselves, or that say too much with
// what they include.
func (c *checking) modules(p *Program) {
	known := map[string]*inclusion{}
	said := map[string]bool{}
	for _, d := range c.blocks {
		own := c.graph.spots[d.id].messages
		switch n := c.graph.include(d.id, known); {
		case n.round != nil && said[d.id]:
		case n.round != nil:
			for _, id := range n.round {
				said[id] = true
			}
			c.problems.add(CodeLoop, d.path+"/name", "this includes itself: "+way(p, n.round), "")
		case n.depth > blocks.MaxNesting:
			c.problems.add(blocks.CodeLimit, d.path+"/name", fmt.Sprintf("modules can be included %d deep at most", blocks.MaxNesting), "")
		case d.module && n.messages > blocks.ModuleMessages && own <= blocks.ModuleMessages: // else its steps' check said so
			c.problems.add(blocks.CodeModule, d.path+"/steps",
				fmt.Sprintf("a module says at most %d messages, with what it includes this one has %d", blocks.ModuleMessages, n.messages), "")
		}
	}
}
