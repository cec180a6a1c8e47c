package flows

import "github.com/blockcast/blockcast/blocks"

// compile makes the program of a checked document.
func (c *checking) compile() *Program {
	p := &Program{
		Flow: c.doc.Flow, Scope: c.scope, Attributes: c.declared, Triggers: c.triggers,
		Blocks: make(map[string]*Block, len(c.blocks)),
	}
	for _, d := range c.blocks {
		b := &Block{ID: d.id, Name: d.form.Name, Aliases: d.form.Aliases, Module: d.module, Code: blocks.Compile(d.form.Steps)}
		if e := d.form.Entry; e != nil {
			b.Entry, b.Needs = true, e.Needs
		}
		for _, channel := range sortedKeys(d.form.WhenClosed) {
			w := d.form.WhenClosed[channel]
			b.WhenClosed = append(b.WhenClosed, Closed{channel, string(w.Template), &w.Language, &w.Filling})
		}
		p.Blocks[d.id] = b
	}
	c.graph = newGraph(p)
	c.graph.spread(p)
	return p
}
