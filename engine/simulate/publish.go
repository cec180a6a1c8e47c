package simulate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
)

// botID is the id of every simulated bot.
const botID = "b00000000000000000000001"

// Document is a flow as it stands in a file.
type Document struct {
	File string // for the places of mistakes
	Text []byte
}

// Publish checks documents as the flows of one bot, which may name each
// other's blocks in any order, and readies them for a chat. It returns what is
// wrong with them too; the library is nil when something is more than a
// warning.
func Publish(documents []Document) (*engine.Library, []flows.Problem) {
	known := make([][]flows.Known, len(documents))
	for i := range documents {
		known[i] = announced(documents[i].Text)
	}
	var problems []flows.Problem
	var published []engine.Published
	var catalog flows.Catalog
	for i, d := range documents {
		catalog.Blocks = nil
		for j := range documents {
			if j != i {
				catalog.Blocks = append(catalog.Blocks, known[j]...)
			}
		}
		catalog.NewID = idsOf(known[i])
		checked, found := flows.Check(d.Text, d.File, catalog)
		problems = append(problems, found...)
		if checked == nil {
			continue
		}
		program := checked.Program
		published = append(published, engine.Published{FlowID: fmt.Sprintf("%024x", 0xf0+i), Name: program.Flow, Number: 1,
			VersionID: int64(i+1)*100 + 1, Program: program})
		remember(&catalog, program)
	}
	if len(published) < len(documents) {
		return nil, problems
	}
	return engine.NewLibrary(botID, 1, published, nil), problems
}

// remember lets the documents that follow be checked against this one's
// attributes and triggers.
func remember(c *flows.Catalog, p *flows.Program) {
	c.Attributes = append(c.Attributes, p.Attributes...)
	for _, t := range p.Triggers {
		c.Triggers = append(c.Triggers, flows.KnownTrigger{Flow: p.Flow, On: t.On, Channels: t.Channels, Accounts: t.Accounts})
	}
}

// idsOf hands out the announced ids in the order a check asks for them: modules
// first, as they stand in the document.
func idsOf(known []flows.Known) func() string {
	n := 0
	return func() string {
		n++
		if n <= len(known) {
			return known[n-1].ID
		}
		return blockID(fmt.Sprintf("\x00%d", n)) // of a document that cannot be published
	}
}

// blockID is the same for the same name in every run, so that what is random in
// a flow falls the same way in every run of a test.
func blockID(name string) string {
	sum := sha256.Sum256([]byte("simulate\x00" + flows.Fold(name)))
	return hex.EncodeToString(sum[:12])
}

// announced are the blocks of a document that others may name. A document that
// cannot be published announces what can be read of it, so that others are not
// blamed for its mistakes.
func announced(text []byte) []flows.Known {
	var form struct {
		Flow    string          `json:"flow"`
		Modules []announcedForm `json:"modules"`
		Blocks  []announcedForm `json:"blocks"`
	}
	if json.Unmarshal(text, &form) != nil {
		return nil
	}
	var known []flows.Known
	list := func(forms []announcedForm, module bool) {
		for _, f := range forms {
			known = append(known, flows.Known{ID: blockID(f.Name), Name: f.Name, Flow: form.Flow, Aliases: f.Aliases, Module: module})
		}
	}
	list(form.Modules, true)
	list(form.Blocks, false)
	return known
}

type announcedForm struct {
	Name    string   `json:"name"`
	Aliases []string `json:"aliases"`
}

// declared are the attributes of all flows of a library, by name.
func declared(l *engine.Library) map[string]expression.Declaration {
	all := map[string]expression.Declaration{}
	for _, f := range l.Flows {
		for _, d := range f.Program.Attributes {
			all[d.Name] = d
		}
	}
	return all
}
