package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"github.com/blockcast/blockcast/app/people"
)

// maxListName is how many characters the name of a list may have.
const maxListName = 100

type audienceUpload struct {
	botConnection `embed:""`
	File          string `arg:"" help:"The file; columns parted by commas, semicolons or tabs."`
	Name          string `help:"What the list is called. Default: the file's name."`
	Phone         string `placeholder:"HEADING" help:"The heading of the column with phone numbers, where it does not say so."`
	ExternalID    string `placeholder:"HEADING" help:"The heading of the column with your own ids."`
	Contact       string `placeholder:"HEADING" help:"The heading of the column with contacts' ids."`
	Report        string `placeholder:"FILE" help:"Where rows go that mean nobody, with why. Default: the file's name and .refused.csv."`
}

// Run sends the file as it is read, so that its size does not matter.
func (c *audienceUpload) Run(ctx context.Context, p *Process, s *settings) error {
	if c.Report == "" {
		c.Report = c.File + ".refused.csv"
	}
	if c.Name == "" {
		name := []rune(filepath.Base(c.File))
		c.Name = string(name[:min(len(name), maxListName)])
	}
	f, err := openFile(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	q := url.Values{}
	for name, v := range map[string]string{"name": c.Name, "phone": c.Phone, "external_id": c.ExternalID, "contact": c.Contact} {
		if v != "" {
			q.Set(name, v)
		}
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		info, err := f.Stat()
		if err != nil {
			return err
		}
		bar := newProgress(p.Err)
		lines, err := newLineMeter(f, bar)
		if err != nil {
			return err
		}
		raw, err := s.send(ctx, s.path("lists", "csv")+"?"+q.Encode(), "text/csv", lines, info.Size())
		bar.end()
		v, err := decode[peopleListView](raw, err)
		if err != nil {
			return err
		}
		if err := c.report(ctx, s, v.ID, v.Refused, bar); err != nil {
			return err
		}
		return s.show(raw, func() error {
			if err := s.line("list %s: %s of %s; %d for somebody again, %d for nobody", v.ID, persons(v.People), counted(int(v.Rows), "row"), v.Duplicates, v.Refused); err != nil || v.Refused == 0 {
				return err
			}
			t := newTable("LINE", "WHY", "ROW")
			if err := showRefusedRows(ctx, s, v.ID, t); err != nil {
				return err
			}
			if err := t.write(s.p.Out); err != nil {
				return err
			}
			return s.line("written to %s, each with why: %s for nobody", c.Report, counted(int(v.Refused), "row"))
		})
	})
}

// report writes every row that means nobody into a file of its own.
func (c *audienceUpload) report(ctx context.Context, s *botSession, list string, all int64, bar *progress) (err error) {
	report, err := people.OpenReport(c.Report, nil, false)
	if err != nil || all == 0 {
		return err
	}
	defer func() { err = errors.Join(err, report.Close()) }()
	defer bar.end()
	path := s.path("lists", list, "refused") + "?limit=" + strconv.Itoa(pageSize)
	for done, cursor := int64(0), ""; ; {
		page, err := decode[items](s.get(ctx, path+"&cursor="+url.QueryEscape(cursor)))
		if err != nil {
			return err
		}
		for _, raw := range page.Items {
			r, err := decode[refusedRow](raw, nil)
			if err != nil {
				return err
			}
			if err := report.Add(people.Row{Line: int(r.Line), Cells: []string{r.Text}}, "", r.Reason); err != nil {
				return err
			}
		}
		done += int64(len(page.Items))
		bar.show(done, all, "rows that mean nobody")
		if cursor = page.Next; cursor == "" {
			return nil
		}
	}
}

// refusedRow is a row of a file that means nobody.
type refusedRow struct {
	Line   int64  `json:"line"`
	Text   string `json:"text"`
	Reason string `json:"reason"`
}

// shownRefusals is how many refused rows the terminal gets.
const shownRefusals = 20

func showRefusedRows(ctx context.Context, s *botSession, list string, t *table) error {
	got, err := s.list(ctx, s.path("lists", list, "refused"), shownRefusals)
	if err != nil {
		return err
	}
	for _, raw := range got.Items {
		r, err := decode[refusedRow](raw, nil)
		if err != nil {
			return err
		}
		t.add(strconv.FormatInt(r.Line, 10), r.Reason, r.Text)
	}
	return nil
}

// lineMeter reads a file and shows how many of its lines are read.
type lineMeter struct {
	in        io.Reader
	bar       *progress
	done, all int64
}

// newLineMeter counts the lines of a file first.
func newLineMeter(f *os.File, bar *progress) (*lineMeter, error) {
	m := &lineMeter{in: f, bar: &progress{}}
	if _, err := io.Copy(io.Discard, m); err != nil {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return &lineMeter{in: f, bar: bar, all: m.done}, nil
}

// Read implements io.Reader.
func (m *lineMeter) Read(p []byte) (int, error) {
	n, err := m.in.Read(p)
	m.done += int64(bytes.Count(p[:n], []byte("\n")))
	if m.all > 0 {
		m.bar.show(m.done, m.all, "rows")
	}
	return n, err
}
