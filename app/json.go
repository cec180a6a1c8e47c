package app

import (
	"encoding/json"
	"io"
)

// writeJSON prints a value for programs, with people's letters as they are.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
