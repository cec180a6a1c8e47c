// Package clicks serves the addresses that count taps on links: whoever opens
// one is sent on to where the link leads, and to no other place. What a request
// says besides is nothing to it.
package clicks

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/blockcast/blockcast/engine/clicks"
	"github.com/blockcast/blockcast/server/problem"
)

// awayWait is when an address is worth opening again that nobody could look up.
const awayWait = 5 * time.Second

// Links opens addresses and counts taps.
type Links interface {
	// Open finds where an address leads by its end; nil: nowhere. An error means
	// that nobody knows just now.
	Open(ctx context.Context, token string) (*clicks.Opened, error)
	// Count counts a tap, and holds nobody up for it.
	Count(ctx context.Context, o *clicks.Opened)
}

// Config is what the surface is made of.
type Config struct {
	Links    Links
	Registry *prometheus.Registry // nil: one of its own
	Log      *slog.Logger         // nil: discards
}

// Surface serves GET and HEAD /c/<token>.
type Surface struct {
	Config
	metrics *metrics
}

// New returns the surface, whose routes Mount adds.
func New(c Config) *Surface {
	if c.Registry == nil {
		c.Registry = prometheus.NewRegistry()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Surface{c, newMetrics(c.Registry)}
}

// Mount adds the route.
func (s *Surface) Mount(r fiber.Router) {
	r.Get(clicks.Path+":token", s.open) // and HEAD, which fiber answers by it
}

// Owns reports whether a path is an address of ours.
func (*Surface) Owns(path string) bool { return strings.HasPrefix(path, clicks.Path) }

// MaxBody is none: addresses are opened, and nothing else.
func (*Surface) MaxBody(string) int { return 0 }

// Fail answers with a page for people: it is their browser that asks.
func (*Surface) Fail(c *fiber.Ctx, status int, text string) error {
	header(c)
	c.Status(status).Type("html", "utf-8")
	c.Vary(fiber.HeaderAcceptLanguage)
	return c.SendString(page(status, c.Get(fiber.HeaderAcceptLanguage)))
}

// open sends on to where a link leads. What is asked for by a machine is not
// counted, and gets the same answer.
func (s *Surface) open(c *fiber.Ctx) error {
	o, err := s.Links.Open(c.UserContext(), c.Params("token"))
	switch {
	case err != nil:
		s.Log.Warn("link not looked up", "error", err)
		s.metrics.count(unavailable)
		return &problem.Problem{Status: fiber.StatusServiceUnavailable, Detail: "where this leads cannot be looked up just now", RetryAfter: awayWait}
	case o == nil:
		s.metrics.count(refused)
		return problem.New(fiber.StatusNotFound, "this address leads nowhere")
	}
	header(c)
	c.Set(fiber.HeaderLocation, location(o.Link.Target))
	c.Status(fiber.StatusFound)
	if why := machine(c.Method(), func(name string) string { return c.Get(name) }); why != "" {
		s.metrics.count(filtered)
		s.Log.Debug("tap not counted", "link_id", o.Link.ID, "why", why)
		return nil
	}
	s.Links.Count(c.UserContext(), o)
	return nil
}

// header keeps the answer from being kept, listed, or told to where it leads.
func header(c *fiber.Ctx) {
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'unsafe-inline'")
	c.Set("X-Robots-Tag", "noindex, nofollow")
}

// location writes a target as a header may have it: what is no printable ASCII
// in percent signs.
func location(target string) string {
	const hex = "0123456789ABCDEF"
	target = strings.TrimSpace(target)
	var b strings.Builder
	for i := 0; i < len(target); i++ {
		if ch := target[i]; ch > ' ' && ch < 0x7f && ch != '"' && ch != '<' && ch != '>' && ch != '\\' {
			b.WriteByte(ch)
		} else {
			b.Write([]byte{'%', hex[ch>>4], hex[ch&15]})
		}
	}
	return b.String()
}
