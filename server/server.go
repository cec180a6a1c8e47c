// Package server is the HTTP edge: one listener, one body reader, request ids,
// the access log, health and metrics. What is served are Surfaces that it is
// given; it knows neither flows nor platforms.
package server

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"

	"github.com/blockcast/blockcast/server/stream"
)

// Named limits of a connection.
const (
	maxHead     = 32 << 10         // request line and headers: some callers put whole texts into the query
	readTimeout = 30 * time.Second // of one request with its body
	idleTimeout = 90 * time.Second // between two requests; longer than proxies keep theirs

	streamTimeout = 30 * time.Minute // of a body that is read as it comes

	lastWord = 2 * time.Second // for answers that are still being made to say that they break off
)

// Surface is a family of routes with its own body limits and its own form of
// errors.
type Surface interface {
	// Mount adds the routes.
	Mount(r fiber.Router)
	// Owns reports whether a path belongs to the surface, also when no route
	// of it matches.
	Owns(path string) bool
	// MaxBody is how many bytes a request to the path may carry.
	MaxBody(path string) int
	// Fail answers in the surface's own form. text is a sentence for the
	// caller; the status and the request id are final.
	Fail(c *fiber.Ctx, status int, text string) error
}

// Streamer is a Surface with routes that read their bodies as they come: files
// too large to be held. Such a route bounds what it reads by itself, and has
// streamTimeout for it.
type Streamer interface {
	Streams(method, path string) bool
}

// Config is what a Server is made of.
type Config struct {
	Surfaces []Surface
	Extra    func(fiber.Router)     // mounts what is no Surface; nil: nothing
	Checks   []Check                // of readiness
	Notes    []Note                 // beside them
	Registry *prometheus.Registry   // nil: one of its own
	Log      *slog.Logger           // nil: discards
	Now      func() time.Time       // nil: the local clock
	NewID    func() string          // of requests; may not be nil
	Away     func(error) bool       // whether an error means that the database cannot be asked just now: 503; nil: none does
	Debug    func(path string) bool // paths whose successes are logged at level debug; nil: webhooks and health
}

// Server serves the surfaces. Serve runs it, Shutdown ends it.
type Server struct {
	Config
	app       *fiber.App
	metrics   *metrics
	base      atomic.Pointer[context.Context] // of all requests, from Serve on
	endStream atomic.Pointer[context.CancelFunc]
	newcomers newcomers
	stopping  atomic.Bool
	stopped   chan struct{} // closed when Shutdown is done
}

// New assembles a server.
func New(c Config) *Server {
	if c.NewID == nil {
		panic("server: NewID is nil")
	}
	if c.Registry == nil {
		c.Registry = prometheus.NewRegistry()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Debug == nil {
		c.Debug = quiet
	}
	s := &Server{Config: c, metrics: newMetrics(c.Registry), stopped: make(chan struct{})}
	s.app = fiber.New(fiber.Config{
		DisableStartupMessage:        true,
		CaseSensitive:                true,
		Immutable:                    true, // strings outlive their request: they are stored, logged and cached
		StreamRequestBody:            true,
		DisablePreParseMultipartForm: true, // it would be written to disk before any limit is looked at
		BodyLimit:                    1,    // read by readBody, with each route's own limit
		ReadBufferSize:               maxHead,
		ReadTimeout:                  readTimeout,
		IdleTimeout:                  idleTimeout,
		JSONEncoder:                  plainJSON,
		ErrorHandler:                 s.fail,
	})
	s.app.Use(s.observe, s.readBody)
	s.mountHealth()
	s.mountMetrics()
	for _, f := range c.Surfaces {
		f.Mount(s.app)
	}
	if c.Extra != nil {
		c.Extra(s.app)
	}
	s.prepare(s.app.Server())
	return s
}

// prepare sets what fiber has no field for.
func (s *Server) prepare(h *fasthttp.Server) {
	h.SecureErrorLogMessage = true // an unreadable request line may hold a token
	h.ConnState = requestEnded
	h.CloseOnShutdown = true
	h.HeaderReceived = s.patience
	handle := h.Handler
	h.Handler = func(ctx *fasthttp.RequestCtx) {
		handle(ctx)
		if ctx.Request.IsBodyStream() {
			ctx.SetConnectionClose() // an unread body would be taken for the next request
			if c, ok := ctx.Conn().(*conn); ok {
				c.unread = true
			}
		}
	}
}

// Serve answers on a listener until Shutdown is done. The context of every
// request descends from ctx and ends when Serve returns; that of an answer
// which is made when its call has returned, see stream.Context, ends earlier in
// a shutdown, so that it can say so.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	streams, end := context.WithCancel(ctx)
	defer end()
	s.endStream.Store(&end)
	ctx = stream.With(ctx, streams)
	s.base.Store(&ctx)
	if err := s.app.Listener(tolerant{l, &s.newcomers}); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	<-s.stopped // the listener is closed first, requests may be under way
	return nil
}

// Retire makes the server not ready, while it answers as before: whoever sends
// it requests has the time until Shutdown to notice.
func (s *Server) Retire() { s.stopping.Store(true) }

// Shutdown takes no more requests, lets those under way end until ctx does, and
// makes Serve return. From its begin on the server is not ready. It is called
// once.
func (s *Server) Shutdown(ctx context.Context) error {
	defer close(s.stopped)
	s.stopping.Store(true)
	s.newcomers.dismiss()
	defer s.endStreams(ctx)()
	if err := s.app.ShutdownWithContext(ctx); err != nil {
		return fmt.Errorf("shut down: %w", err)
	}
	return nil
}

// endStreams ends answers that are still being made when there is little time
// left, and at the latest when the returned function is called.
func (s *Server) endStreams(ctx context.Context) (now func()) {
	end := s.endStream.Load()
	if end == nil {
		return func() {} // nothing was served
	}
	deadline, ok := ctx.Deadline()
	if !ok {
		return *end
	}
	left := time.Until(deadline) // sockets know no other clock
	timer := time.AfterFunc(max(left-lastWord, left/2), *end)
	return func() {
		timer.Stop()
		(*end)()
	}
}

// Route is one method and path that is served.
type Route struct{ Method, Path string }

// Routes lists what is served, in the order it is matched, path parameters as
// in /v1/bots/:bot.
func (s *Server) Routes() []Route {
	var out []Route
	for _, r := range s.app.GetRoutes(true) {
		out = append(out, Route{r.Method, r.Path})
	}
	return out
}

// Test answers one request as Serve would, without a listener; for tests.
func (s *Server) Test(r *http.Request) (*http.Response, error) {
	return s.app.Test(r, -1)
}

// surface finds who owns a path, nil when nobody does.
func (s *Server) surface(path string) Surface {
	for _, f := range s.Surfaces {
		if f.Owns(path) {
			return f
		}
	}
	return nil
}

// requestID takes the caller's id when it is harmless in a log, else makes one.
func (s *Server) requestID(given string) string {
	const longest = 64
	if len(given) > longest {
		given = ""
	}
	for _, c := range []byte(given) {
		if !isWord(c) && c != '-' && c != '.' {
			given = ""
			break
		}
	}
	if given == "" {
		given = s.NewID()
	}
	return cmp.Or(given, "-")
}

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}
