package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine/media"
)

// mediaCommands manage the files bots show.
type mediaCommands struct {
	Upload mediaUpload `cmd:"" help:"Upload pictures, films, sounds or documents. A flow then shows one as media:ID."`
	List   mediaList   `cmd:"" help:"List the files, the newest first."`
	Show   mediaShow   `cmd:"" help:"Show all about a file, and what names it."`
	Delete mediaDelete `cmd:"" help:"Delete a file. One that a published flow or a coming broadcast names is kept, unless forced."`
}

type mediaView struct {
	ID         string              `json:"id"`
	Reference  string              `json:"reference"`
	URL        string              `json:"url"`
	PreviewURL string              `json:"preview_url"`
	Name       string              `json:"name"`
	Kind       string              `json:"kind"`
	Type       string              `json:"type"`
	Size       int64               `json:"size"`
	Width      int                 `json:"width"`
	Height     int                 `json:"height"`
	Duration   float64             `json:"duration"`
	Doubts     map[string][]string `json:"doubts"`
	CreatedAt  time.Time           `json:"created_at"`
	Uses       []struct {
		Kind string `json:"kind"`
		Name string `json:"name"`
	} `json:"uses"`
}

// measure is how large it is shown, and how long it lasts.
func (v *mediaView) measure() string {
	var parts []string
	if v.Width > 0 {
		parts = append(parts, fmt.Sprintf("%d × %d", v.Width, v.Height))
	}
	if v.Duration > 0 {
		parts = append(parts, time.Duration(v.Duration*float64(time.Second)).Round(time.Second/10).String())
	}
	return strings.Join(parts, ", ")
}

type mediaUpload struct {
	botConnection `embed:""`
	Files         []string `arg:"" name:"file" help:"Files to upload, up to 200 MB each."`
	As            string   `placeholder:"TYPE" help:"What they are, as in image/png, where their names do not say."`
}

func (c *mediaUpload) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		for _, file := range c.Files {
			raw, err := c.send(ctx, s, file)
			v, err := decode[mediaView](raw, err)
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			if err := s.show(raw, func() error { return s.uploaded(&v) }); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *mediaUpload) send(ctx context.Context, s *botSession, file string) (json.RawMessage, error) {
	f, err := openFile(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > media.MaxUpload {
		return nil, exitWith(exitUsage, "it has %d MB; files of at most %d MB are taken", info.Size()>>20, int64(media.MaxUpload)>>20)
	}
	return s.send(ctx, s.path("media")+"?name="+url.QueryEscape(filepath.Base(file)), c.As, f, info.Size())
}

// send posts a file, which takes as long as it takes.
func (c *client) send(ctx context.Context, path, contentType string, body io.Reader, size int64) (json.RawMessage, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, body)
	if err != nil {
		return nil, fmt.Errorf("call the server: %w", err)
	}
	r.ContentLength = size
	r.Header.Set("Authorization", "Bearer "+c.token)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	patient := *c.http
	patient.Timeout = 0
	answer, err := patient.Do(r)
	if err != nil {
		return nil, c.away(err)
	}
	return c.read(answer)
}

// uploaded tells how a flow shows a file, and who will not.
func (s *session) uploaded(v *mediaView) error {
	text := fmt.Sprintf("%s  %s  %s", v.Name, v.Type, bytesText(v.Size))
	if m := v.measure(); m != "" {
		text += "  " + m
	}
	text += fmt.Sprintf("\n  in a flow: {\"type\": %q, \"url\": %q}\n  served at: %s", v.Kind, v.Reference, v.URL)
	for _, channel := range slices.Sorted(maps.Keys(v.Doubts)) {
		for _, doubt := range v.Doubts[channel] {
			text += "\n  but: " + doubt
		}
	}
	return s.line("%s", text)
}

// bytesText is a size for people.
func bytesText(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}

type mediaList struct {
	botConnection `embed:""`
	Contact       int64 `placeholder:"ID" help:"What this person sent, instead of what was uploaded."`
}

func (c *mediaList) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		path := s.path("media")
		if c.Contact != 0 {
			path += fmt.Sprintf("?contact=%d", c.Contact)
		}
		t := newTable("REFERENCE", "NAME", "TYPE", "SIZE", "MEASURE", "SINCE")
		return showList(ctx, s.session, path, maxItems, t, func(v mediaView) []string {
			return []string{v.Reference, v.Name, v.Type, bytesText(v.Size), v.measure(), s.moment(v.CreatedAt)}
		})
	})
}

// oneMedia is a command about a file.
type oneMedia struct {
	botConnection `embed:""`
	Media         string `arg:"" name:"id" help:"Its id, with media: before it or without."`
}

func (c *oneMedia) path(s *botSession) string {
	return s.path("media", strings.TrimPrefix(c.Media, "media:"))
}

type mediaShow struct{ oneMedia }

func (c *mediaShow) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.get(ctx, c.path(s))
		v, err := decode[mediaView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			if err := s.uploaded(&v); err != nil {
				return err
			}
			for _, u := range v.Uses {
				if err := s.line("  used by: the %s %s", u.Kind, u.Name); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

type mediaDelete struct {
	oneMedia
	Force bool `help:"Although something names it, which then shows nothing."`
}

func (c *mediaDelete) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		path := c.path(s)
		if c.Force {
			path += "?force=true"
		}
		if _, err := s.call(ctx, http.MethodDelete, path, nil); err != nil {
			return err
		}
		return s.show(json.RawMessage(`{"deleted":true}`), func() error { return s.line("deleted %s", c.Media) })
	})
}
