package flows

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/blocks"
)

// AttributeUse is a block or module of a document that names an attribute.
type AttributeUse struct {
	Block string // "" where only the document's declaration is
	How   string // declares, sets, reads
}

// How a document uses an attribute.
const (
	AttributeDeclared = "declares"
	AttributeSet      = "sets"
	AttributeRead     = "reads"
)

// AttributeUses lists what a document does with an attribute: nothing, or that
// it declares it, and then the blocks that set it and those whose texts read it.
// They are those that would be wrong without the declaration.
func AttributeUses(document []byte, attribute string) ([]AttributeUse, error) {
	var d map[string]json.RawMessage
	if err := json.Unmarshal(document, &d); err != nil {
		return nil, err
	}
	var declared map[string]json.RawMessage
	if len(d["attributes"]) > 0 {
		if err := json.Unmarshal(d["attributes"], &declared); err != nil {
			return nil, err
		}
	}
	if _, ok := declared[attribute]; !ok {
		return nil, nil
	}
	delete(declared, attribute)
	var err error
	if d["attributes"], err = json.Marshal(declared); err != nil {
		return nil, err
	}
	without, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	return append([]AttributeUse{{How: AttributeDeclared}}, missed(document, without)...), nil
}

// missed are the blocks with mistakes that come of a declaration that is gone.
func missed(with, without []byte) []AttributeUse {
	type mistake struct{ code, path, message string }
	known := map[mistake]bool{}
	_, before := Check(with, "", Catalog{})
	for _, p := range before {
		known[mistake{p.Code, p.Path, p.Message}] = true
	}
	_, after := Check(without, "", Catalog{})
	var out []AttributeUse
	for _, p := range after {
		if p.Warning || p.Block == "" || known[mistake{p.Code, p.Path, p.Message}] {
			continue
		}
		use := AttributeUse{p.Block, AttributeRead}
		if p.Code == blocks.CodeUnknownName && !strings.Contains(p.Path, "/needs/") {
			use.How = AttributeSet
		}
		if !slices.Contains(out, use) {
			out = append(out, use)
		}
	}
	return out
}
