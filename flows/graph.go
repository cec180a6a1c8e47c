package flows

import (
	"slices"

	"github.com/blockcast/blockcast/blocks"
)

// graph is how the blocks of a program hang together by what runs do by
// themselves; what a button goes to is not in it.
type graph struct {
	spots map[string]*spot // by block id
}

// spot is one block of the graph.
type spot struct {
	asks, pauses, requests bool
	messages               int      // that its own steps say at most
	templates              int      // of messages, those that are approved templates
	includes               []string // modules, as often as they are included
	goes                   []string // blocks that reachable steps go to
	out                    bool     // some way through it ends or waits
	from                   []string // blocks that go here
}

func newGraph(p *Program) *graph {
	g := &graph{spots: make(map[string]*spot, len(p.Blocks))}
	for id, b := range p.Blocks {
		g.spots[id] = newSpot(p, b)
	}
	for id, s := range g.spots {
		for _, to := range s.goes {
			if t := g.spots[to]; t != nil {
				t.from = append(t.from, id)
			}
		}
	}
	return g
}

// newSpot walks all ways through a block.
func newSpot(p *Program, b *Block) *spot {
	s := &spot{}
	seen := make([]bool, len(b.Code))
	todo := []int{0}
	for len(todo) > 0 {
		pc := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if pc >= len(b.Code) {
			s.out = true
			continue
		}
		if seen[pc] {
			continue
		}
		seen[pc] = true
		w := blocks.WaysOf(b.Code[pc])
		s.take(p, w)
		if w.Next {
			todo = append(todo, pc+1)
		}
		todo = append(todo, w.Jumps...)
	}
	return s
}

func (s *spot) take(p *Program, w blocks.Ways) {
	s.asks = s.asks || w.Asks
	s.pauses = s.pauses || w.Pauses
	s.requests = s.requests || w.Requests
	s.out = s.out || w.Ends || w.Asks || w.Pauses
	s.messages += w.Messages
	if w.Template {
		s.templates += w.Messages
	}
	if w.Module != "" {
		s.includes = append(s.includes, w.Module)
	}
	for _, to := range w.Blocks {
		s.goes = append(s.goes, to)
		if p.Blocks[to] == nil { // another flow's, which may come to anything
			s.asks, s.out = true, true
		}
	}
}

// spread says of every block what running it may come to, itself or in what it
// goes to.
func (g *graph) spread(p *Program) {
	for id := range g.reaching(func(s *spot) bool { return s.asks }) {
		p.Blocks[id].Asks = true
	}
	for id := range g.reaching(func(s *spot) bool { return s.pauses }) {
		p.Blocks[id].Waits = true
	}
	for id := range g.reaching(func(s *spot) bool { return s.requests }) {
		p.Blocks[id].Requests = true
	}
	for id := range g.spots {
		templates, free := g.says(id, map[string]bool{})
		p.Blocks[id].Templates = templates && !free
	}
}

// says tells what a block says with all that it includes and goes to: approved
// templates, free messages. What another flow's block says is not known, and
// may be free.
func (g *graph) says(id string, seen map[string]bool) (templates, free bool) {
	s := g.spots[id]
	switch {
	case seen[id]:
		return false, false
	case s == nil:
		return false, true
	}
	seen[id] = true
	templates, free = s.templates > 0, s.messages > s.templates
	for _, to := range slices.Concat(s.includes, s.goes) {
		t, f := g.says(to, seen)
		templates, free = templates || t, free || f
	}
	return templates, free
}

// reaching returns the blocks that are so, or go to one that is.
func (g *graph) reaching(is func(*spot) bool) map[string]bool {
	reached := map[string]bool{}
	var todo []string
	for id, s := range g.spots {
		if is(s) {
			todo = append(todo, id)
		}
	}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if reached[id] {
			continue
		}
		reached[id] = true
		todo = append(todo, g.spots[id].from...)
	}
	return reached
}

// round follows a block that has no way out until a block comes again, and
// returns the blocks of the round.
func (g *graph) round(id string, leaves map[string]bool) []string {
	at := map[string]int{}
	var path []string
	for {
		if i, again := at[id]; again {
			return path[i:]
		}
		at[id] = len(path)
		path = append(path, id)
		for _, to := range g.spots[id].goes {
			if !leaves[to] && g.spots[to] != nil {
				id = to
				break
			}
		}
	}
}

// inclusion is what including a module comes to.
type inclusion struct {
	messages int
	depth    int
	round    []string // ids, when it includes itself
	open     bool     // being counted
}

// include counts what a block says with all it includes.
func (g *graph) include(id string, known map[string]*inclusion) *inclusion {
	if n := known[id]; n != nil {
		if n.open {
			return &inclusion{round: []string{id}}
		}
		return n
	}
	s := g.spots[id]
	n := &inclusion{open: true, messages: s.messages}
	known[id] = n
	for _, module := range s.includes {
		if g.spots[module] == nil { // another flow's: it says something
			n.messages = min(n.messages+1, manyMessages)
			continue
		}
		m := g.include(module, known)
		n.messages = min(n.messages+m.messages, manyMessages)
		n.depth = max(n.depth, m.depth+1)
		if m.round != nil && n.round == nil {
			n.round = append([]string{id}, m.round...)
		}
	}
	n.open = false
	return n
}

// manyMessages is where counting ends.
const manyMessages = 1 << 20
