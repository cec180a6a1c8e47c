package people

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/blockcast/blockcast/server/sheet"
)

// fields are what a column can be; everything else is an attribute.
var fields = [...]string{"phone", "email", "external_id", "first_name", "last_name", "name", "language", "locale", "time_zone", "gender", "birthday",
	"profile_pic", "tags", "account", "user"}

// otherwise are headings that other systems use for fields.
var otherwise = map[string]string{"e_mail": "email", "mail": "email", "phone_number": "phone", "mobile": "phone", "tel": "phone", "firstname": "first_name",
	"lastname": "last_name", "full_name": "name", "lang": "language", "tag": "tags", "user_id": "user", "psid": "user"}

// keys are the fields somebody is recognised by.
var keys = [...]string{"external_id", "user", "phone", "phones", "identities"}

// lists are the columns that a file of contacts export has and no other has all
// of: JSON in one cell, and a yes or no. Such a file's own ids and times are not
// read.
var (
	lists    = [...]string{"phones", "identities", "do_not_contact"}
	unread   = [...]string{"id", "created_at", "last_seen_at"}
	prefixed = "attributes."
)

// exported reports whether a header is that of a file of contacts export.
func exported(header []string) bool {
	for _, name := range lists {
		if !slices.Contains(header, name) {
			return false
		}
	}
	return true
}

// readCSV reads a file with a header. Columns are parted by commas, semicolons
// or tabs, whichever the header has most of.
func readCSV(in *leash, columns map[string]string) (*Rows, error) {
	first, err := in.buffer.Peek(in.buffer.Size())
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	r := csv.NewReader(in.buffer)
	r.Comma = separator(first)
	r.FieldsPerRecord = -1 // told by ourselves, row by row
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("read the header: %w", err)
	}
	for i := range header {
		header[i] = sheet.Plain(header[i])
	}
	names, err := named(header, columns)
	if err != nil {
		return nil, err
	}
	line := 1 // of the row before
	return &Rows{header: header, next: func() (*Row, error) {
		in.reset()
		cells, err := r.Read()
		var broken *csv.ParseError
		switch {
		case errors.As(err, &broken) && broken.Line > broken.StartLine && in.ended(), errors.Is(err, errLong):
			return nil, fmt.Errorf("a row after line %d does not end: a quote is opened there and not closed", line)
		case errors.As(err, &broken):
			line = broken.StartLine
			return nil, &RowError{Row{Line: line, Cells: cells}, "a quote stands where none can: write it twice, and the whole cell in quotes"}
		case err != nil:
			return nil, err
		}
		line, _ = r.FieldPos(0)
		for i := range cells {
			cells[i] = sheet.Plain(cells[i])
		}
		return rowOf(Row{Line: line, Cells: cells}, names)
	}}, nil
}

// separator is what parts the columns of a header.
func separator(text []byte) rune {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	best := ','
	for _, c := range ";\t" {
		if bytes.Count(line, []byte(string(c))) > bytes.Count(line, []byte(string(best))) {
			best = c
		}
	}
	return best
}

// named is what each column is: a field, attributes.NAME, or "" for none.
func named(header []string, columns map[string]string) ([]string, error) {
	ours := exported(header)
	given := map[string]bool{}
	out := make([]string, len(header))
	taken := map[string]string{}
	for i, heading := range header {
		heading = strings.TrimSpace(heading)
		field, ok := columns[heading]
		if given[heading] = ok; !ok && !slices.Contains(reportColumns, heading) {
			field = heading
		}
		if field == "" || ours && !ok && slices.Contains(unread[:], heading) {
			continue
		}
		out[i] = fieldNamed(field)
		if ours && slices.Contains(lists[:], heading) {
			out[i] = heading
		}
		if before, twice := taken[out[i]]; twice {
			return nil, fmt.Errorf("the columns %q and %q are both %s: leave one out with --column %q=", before, heading, strings.TrimPrefix(out[i], prefixed), heading)
		}
		taken[out[i]] = heading
	}
	for heading := range columns {
		if !given[heading] {
			return nil, fmt.Errorf("there is no column %q; there are: %s", heading, strings.Join(header, ", "))
		}
	}
	if !slices.ContainsFunc(keys[:], func(k string) bool { _, ok := taken[k]; return ok }) {
		return nil, fmt.Errorf("no column says who somebody is: one must be external_id, user or phone; say which with --column HEADING=phone. There are: %s", strings.Join(header, ", "))
	}
	return out, nil
}

// fieldNamed is the field a heading means, else an attribute of its name.
func fieldNamed(heading string) string {
	if strings.HasPrefix(heading, prefixed) {
		return heading
	}
	key := strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(heading))
	if known, ok := otherwise[key]; ok {
		key = known
	}
	if slices.Contains(fields[:], key) {
		return key
	}
	return prefixed + heading
}

// rowOf makes what the API takes of a row's cells; empty ones say nothing.
func rowOf(row Row, names []string) (*Row, error) {
	if len(row.Cells) != len(names) {
		return nil, &RowError{row, fmt.Sprintf("the row has %d columns, the header %d", len(row.Cells), len(names))}
	}
	out, attributes := map[string]any{}, map[string]string{}
	for i, cell := range row.Cells {
		if !utf8.ValidString(cell) {
			return nil, &RowError{row, "a letter is not UTF-8: save the file as UTF-8, which spreadsheets call CSV UTF-8"}
		}
		if cell = strings.TrimSpace(cell); cell == "" || names[i] == "" {
			continue
		}
		name, isAttribute := strings.CutPrefix(names[i], prefixed)
		switch {
		case isAttribute:
			attributes[name] = cell
		case name == "tags":
			out[name] = tagsOf(cell)
		case slices.Contains(lists[:], name):
			if !json.Valid([]byte(cell)) {
				return nil, &RowError{row, fmt.Sprintf("the cell %s is not the JSON that contacts export writes there", name)}
			}
			out[name] = json.RawMessage(cell)
		default:
			out[name] = cell
		}
	}
	if len(attributes) > 0 {
		out["attributes"] = attributes
	}
	var err error
	row.JSON, err = json.Marshal(out)
	return &row, err
}

// tagsOf parts the tags of a cell, which may be a JSON list.
func tagsOf(cell string) []string {
	out := []string{}
	if strings.HasPrefix(cell, "[") && json.Unmarshal([]byte(cell), &out) == nil {
		return out
	}
	out = []string{}
	for _, t := range strings.FieldsFunc(cell, func(r rune) bool { return r == ',' || r == ';' || r == '|' }) {
		if t = strings.TrimSpace(t); t != "" {
			out = append(out, t)
		}
	}
	return out
}
