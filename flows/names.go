package flows

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/blocks"
)

// Limits of names.
const (
	maxBlocks = 10_000 // and modules, of one flow
	maxHints  = 200    // comparing with all names is work
)

// maxName is the longest name of a flow or block, in characters.
const maxName = 100

// names knows the blocks and modules a document may name, and what they mean.
// It implements blocks.Names.
type names struct {
	own   map[string]*declared // by folded name and alias
	other map[string]Known     // of other flows, by folded name and alias
	all   []string             // as written, for hints
	ids   map[string]string    // every name that was asked for: see Checked.IDs
	hints int                  // how many were given
	// stored is set for a stored version: names mean what they meant then.
	stored map[string]string
}

// declared is a block or module of the document.
type declared struct {
	form   *BlockForm
	path   string
	id     string
	module bool
}

// Block implements blocks.Names.
func (n *names) Block(name string) (blocks.Target, bool) {
	folded := Fold(name)
	if d, ok := n.own[folded]; ok {
		n.ids[folded] = d.id
		return blocks.Target{ID: d.id, Module: d.module}, true
	}
	if id, ok := n.stored[folded]; ok {
		return blocks.Target{ID: id, Module: true}, true // it was right when it was published
	}
	if k, ok := n.other[folded]; ok {
		n.ids[folded] = k.ID
		return blocks.Target{ID: k.ID, Module: k.Module}, true
	}
	return blocks.Target{}, false
}

// Nearest implements blocks.Names.
func (n *names) Nearest(name string) []string {
	if n.hints++; n.hints > maxHints {
		return nil
	}
	return Nearest(name, n.all)
}

// declare gives every block and module of the document its id and reports
// names that cannot be.
func (c *checking) declare() {
	c.names = &names{own: map[string]*declared{}, other: map[string]Known{}, ids: map[string]string{}, stored: c.stored}
	before := c.known()
	list := func(key string, forms []BlockForm, module bool) {
		for i := range forms {
			d := &declared{form: &forms[i], path: fmt.Sprintf("/%s/%d", key, i), module: module}
			c.blocks = append(c.blocks, d)
		}
	}
	list("modules", c.doc.Modules, true)
	list("blocks", c.doc.Blocks, false)
	if len(c.blocks) > maxBlocks {
		c.problems.add(blocks.CodeLimit, "/blocks", fmt.Sprintf("a flow has at most %d blocks and modules", maxBlocks), "split it into flows")
		c.blocks = c.blocks[:maxBlocks]
	}
	for _, d := range c.blocks {
		c.take(d, d.form.Name, d.path+"/name")
	}
	for _, d := range c.blocks {
		for i, alias := range d.form.Aliases {
			c.take(d, alias, fmt.Sprintf("%s/aliases/%d", d.path, i))
		}
	}
	c.identify(before)
}

// known files the catalog's blocks: those of other flows by what they are
// called, and returns those of this flow's earlier version by folded name.
func (c *checking) known() map[string]Known {
	before := map[string]Known{}
	flow := Fold(c.doc.Flow)
	for _, k := range c.catalog.Blocks {
		if Fold(k.Flow) == flow {
			before[Fold(k.Name)] = k
			continue
		}
		c.names.all = append(c.names.all, k.Name)
		for _, name := range append([]string{k.Name}, k.Aliases...) {
			c.names.other[Fold(name)] = k
		}
	}
	return before
}

// take files a name or alias, unless somebody has it.
func (c *checking) take(d *declared, name, path string) {
	folded := Fold(name)
	switch {
	case folded == "":
		if n, ok := c.problems.root.find(path); ok && n.shape == isString {
			c.problems.add(CodeName, path, "a name cannot be empty", "")
		}
		return
	case len([]rune(name)) > maxName:
		c.problems.add(CodeName, path, fmt.Sprintf("a name has at most %d characters", maxName), "")
	case strings.ContainsAny(name, "\n\r\t"):
		c.problems.add(CodeName, path, "a name cannot hold line breaks or tabs", "")
	}
	if first, taken := c.names.own[folded]; taken {
		if first == d {
			c.problems.add(CodeTaken, path, quote(name)+" is the block's name already", "")
			return
		}
		c.problems.add(CodeTaken, path, fmt.Sprintf("%s is taken by the %s at %s", quote(name), kindOf(first.module), c.problems.line(first.path)),
			"names are compared without case and spaces around")
		return
	}
	if k, taken := c.names.other[folded]; taken {
		c.problems.add(CodeTaken, path, fmt.Sprintf("%s is taken: flow %s has a %s of that name", quote(name), quote(k.Flow), kindOf(k.Module)), "")
	}
	c.names.own[folded] = d
	c.names.all = append(c.names.all, name)
}

func kindOf(module bool) string {
	if module {
		return "module"
	}
	return "block"
}

// identify gives every block its id: the one it had under this name, else
// under the name it had before, else a new one.
func (c *checking) identify(before map[string]Known) {
	taken := map[string]bool{}
	for _, d := range c.blocks {
		folded := Fold(d.form.Name)
		if id, ok := c.stored[folded]; ok {
			d.id = id
		} else if k, ok := before[folded]; ok {
			d.id = k.ID
		}
		taken[d.id] = true
	}
	for _, d := range c.blocks {
		if d.id != "" {
			continue
		}
		if k, ok := before[Fold(d.form.Was)]; ok && d.form.Was != "" && !taken[k.ID] {
			d.id = k.ID
		} else if d.form.Was != "" && len(before) > 0 {
			c.problems.warn(CodeWas, d.path+"/was", "there was no block "+quote(d.form.Was)+" in the version before, or it is still here", c.nearBefore(d.form.Was, before))
		}
		for n := 0; d.id == ""; n++ {
			if id := c.newID(d, n); !taken[id] {
				d.id = id
			}
		}
		taken[d.id] = true
	}
	for _, d := range c.blocks {
		if folded := Fold(d.form.Name); c.names.own[folded] == d {
			c.names.ids[folded] = d.id
		}
	}
}

func (c *checking) nearBefore(name string, before map[string]Known) string {
	var list []string
	for _, k := range before {
		list = append(list, k.Name)
	}
	slices.Sort(list)
	return blocks.DidYouMean(name, list)
}

// newID is the n-th id tried for a block seen the first time.
func (c *checking) newID(d *declared, n int) string {
	if c.catalog.NewID != nil {
		return c.catalog.NewID()
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "block\x00%s\x00%d", Fold(d.form.Name), n))
	return hex.EncodeToString(sum[:12])
}

// gone reports blocks of the version before that another flow names and this
// version has no more.
func (c *checking) gone() {
	here := map[string]bool{}
	for _, d := range c.blocks {
		here[d.id] = true
	}
	flow := Fold(c.doc.Flow)
	for _, k := range c.catalog.Blocks {
		if Fold(k.Flow) != flow || here[k.ID] {
			continue
		}
		for _, u := range c.catalog.Uses {
			if u.Block == k.ID && Fold(u.Flow) != flow {
				c.problems.add(CodeRemoved, "/blocks", fmt.Sprintf("%s %s is gone, but flow %s goes there", kindOf(k.Module), quote(k.Name), quote(u.Flow)),
					fmt.Sprintf(`keep it, or say "was": %s in the block it became`, quote(k.Name)))
				break
			}
		}
	}
}
