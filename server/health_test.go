package server_test

import (
	"context"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/server"
)

// A server that retires answers as before and says that it is not ready.
func TestRetireComesBeforeTheListenerCloses(t *testing.T) {
	t.Parallel()
	f := serve(t, nil)
	f.Retire()
	if got := f.raw(t, "GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n", 1)[0]; got.Status != 503 || got.Body != `{"ready":false,"checks":{"server":"stopping"}}` {
		t.Errorf("readyz: %d %s", got.Status, got.Body)
	}
	if got := f.raw(t, "POST /echo HTTP/1.1\r\nHost: h\r\n\r\n", 1)[0]; got.Status != 200 {
		t.Errorf("a request: %d", got.Status)
	}
}

func TestNotesDoNotMakeUnready(t *testing.T) {
	t.Parallel()
	paused := "since noon"
	f := serve(t, func(c *server.Config) {
		c.Notes = []server.Note{{Name: "paused", Run: func(context.Context) string { return paused }}, {Name: "silent", Run: func(context.Context) string { return "" }}}
	})
	if got := f.raw(t, "GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n", 1)[0]; got.Status != 200 || got.Body != `{"ready":true,"checks":{},"notes":{"paused":"since noon"}}` {
		t.Errorf("readyz: %d %s", got.Status, got.Body)
	}
}

func TestTheLogNamesTheDeliveryOfACall(t *testing.T) {
	t.Parallel()
	f := serve(t, func(c *server.Config) {
		c.Extra = func(r fiber.Router) {
			r.Get("/send", func(c *fiber.Ctx) error {
				c.Set("X-Delivery-Id", "4711")
				return nil
			})
		}
	})
	f.raw(t, "GET /send HTTP/1.1\r\nHost: h\r\nX-Request-Id: mine\r\n\r\n", 1)
	f.raw(t, "POST /echo HTTP/1.1\r\nHost: h\r\n\r\n", 1)
	lines := strings.Split(strings.TrimSpace(f.log.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "delivery_id=4711") || !strings.Contains(lines[0], "request_id=mine") {
		t.Fatalf("logged:\n%s", f.log)
	}
	if strings.Contains(lines[1], "delivery_id") {
		t.Errorf("a call that made none: %s", lines[1])
	}
}
