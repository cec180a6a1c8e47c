package server

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"
)

// readyPath is asked for again and again.
const readyPath = "/readyz"

// readyTimeout bounds one look at everything the server needs.
const readyTimeout = 2 * time.Second

// Check is one thing without which the server is not ready.
type Check struct {
	Name string // such as database
	// Run returns nil when all is well. Its error is shown to whoever can reach
	// /readyz, which is anybody.
	Run func(context.Context) error
}

// Note tells of something that does not keep the server from being ready, such
// as a pause.
type Note struct {
	Name string
	// Run returns what is to be said, "" for nothing. Anybody may read it.
	Run func(context.Context) string
}

// readiness is the answer of /readyz.
type readiness struct {
	Ready  bool              `json:"ready"`
	Checks map[string]string `json:"checks"`
	Notes  map[string]string `json:"notes,omitempty"`
}

// mountHealth adds /healthz (the process answers) and /readyz (so does all it
// needs). A server that is stopping is healthy, but not ready.
func (s *Server) mountHealth() {
	s.app.Get("/healthz", func(c *fiber.Ctx) error { return c.JSON(fiber.Map{"ok": true}) })
	s.app.Get(readyPath, func(c *fiber.Ctx) error {
		r := s.ready(c.UserContext())
		if !r.Ready {
			c.Status(fiber.StatusServiceUnavailable)
		}
		return c.JSON(r)
	})
}

func (s *Server) ready(ctx context.Context) readiness {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	r := readiness{Ready: true, Checks: map[string]string{}}
	if s.stopping.Load() {
		r.Ready, r.Checks["server"] = false, "stopping"
	}
	for _, check := range s.Checks {
		r.Checks[check.Name] = "ok"
		if err := check.Run(ctx); err != nil {
			r.Ready, r.Checks[check.Name] = false, err.Error()
		}
	}
	for _, note := range s.Notes {
		text := note.Run(ctx)
		if text == "" {
			continue
		}
		if r.Notes == nil {
			r.Notes = map[string]string{}
		}
		r.Notes[note.Name] = text
	}
	return r
}
