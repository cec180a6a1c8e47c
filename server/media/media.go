// Package media serves the files bots keep, to platforms and to whoever knows
// their addresses. There is no list: an address nobody was told is not guessed.
package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	kept "github.com/blockcast/blockcast/engine/media"
	"github.com/blockcast/blockcast/server/problem"
)

// Store finds files by the ids nobody guesses; nil when there is none.
type Store interface {
	MediaByID(ctx context.Context, id string) (*engine.Media, error)
}

// Files opens kept bytes.
type Files interface {
	Open(ctx context.Context, key string) (kept.Content, error)
}

// Config is what the surface is made of. Only Log may be nil.
type Config struct {
	Store Store
	Files Files
	Log   *slog.Logger
}

// Surface serves GET and HEAD /media/<id>/<name>.
type Surface struct{ Config }

// New returns the surface, whose routes Mount adds.
func New(c Config) *Surface {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Surface{c}
}

// Mount adds the routes.
func (s *Surface) Mount(r fiber.Router) {
	r.Get(kept.Root+":id/:name", s.serve) // and HEAD, which fiber answers by it
}

// Owns reports whether a path is a file's.
func (*Surface) Owns(path string) bool { return strings.HasPrefix(path, kept.Root) }

// MaxBody is none: files are asked for, and nothing else.
func (*Surface) MaxBody(string) int { return 0 }

// Fail answers in few words: a program reads them.
func (*Surface) Fail(c *fiber.Ctx, status int, text string) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return problem.Write(c, problem.New(status, text))
}

// served is a file, or the preview of one.
type served struct {
	key, name, contentType, tag string
	size                        int64
}

func (s *Surface) serve(c *fiber.Ctx) error {
	name, err := url.PathUnescape(c.Params("name"))
	if err != nil || !kept.IsID(c.Params("id")) {
		return missing()
	}
	m, err := s.Store.MediaByID(c.UserContext(), c.Params("id"))
	if err != nil {
		return fmt.Errorf("serve media: %w", err)
	}
	f, ok := fileOf(m, name)
	if !ok {
		return missing()
	}
	header(c, &f)
	if matches(c.Get(fiber.HeaderIfNoneMatch), f.tag) {
		return c.SendStatus(fiber.StatusNotModified)
	}
	from, to, ok := 0, f.size, true
	if asked := c.Get(fiber.HeaderRange); asked != "" && mayBePart(c.Get(fiber.HeaderIfRange), f.tag) {
		var part span
		if part, ok = readRange(asked, f.size); !ok {
			c.Set(fiber.HeaderContentRange, "bytes */"+strconv.FormatInt(f.size, 10))
			return problem.New(fiber.StatusRequestedRangeNotSatisfiable, "the file has no such part")
		}
		if part.asked {
			from, to = int(part.from), part.to
			c.Status(fiber.StatusPartialContent)
			c.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes %d-%d/%d", part.from, part.to-1, f.size))
		}
	}
	return s.send(c, &f, int64(from), to)
}

// fileOf tells which of a file's two addresses is asked for; every other is none.
func fileOf(m *engine.Media, name string) (served, bool) {
	switch {
	case m == nil:
		return served{}, false
	case name == m.Name:
		return served{kept.Key(m), m.Name, m.Type, `"` + m.Hash + `"`, m.Size}, true
	case name == kept.PreviewName && m.Preview > 0:
		return served{kept.PreviewKey(m), name, "image/jpeg", `"` + m.Hash + `-preview"`, m.Preview}, true
	}
	return served{}, false
}

func missing() error {
	return problem.New(fiber.StatusNotFound, "there is no such file: it was deleted, or the address is not whole")
}

// header says what the bytes are, and that browsers do not guess. A file never
// changes, so that it may be kept for ever.
func header(c *fiber.Ctx, f *served) {
	c.Set(fiber.HeaderContentType, f.contentType)
	if strings.HasPrefix(f.contentType, "text/") {
		c.Set(fiber.HeaderContentType, f.contentType+"; charset=utf-8")
	}
	how := "attachment"
	if kept.Shown(f.contentType) {
		how = "inline"
	}
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType(how, map[string]string{"filename": f.name}))
	c.Set(fiber.HeaderETag, f.tag)
	c.Set(fiber.HeaderAcceptRanges, "bytes")
	c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderContentSecurityPolicy, "sandbox; default-src 'none'")
	c.Set("Cross-Origin-Resource-Policy", "cross-origin")
	c.Set("X-Robots-Tag", "noindex")
}

// send writes the bytes between two places.
func (s *Surface) send(c *fiber.Ctx, f *served, from, to int64) error {
	content, err := s.Files.Open(c.UserContext(), f.key)
	if errors.Is(err, fs.ErrNotExist) {
		s.Log.Error("media without its bytes", "key", f.key)
		return missing()
	}
	if err != nil {
		return fmt.Errorf("open media: %w", err)
	}
	if c.Method() == fiber.MethodHead {
		c.Response().Header.SetContentLength(int(to - from))
		c.Response().SkipBody = true
		return content.Close()
	}
	c.Context().SetBodyStream(&part{io.NewSectionReader(content, from, to-from), content}, int(to-from))
	return nil
}

// part is bytes that are closed when they are sent.
type part struct {
	*io.SectionReader
	io.Closer
}
