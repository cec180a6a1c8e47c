package flows

import (
	"fmt"
	"slices"

	"github.com/blockcast/blockcast/blocks/expression"
)

// Dependent is what is not a flow and yet names what flows hold: a broadcast
// that is still to be sent, or a segment.
type Dependent struct {
	What       string // as a message names it: scheduled broadcast "Winter"
	Blocks     []Naming
	Attributes []string
	Tags       []string // folded
}

// Naming is a block and what somebody calls it.
type Naming struct {
	ID string
	As string // name, id or alias
}

// orphans warns of what broadcasts and segments would not find any more once
// this version is published.
func (c *checking) orphans() {
	flow := Fold(c.doc.Flow)
	ours := map[string]Known{}
	for _, k := range c.catalog.Blocks {
		if Fold(k.Flow) == flow {
			ours[k.ID] = k
		}
	}
	for _, d := range c.catalog.Dependents {
		for _, n := range d.Blocks {
			if k, ok := ours[n.ID]; ok {
				c.orphan(d, n, k)
			}
		}
		for _, was := range c.catalog.Before {
			if slices.Contains(d.Attributes, was.Name) {
				c.forgotten(d, was)
			}
		}
	}
}

// orphan warns of a block that is gone, or is not called as it was.
func (c *checking) orphan(d Dependent, n Naming, k Known) {
	i := slices.IndexFunc(c.blocks, func(b *declared) bool { return b.id == k.ID })
	if i < 0 {
		c.problems.warn(CodeOrphan, "/blocks", fmt.Sprintf("%s %s is gone, but the %s names it, and would fail", kindOf(k.Module), quote(k.Name), d.What),
			fmt.Sprintf(`keep it, or say "was": %s in the block it became, or change the broadcast`, quote(k.Name)))
		return
	}
	if is, ok := c.names.own[Fold(n.As)]; n.As == k.ID || ok && is.id == k.ID {
		return
	}
	c.problems.warn(CodeOrphan, c.blocks[i].path+"/name", fmt.Sprintf("%s is now %s, but the %s knows it as %s, and would fail", quote(k.Name), quote(c.blocks[i].form.Name), d.What, quote(n.As)),
		fmt.Sprintf(`say "aliases": [%s], or change the broadcast`, quote(n.As)))
}

// forgotten warns of an attribute that no flow declares any more, or as another
// type.
func (c *checking) forgotten(d Dependent, was expression.Declaration) {
	same := func(is expression.Declaration) bool { return is.Name == was.Name }
	if slices.ContainsFunc(c.catalog.Attributes, same) {
		return
	}
	i := slices.IndexFunc(c.declared, same)
	switch {
	case i < 0:
		c.problems.warn(CodeOrphan, "/attributes", fmt.Sprintf("no flow declares attribute %s any more, but the %s names it", quote(was.Name), d.What),
			"what people have of it stays; keep the declaration while something asks for it")
	case c.declared[i].Type != was.Type:
		c.problems.warn(CodeOrphan, attributePath(was.Name), fmt.Sprintf("attribute %s was %s and is now %s: look at the %s, which names it", quote(was.Name), was.Type, c.declared[i].Type, d.What), "")
	}
}
