package app

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/blockcast/blockcast/app/people"
)

type contactsExport struct {
	botConnection `embed:""`
	File          string `arg:"" help:"Where to: a file that is not there yet, or - for the output."`
	Format        string `enum:"auto,csv,ndjson" default:"auto" help:"${enum}; auto goes by the file's name, and is ndjson for the output."`
}

// Run writes the file under another name first: one that is there is whole.
func (c *contactsExport) Run(ctx context.Context, p *Process, s *settings) error {
	format := c.Format
	switch {
	case format == "auto" && c.File == "-":
		format = people.NDJSON
	case format == "auto":
		format = people.FormatOf(c.File)
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		path := s.path("contacts", "export") + "?" + url.Values{"format": {format}}.Encode()
		if c.File == "-" {
			_, err := s.save(ctx, path, p.Out)
			return err
		}
		f, err := c.create()
		if err != nil {
			return err
		}
		lines, err := s.save(ctx, path, f)
		if err = errors.Join(err, f.Close()); err == nil {
			err = os.Rename(f.Name(), c.File)
		}
		if err != nil {
			return errors.Join(err, os.Remove(f.Name()))
		}
		if format == people.CSV { // whose cells may hold several lines
			return s.line("wrote all people to %s", c.File)
		}
		return s.line("wrote %s to %s", persons(lines), c.File)
	})
}

// create makes the file under its first name. An older export is never written
// over: it may be the only one.
func (c *contactsExport) create() (*os.File, error) {
	if _, err := os.Stat(c.File); err == nil {
		return nil, exitWith(exitUsage, "the file %s is there already, and is not written over: give another name, or move it away", c.File)
	}
	folder := filepath.Dir(c.File)
	f, err := os.CreateTemp(folder, filepath.Base(c.File)+".part-*")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, exitWith(exitAbsent, "there is no folder %s to write %s into", folder, filepath.Base(c.File))
	case err != nil:
		return nil, exitWith(exitUsage, "%v", err)
	}
	return f, nil
}

// save writes an answer of lines as it comes, and returns how many there were.
// One that broke off is an error.
func (c *client) save(ctx context.Context, path string, to io.Writer) (lines int, err error) {
	answer, err := c.open(ctx, path)
	if err != nil {
		return 0, err
	}
	defer answer.Close()
	in, out := bufio.NewReader(answer), bufio.NewWriter(to)
	for {
		line, err := in.ReadSlice('\n')
		whole := err == nil
		if bytes.HasPrefix(line, []byte(`{"error":`)) {
			return lines, exitWith(exitFailed, "the server broke off: %s", bytes.TrimSpace(line))
		}
		if _, failed := out.Write(line); failed != nil {
			return lines, fmt.Errorf("write: %w", failed)
		}
		if whole {
			lines++
		}
		switch {
		case errors.Is(err, io.EOF):
			return lines, out.Flush()
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return lines, c.away(err)
		}
	}
}
