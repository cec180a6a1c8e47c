package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/server/token"
)

// deliveryHeader is how a surface tells which delivery a call has made; the
// access log names it beside the request's id.
const deliveryHeader = "X-Delivery-Id"

// linkPath begins the addresses that count taps on links.
const linkPath = "/c/"

// observe gives a request its id and context, catches panics, writes the error
// answer, counts and logs.
func (s *Server) observe(c *fiber.Ctx) error {
	start := s.Now()
	id := s.requestID(c.Get(fiber.HeaderXRequestID))
	c.Set(fiber.HeaderXRequestID, id)
	parent := c.UserContext()
	if base := s.base.Load(); base != nil {
		parent = *base
	}
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	var meter token.Meter
	c.SetUserContext(token.WithMeter(ctx, &meter))

	if err := s.guarded(c, id); err != nil {
		if err := s.fail(c, err); err != nil {
			return err
		}
	}
	tellLimit(c, meter)
	took := s.Now().Sub(start)
	s.metrics.observe(c, took)
	s.log(c, id, took)
	return nil
}

// tellLimit says what the call leaves of the rate of its token, or its bot, as
// the IETF's draft on RateLimit headers has it.
func tellLimit(c *fiber.Ctx, m token.Meter) {
	if m.PerSecond == 0 {
		return
	}
	policy := `"token"`
	if m.PerBot {
		policy = `"bot"`
	}
	c.Set("RateLimit-Policy", policy+";q="+strconv.Itoa(m.PerSecond)+";w=1")
	c.Set("RateLimit", policy+";r="+strconv.Itoa(m.Left)+";t=1")
}

// guarded runs the rest of the chain and turns a panic into an error.
func (s *Server) guarded(c *fiber.Ctx, id string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.Log.Error("panic", "request_id", id, "path", shownPath(c.Path()), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fiber.ErrInternalServerError
		}
	}()
	return c.Next()
}

// log writes the access log's line of a request.
func (s *Server) log(c *fiber.Ctx, id string, took time.Duration) {
	status := c.Response().StatusCode()
	level := slog.LevelInfo
	switch {
	case status >= fiber.StatusInternalServerError:
		level = failing(status)
	case status < fiber.StatusBadRequest && s.Debug(c.Path()):
		level = slog.LevelDebug
	}
	if !s.Log.Enabled(c.UserContext(), level) {
		return
	}
	line := make([]slog.Attr, 0, 10)
	if delivery := c.GetRespHeader(deliveryHeader); delivery != "" {
		line = append(line, slog.String("delivery_id", delivery))
	}
	line = append(line, slog.String("request_id", id), slog.String("method", c.Method()), slog.String("path", shownPath(c.Path())),
		slog.String("query", queryNames(rawQuery(c))), slog.Int("status", status), slog.Float64("ms", float64(took.Microseconds())/1000),
		slog.Int("bytes_in", bytesIn(c)), slog.Int("bytes_out", bytesOut(c)), slog.String("remote", c.IP()))
	s.Log.LogAttrs(c.UserContext(), level, "request", line...)
}

// failing is the level of a call that failed by us. One that was asked to come
// again is none to look into: whoever calls does, and the metrics count it.
func failing(status int) slog.Level {
	if status == fiber.StatusServiceUnavailable {
		return slog.LevelWarn
	}
	return slog.LevelError
}

// bytesIn is how much of a body was read; asking an unread one for its bytes
// would read it whole.
func bytesIn(c *fiber.Ctx) int {
	if c.Request().IsBodyStream() {
		return 0
	}
	return len(c.Request().Body())
}

// bytesOut is how long an answer is, 0 when it is still being made.
func bytesOut(c *fiber.Ctx) int {
	if c.Response().IsBodyStream() {
		return 0
	}
	return len(c.Response().Body())
}

// quiet are the paths that would drown the log.
func quiet(path string) bool {
	switch path {
	case "/healthz", "/readyz", "/metrics":
		return true
	}
	return strings.HasPrefix(path, "/webhooks/") || strings.HasPrefix(path, linkPath)
}

// shownPath is what a log may know of a path: not the end of a counted link,
// because whoever has it can tap in its person's name.
func shownPath(path string) string {
	if strings.HasPrefix(path, linkPath) {
		return linkPath + "…"
	}
	return path
}

// rawQuery is the query as it came in.
func rawQuery(c *fiber.Ctx) string {
	_, query, _ := strings.Cut(string(c.Request().Header.RequestURI()), "?")
	return query
}

// queryNames is what a log may know of a query: the names in it. Values hold
// tokens and people's data.
func queryNames(query string) string {
	const most = 20
	var names []string
	for pair := range strings.FieldsFuncSeq(query, func(r rune) bool { return r == '&' || r == '?' }) {
		if len(names) == most {
			names = append(names, "…")
			break
		}
		name, _, ok := strings.Cut(pair, "=")
		if text, err := url.QueryUnescape(name); err == nil {
			name = text
		}
		if !ok || !plainName(name) {
			name = "…"
		}
		names = append(names, name)
	}
	return strings.Join(names, ",")
}

// plainName reports whether a parameter's name can be one, and no secret that
// stands in the wrong place.
func plainName(name string) bool {
	const longest = 40
	if name == "" || len(name) > longest {
		return false
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune("_-. []", r) {
			return false
		}
	}
	return true
}
