package people

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/blockcast/blockcast/server/sheet"
)

// Report is a CSV of the rows that were refused: where they stood, what is
// wrong, and the row as it was, so that it can be mended and imported.
type Report struct {
	path   string
	header []string
	again  bool // goes on with what is there

	file *os.File
	csv  *sheet.Writer
}

// The columns before those of the row.
var reportColumns = []string{"refused_line", "refused_field", "refused_because"}

// OpenReport makes a report that is written with its first row. When again is
// false a report that is there is of an earlier import and goes.
func OpenReport(path string, header []string, again bool) (*Report, error) {
	if header == nil {
		header = []string{"row"}
	}
	if !again {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("begin the report: %w", err)
		}
	}
	return &Report{path: path, header: header, again: again}, nil
}

// Add writes a refused row.
func (r *Report) Add(row Row, field, because string) error {
	if r.csv == nil {
		if err := r.open(); err != nil {
			return err
		}
	}
	return r.csv.Write(append([]string{strconv.Itoa(row.Line), field, because}, row.Cells...))
}

func (r *Report) open() error {
	f, err := os.OpenFile(r.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	r.file, r.csv = f, sheet.NewWriter(f)
	info, err := f.Stat()
	if err != nil || info.Size() > 0 {
		return err
	}
	return r.csv.Write(append(append([]string{}, reportColumns...), r.header...))
}

// Flush puts what was added into the file.
func (r *Report) Flush() error {
	if r.csv == nil {
		return nil
	}
	r.csv.Flush()
	return r.csv.Error()
}

// Close ends the report.
func (r *Report) Close() error {
	if r.file == nil {
		return nil
	}
	return errors.Join(r.Flush(), r.file.Close())
}
