package server

import (
	"bytes"
	"encoding/json"
)

// plainJSON leaves < > & as they are in answers: nobody reads them as HTML, and
// a hint such as "block <name>" is for people.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
