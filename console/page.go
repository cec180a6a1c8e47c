package console

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"path"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/channels/sandbox"
	"github.com/blockcast/blockcast/engine"
)

//go:embed static templates
var files embed.FS

// contentPolicy lets the page load nothing but its own parts, and no script that
// stands in the page itself.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// pages are the templates, each with the frame around it.
type pages struct {
	full      map[string]*template.Template
	fragments *template.Template
	bubbles   fs.FS
}

func newPages() *pages {
	shared := template.Must(template.New("").Funcs(words()).ParseFS(files, "templates/frame.html", "templates/parts.html"))
	p := &pages{full: map[string]*template.Template{}, fragments: shared, bubbles: sandbox.Bubbles()}
	for _, name := range [...]string{"signin", "error", "list", "compose", "show", "recipients", "upload", "why", "found", "sure"} {
		t := template.Must(template.Must(shared.Clone()).ParseFS(files, "templates/"+name+".html"))
		p.full[name] = t
	}
	return p
}

// frame is what every page shows; Page is its own.
type frame struct {
	Title   string
	Session *session // nil before somebody signs in
	Error   string
	Step    string // of Who, What, When, Check, Report
	Page    any
}

// render answers with a page.
func (k *Console) render(c *fiber.Ctx, status int, name string, f *frame) error {
	return k.write(c, status, k.pages.full[name], "frame", f)
}

// fragment answers with a part of a page.
func (k *Console) fragment(c *fiber.Ctx, name string, data any) error {
	return k.write(c, fiber.StatusOK, k.pages.fragments, name, data)
}

func (k *Console) write(c *fiber.Ctx, status int, t *template.Template, name string, data any) error {
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	guard(c)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Status(status)
	return c.Send(b.Bytes())
}

// guard sets the headers of all that the page consists of.
func guard(c *fiber.Ctx) {
	c.Set(fiber.HeaderContentSecurityPolicy, contentPolicy)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
}

// static serves the page's own files, and the sandbox's that draw messages.
func (k *Console) static(c *fiber.Ctx) error {
	name := path.Base(c.Params("file"))
	text, err := fs.ReadFile(files, "static/"+name)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = fs.ReadFile(k.pages.bubbles, name)
	}
	if err != nil {
		return fiber.ErrNotFound
	}
	guard(c)
	c.Set(fiber.HeaderCacheControl, "no-cache")
	c.Set(fiber.HeaderContentType, mime.TypeByExtension(path.Ext(name)))
	return c.Send(text)
}

// picture draws a picture of a preview: nothing is fetched from other hosts.
func picture(c *fiber.Ctx) error {
	guard(c)
	c.Set(fiber.HeaderContentSecurityPolicy, sandbox.PicturePolicy)
	c.Set(fiber.HeaderCacheControl, "max-age=3600")
	c.Set(fiber.HeaderContentType, "image/svg+xml")
	return c.Send(sandbox.Picture(c.Params("*")))
}

func invalid(field, format string, args ...any) error {
	return &engine.Error{Code: engine.Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// refusal is an error that the person who typed can mend, nil for another's.
func refusal(err error) *engine.Error {
	var e *engine.Error
	if !errors.As(err, &e) || e.Code == engine.NotFound && e.Field == "" || e.Code == engine.Unavailable {
		return nil
	}
	return e
}

// missing turns what is not a bot's own into 404.
func missing(err error) error {
	if engine.IsCode(err, engine.NotFound) {
		return fiber.ErrNotFound
	}
	return err
}
