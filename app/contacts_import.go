package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/blockcast/blockcast/app/people"
)

// importRows is how many rows go in one call: what is lost when it breaks off
// is repeated, which changes nothing.
const importRows = 500

// importSays is after how many rows the command says how far it is.
const importSays = 5000

type contactsImport struct {
	botConnection `embed:""`
	File          string            `arg:"" help:"CSV with a header, or NDJSON: one JSON object a line."`
	Format        string            `enum:"auto,csv,ndjson" default:"auto" help:"${enum}; auto goes by the file's name."`
	Column        map[string]string `placeholder:"HEADING=FIELD" help:"What a column of the CSV is, where its heading does not say: phone, email, external_id, first_name, last_name, name, language, tags, account, user, or an attribute. An empty field leaves the column out."`
	Report        string            `placeholder:"FILE" help:"Where refused rows go, with why. Default: the file's name and .refused.csv."`
	Again         bool              `help:"From the first row, although an import of the file broke off."`
}

// Run sends the file row by row, so that its size does not matter, and notes
// after each call how far it came: the same command goes on there.
func (c *contactsImport) Run(ctx context.Context, p *Process, s *settings) error {
	if c.Report == "" {
		c.Report = c.File + ".refused.csv"
	}
	f, err := openFile(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	return c.with(ctx, p, s, func(s *botSession) (err error) {
		rows, err := people.Read(f, people.Config{Format: c.format(), Columns: c.Column})
		if err != nil {
			return exitWith(exitUsage, "%s: %v", c.File, err)
		}
		note, err := c.begin(f, s.bot.ID)
		if err != nil {
			return err
		}
		report, err := people.OpenReport(c.Report, rows.Header(), note.Lines > 0)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, report.Close()) }()
		i := &importRun{s: s, rows: rows, note: note, report: report, path: c.notePath()}
		if err := i.run(ctx); err != nil {
			return err
		}
		if err := os.Remove(c.notePath()); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return i.finish(c.Report)
	})
}

// openFile opens a file that a command was given.
func openFile(name string) (*os.File, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, exitWith(exitAbsent, "there is no file %s", name)
	}
	if err != nil {
		return nil, exitWith(exitUsage, "%v", err)
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, errors.Join(exitWith(exitUsage, "%s is a folder: name the file in it", name), f.Close())
	}
	return f, nil
}

func (c *contactsImport) format() string {
	if c.Format == "auto" {
		return people.FormatOf(c.File)
	}
	return c.Format
}

func (c *contactsImport) notePath() string { return c.File + ".import.json" }

// importNote is how far an import came.
type importNote struct {
	Bot     string    `json:"bot"`
	Size    int64     `json:"size"` // of the file, with its time: another file is not gone on with
	Changed time.Time `json:"changed"`
	Lines   int       `json:"rows"` // read and sent
	Created int       `json:"created"`
	Updated int       `json:"updated"`
	Refused int       `json:"refused"`
}

// begin reads the note of an import that broke off, or starts a new one.
func (c *contactsImport) begin(f *os.File, bot string) (*importNote, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	fresh := &importNote{Bot: bot, Size: info.Size(), Changed: info.ModTime().UTC().Truncate(time.Second)}
	if c.Again {
		return fresh, nil
	}
	text, err := os.ReadFile(c.notePath())
	if errors.Is(err, os.ErrNotExist) {
		return fresh, nil
	}
	if err != nil {
		return nil, err
	}
	var left importNote
	if err := json.Unmarshal(text, &left); err != nil {
		return nil, exitWith(exitUsage, "%s cannot be read (%v); begin anew with --again", c.notePath(), err)
	}
	if left.Bot != fresh.Bot || left.Size != fresh.Size || !left.Changed.Equal(fresh.Changed) {
		return nil, exitWith(exitUsage, "an import broke off here that was of another bot, or the file has changed since; begin anew with --again")
	}
	return &left, nil
}

// importRun sends the rows of one file.
type importRun struct {
	s      *botSession
	rows   *people.Rows
	note   *importNote
	report *people.Report
	path   string // of the note
}

func (i *importRun) run(ctx context.Context) error {
	if i.note.Lines > 0 {
		fmt.Fprintf(i.s.p.Err, "going on after row %d\n", i.note.Lines)
		for range i.note.Lines {
			if _, err := i.rows.Next(); err != nil && !errors.As(err, new(*people.RowError)) {
				return fmt.Errorf("find the row to go on with: %w", err)
			}
		}
	}
	for {
		more, err := i.batch(ctx)
		if err != nil {
			return i.brokeOff(err)
		}
		if !more {
			return nil
		}
	}
}

// brokeOff says how to go on.
func (i *importRun) brokeOff(err error) error {
	return exitWith(exitCode(err), "%v\n%d rows are in; the same command goes on after them", err, i.note.Lines)
}

// batch reads rows, sends them and notes it; false after the last.
func (i *importRun) batch(ctx context.Context) (more bool, err error) {
	var body bytes.Buffer
	var sent []*people.Row
	refused := 0
	read := 0
	for more = true; read < importRows; read++ {
		row, err := i.rows.Next()
		if errors.Is(err, io.EOF) {
			more = false
			break
		}
		var wrong *people.RowError
		if errors.As(err, &wrong) {
			refused++
			if err := i.report.Add(wrong.Row, "", wrong.Message); err != nil {
				return false, err
			}
			continue
		}
		if err != nil {
			return false, err
		}
		body.Write(row.JSON)
		body.WriteByte('\n')
		sent = append(sent, row)
	}
	answer, err := i.send(ctx, body.Bytes(), sent)
	if err != nil {
		return false, err
	}
	before := i.note.Lines
	i.note.Lines += read
	i.note.Created += answer.Created
	i.note.Updated += answer.Updated
	i.note.Refused += answer.Refused + refused
	if before/importSays != i.note.Lines/importSays {
		fmt.Fprintf(i.s.p.Err, "%s: %d new, %d known, %d refused\n", counted(int(i.note.Lines), "row"), i.note.Created, i.note.Updated, i.note.Refused)
	}
	return more, i.keep()
}

// importAnswer is what the API says of a call.
type importAnswer struct {
	Created int `json:"created"`
	Updated int `json:"updated"`
	Refused int `json:"refused"`
	Results []struct {
		Line    int    `json:"line"`
		Status  string `json:"status"`
		Field   string `json:"field"`
		Message string `json:"message"`
	} `json:"results"`
}

// send makes one call and reports what it refuses.
func (i *importRun) send(ctx context.Context, body []byte, rows []*people.Row) (*importAnswer, error) {
	if len(rows) == 0 {
		return &importAnswer{}, nil
	}
	answer, err := decode[importAnswer](i.s.post(ctx, i.s.path("contacts", "import"), json.RawMessage(body)))
	if err != nil {
		return nil, err
	}
	for _, r := range answer.Results {
		if r.Status != "refused" || r.Line < 1 || r.Line > len(rows) {
			continue
		}
		if err := i.report.Add(*rows[r.Line-1], r.Field, r.Message); err != nil {
			return nil, err
		}
	}
	return &answer, i.report.Flush()
}

// keep writes the note, whole or not at all.
func (i *importRun) keep() error {
	text, err := json.Marshal(i.note)
	if err != nil {
		return err
	}
	if err := os.WriteFile(i.path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(i.path+".new", i.path)
}

// finish says what became of the file; a command with refused rows has a code
// of its own.
func (i *importRun) finish(report string) error {
	n := i.note
	out := map[string]any{"rows": n.Lines, "created": n.Created, "updated": n.Updated, "refused": n.Refused}
	if n.Refused > 0 {
		out["report"] = report
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return err
	}
	err = i.s.show(raw, func() error {
		if err := i.s.line("%s: %d new, %d known, %d refused", counted(int(n.Lines), "row"), n.Created, n.Updated, n.Refused); err != nil || n.Refused == 0 {
			return err
		}
		return i.s.line("the refused rows are in %s, each with why", report)
	})
	if err == nil && n.Refused > 0 {
		return &exitError{code: exitRefused}
	}
	return err
}
