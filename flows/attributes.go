package flows

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/blocks"
)

// AttributeUses lists what a document does with an attribute: nothing, or that
// it declares it, and then the blocks that set it and those whose texts read it.
// They are those that would be wrong without the declaration.
func AttributeUses(document []byte, attribute string) ([]Mention, error) {
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
	return append([]Mention{{How: MentionDeclares}}, missed(document, without)...), nil
}

// missed are the blocks with mistakes that come of a declaration that is gone.
func missed(with, without []byte) []Mention {
	type mistake struct{ code, path, message string }
	known := map[mistake]bool{}
	_, before := Check(with, "", Catalog{})
	for _, p := range before {
		known[mistake{p.Code, p.Path, p.Message}] = true
	}
	_, after := Check(without, "", Catalog{})
	var out []Mention
	for _, p := range after {
		if p.Warning || p.Block == "" || known[mistake{p.Code, p.Path, p.Message}] {
			continue
		}
		use := Mention{p.Block, MentionReads}
		if p.Code == blocks.CodeUnknownName && !strings.Contains(p.Path, "/needs/") {
			use.How = MentionSets
		}
		if !slices.Contains(out, use) {
			out = append(out, use)
		}
	}
	return out
}
