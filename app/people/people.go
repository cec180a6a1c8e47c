// Package people reads files of people, as other systems export them, row by
// row: its memory does not grow with the file. It knows what columns mean, not
// what happens to the rows.
package people

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// Formats of files.
const (
	CSV    = "csv"
	NDJSON = "ndjson"
)

// maxRow is how many bytes one row may have. A quote that nobody closed would
// else make one row of all that follows.
const maxRow = 1 << 20

// Config says what a file is.
type Config struct {
	Format  string            // CSV or NDJSON
	Columns map[string]string // field by heading; "" leaves the column out
}

// Row is one person of a file.
type Row struct {
	Line  int      // in the file, the first is 1
	JSON  []byte   // what the API takes
	Cells []string // as they stood in the file, but for what sheet.Plain takes away; of NDJSON the line
}

// RowError is a row that cannot be read; the ones after it can.
type RowError struct {
	Row     Row
	Message string
}

// Error names the line of the file, as an editor counts it.
func (e *RowError) Error() string { return fmt.Sprintf("line %d: %s", e.Row.Line, e.Message) }

// Rows are the rows of a file, from first to last.
type Rows struct {
	header []string
	next   func() (*Row, error)
}

// Header is that of a CSV, nil for NDJSON.
func (r *Rows) Header() []string { return r.header }

// Next returns the next row, io.EOF after the last, a *RowError for one that
// cannot be read. Another error ends the file.
func (r *Rows) Next() (*Row, error) { return r.next() }

// FormatOf is the format that a file's name speaks of.
func FormatOf(name string) string {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".ndjson", ".jsonl", ".json":
		return NDJSON
	}
	return CSV
}

// Read begins with a file.
func Read(r io.Reader, c Config) (*Rows, error) {
	in := newLeash(r)
	if err := in.begin(); err != nil {
		return nil, err
	}
	if c.Format == NDJSON {
		return readNDJSON(in), nil
	}
	return readCSV(in, c.Columns)
}

// readNDJSON passes lines on as they are.
func readNDJSON(in *leash) *Rows {
	line := 0
	return &Rows{next: func() (*Row, error) {
		for {
			in.reset()
			text, err := in.buffer.ReadBytes('\n')
			if len(text) > 0 {
				line++
			}
			if text = bytes.TrimSpace(text); len(text) > 0 {
				if errors.Is(err, errLong) {
					return nil, fmt.Errorf("line %d is longer than %d bytes", line, maxRow)
				}
				row := Row{Line: line, JSON: text, Cells: []string{string(text)}}
				if !json.Valid(text) {
					return nil, &RowError{row, "the line is not valid JSON"}
				}
				var compact bytes.Buffer
				_ = json.Compact(&compact, text) // it is valid
				row.JSON = compact.Bytes()
				return &row, nil
			}
			if err != nil {
				return nil, err
			}
		}
	}}
}
