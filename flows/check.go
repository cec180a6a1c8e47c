package flows

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
)

// Checked is a document that may be published.
type Checked struct {
	Document *Document
	Program  *Program
	// IDs maps the folded name of every block this version names, its own and
	// others', to the id it meant when it was published. Compile needs it.
	IDs map[string]string
}

// Check reads and checks a document and returns every problem at once, in the
// order of the text. Checked is nil when one of them is not a warning. file is
// only for the places in the problems.
func Check(data []byte, file string, catalog Catalog) (*Checked, []Problem) {
	c := &checking{catalog: catalog}
	if !c.read(data) {
		return nil, c.problems.sorted(file)
	}
	c.check()
	program := c.compile()
	c.draw(program)
	c.display(program)
	if c.problems.failed() {
		return nil, c.problems.sorted(file)
	}
	return &Checked{Document: c.doc, Program: program, IDs: c.names.ids}, c.problems.sorted(file)
}

// Compile makes the program of a stored version again from its document and
// the ids kept with it. What was right when it was published stays right: a
// text that a later check would refuse fails when it is run.
func Compile(data []byte, ids map[string]string) (*Program, error) {
	c := &checking{stored: ids}
	if !c.read(data) {
		return nil, fmt.Errorf("compile flow: %s", c.problems.sorted("")[0].Message)
	}
	if c.problems.failed() {
		first := c.problems.sorted("")[0]
		return nil, fmt.Errorf("compile flow: %s: %s", first.Path, first.Message)
	}
	c.check()
	return c.compile(), nil
}

// checking is the check of one document.
type checking struct {
	catalog  Catalog
	stored   map[string]string // ids of a stored version
	problems *problems
	doc      *Document
	names    *names
	blocks   []*declared // modules, then blocks
	scope    *expression.Scope
	declared []expression.Declaration
	links    map[string][]blocks.Link // by the path of the block they are in
	sayings  []blocks.Saying
	files    []blocks.FileLink
	hands    map[string][]string // by block id, the places that give the conversation to a person
	tells    map[string]bool     // by block id, whether it tells outgoing webhooks of something
	triggers []Trigger
	graph    *graph
}

// read parses and decodes; false when there is nothing to check.
func (c *checking) read(data []byte) bool {
	c.problems = &problems{data: data}
	if len(data) > MaxDocument {
		c.problems.at(0, CodeTooLarge, "", fmt.Sprintf("a document has at most %d MB", MaxDocument>>20), "split it into flows")
		return false
	}
	root := parse(data, c.problems)
	if root == nil {
		return false
	}
	if root.shape != isObject {
		c.problems.at(root.at, CodeType, "", "a document is an object, not "+root.describe(), "")
		return false
	}
	c.problems.root = root
	if !upgrade(root, c.problems) {
		return false
	}
	d := &decoder{problems: c.problems, kinds: blocks.Kinds()}
	c.doc = d.document(root)
	return true
}

// check checks all that was read.
func (c *checking) check() {
	c.checkName()
	c.declare()
	c.checkAttributes()
	c.checkBlocks()
	c.checkFiles()
	c.checkTriggers()
	c.gone()
	c.orphans()
}

func (c *checking) checkName() {
	n := c.problems.root.get("flow")
	if n == nil || n.shape != isString {
		return
	}
	switch name := c.doc.Flow; {
	case Fold(name) == "":
		c.problems.add(CodeName, "/flow", "a flow needs a name", "")
	case len([]rune(name)) > maxName || strings.ContainsAny(name, "\n\r\t"):
		c.problems.add(CodeName, "/flow", fmt.Sprintf("a name is one line of at most %d characters", maxName), "")
	}
	if c.problems.root.get("blocks") == nil && c.problems.root.get("modules") == nil {
		c.problems.add(blocks.CodeMissing, "", `a flow needs "blocks" or "modules"`, "")
	}
}

// maxAttributes is how many attributes a flow declares at most.
const maxAttributes = 1000

// checkAttributes declares the attributes and makes the scope of all texts.
func (c *checking) checkAttributes() {
	if len(c.doc.Attributes) > maxAttributes {
		c.problems.add(blocks.CodeLimit, "/attributes", fmt.Sprintf("a flow declares at most %d attributes", maxAttributes), "keep lists and objects in one of type json")
		c.doc.Attributes = nil
	}
	elsewhere := map[string]expression.Declaration{}
	for _, d := range c.catalog.Attributes {
		elsewhere[d.Name] = d
	}
	for _, name := range sortedKeys(c.doc.Attributes) {
		a := c.doc.Attributes[name]
		d := expression.Declaration{Name: name, Type: expression.Type(a.Type), Default: a.Default, Sample: a.Sample}
		if !d.Type.Declarable() { // said already: read on as what fits everywhere
			d.Type, d.Default, d.Sample = expression.JSON, nil, nil
		} else if other, ok := elsewhere[name]; ok && other.Type != d.Type {
			c.problems.add(CodeAttribute, attributePath(name), fmt.Sprintf("attribute %s is %s here, but %s in another published flow", quote(name), d.Type, other.Type),
				"an attribute has one type in all flows of a bot")
		}
		c.declared = append(c.declared, d)
	}
	scope, problems := expression.NewScope(expression.Options{Attributes: c.declared, Texts: c.doc.Texts})
	for _, p := range problems {
		path := "/attributes"
		if p.Name != "" {
			path = attributePath(p.Name)
		}
		c.problems.step(blocks.Problem{Code: p.Code, Path: path, Offset: -1, Message: p.Message, Hint: p.Hint, Warning: p.Warning})
	}
	c.scope = scope
}

func attributePath(name string) string { return "/attributes/" + blocks.Pointer(name) }

// checkBlocks checks every block's steps and what stands around them.
func (c *checking) checkBlocks() {
	c.links = map[string][]blocks.Link{}
	c.hands, c.tells = map[string][]string{}, map[string]bool{}
	for _, d := range c.blocks {
		k := blocks.NewChecker(c.scope, c.names)
		k.Channels(c.catalog.Channels, c.catalog.Templated)
		if d.form.Entry != nil {
			k.Brings(d.form.Entry.Needs)
		}
		k.Block(d.path, d.form.Steps, d.module)
		c.checkClosed(k, d)
		for _, p := range k.Problems {
			c.problems.step(p)
		}
		c.links[d.path] = k.Links
		c.files = append(c.files, k.Files...)
		c.hands[d.id], c.tells[d.id] = k.Hands, k.Tells
		c.sayings = append(c.sayings, k.Sayings...)
		c.checkEntry(d)
	}
}

// checkClosed checks the templates that go out instead of a block.
func (c *checking) checkClosed(k *blocks.Checker, d *declared) {
	for _, channel := range sortedKeys(d.form.WhenClosed) {
		closed := d.form.WhenClosed[channel]
		path := d.path + "/when_closed/" + blocks.Pointer(channel)
		k.Outside(path, func() {
			k.Needed("language", &closed.Language)
			closed.Filling.Check(k)
		})
	}
}

// checkEntry checks that the attributes a caller should bring are declared.
func (c *checking) checkEntry(d *declared) {
	if d.form.Entry == nil {
		return
	}
	for i, name := range d.form.Entry.Needs {
		if _, ok := c.scope.Attribute(name); ok {
			continue
		}
		if f, ok := expression.FactNamed(name); ok && f.Writable {
			continue
		}
		c.problems.add(blocks.CodeUnknownName, fmt.Sprintf("%s/entry/needs/%d", d.path, i),
			"no attribute "+quote(name)+" is declared", cmp.Or(blocks.DidYouMean(name, c.scope.Names()), `declare it in "attributes"`))
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
