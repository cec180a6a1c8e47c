// Package compattest holds a foreign API to golden calls: what is sent, byte
// for byte, what comes back, and what the outbox was asked to do.
package compattest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/blocks/goldentest"
	"github.com/blockcast/blockcast/server"
)

// World plays what stands behind a surface.
type World interface {
	// Forget forgets the last call.
	Forget()
	// Order is what the outbox was asked, as goldens keep it; nil when it was
	// not asked.
	Order() any
	// Record is what is kept of the last call.
	Record() []byte
}

// Config is what goldens are run with.
type Config struct {
	World   func() World
	Surface func(World) server.Surface
	// Secrets are tokens by what stands for them in goldens, as {token}. None
	// may come up in a log, a record or an answer.
	Secrets map[string]string
	Headers []string // of answers, that goldens keep
}

// exchange is one golden call.
type exchange struct {
	Label   string            `json:"label"`
	Method  string            `json:"method,omitempty"`
	Path    string            `json:"path,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
	JSON    json.RawMessage   `json:"json,omitempty"` // a body that is JSON, instead of body
	Raw     string            `json:"raw,omitempty"`  // the request's bytes, instead of all above

	Status   int               `json:"status"`
	Answers  map[string]string `json:"answer_headers,omitempty"`
	Response json.RawMessage   `json:"response,omitempty"`
	Order    json.RawMessage   `json:"order,omitempty"` // absent: the outbox was not asked
}

// Run sends every call of testdata/*.json over a socket and compares answers
// and orders. With -update it writes what came.
func Run(t *testing.T, c Config) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			c.file(t, file)
		})
	}
}

func (c Config) file(t *testing.T, file string) {
	w := c.World()
	addr, log := c.serve(t, w)
	goldentest.Cases(t, file, func(e exchange) string { return e.Label }, func(e exchange) exchange {
		w.Forget()
		return c.call(t, addr, w, e)
	})
	c.hides(t, "the log", log.String())
}

// hides holds that no secret stands in a text.
func (c Config) hides(t *testing.T, where, text string) {
	t.Helper()
	for name, secret := range c.Secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%s stands in %s:\n%s", name, where, text)
		}
	}
}

// serve starts a server in front of a world.
func (c Config) serve(t *testing.T, w World) (addr string, log *bytes.Buffer) {
	t.Helper()
	log = new(bytes.Buffer)
	s := server.New(server.Config{
		Surfaces: []server.Surface{c.Surface(w)},
		NewID:    func() string { return "request-1" },
		Log:      slog.New(slog.NewTextHandler(log, nil)),
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(context.Background(), l) }()
	t.Cleanup(func() {
		if err := errors.Join(s.Shutdown(context.Background()), <-served); err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String(), log
}

// call makes one exchange.
func (c Config) call(t *testing.T, addr string, w World, e exchange) exchange {
	t.Helper()
	res, body := c.send(t, addr, e)
	c.hides(t, "the record or answer of "+e.Label, string(w.Record())+string(body))
	e.Status, e.Response, e.Order, e.Answers = res.StatusCode, nil, nil, map[string]string{}
	if o := w.Order(); o != nil {
		e.Order = goldentest.JSON(t, o)
	}
	for _, name := range c.Headers {
		if v := res.Header.Get(name); v != "" {
			e.Answers[name] = v
		}
	}
	if len(body) > 0 {
		e.Response = body
	}
	return e
}

// send writes the request as it stands in the golden.
func (c Config) send(t *testing.T, addr string, e exchange) (*http.Response, []byte) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, c.raw(e)); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: e.Method})
	if err != nil {
		t.Fatalf("%s: %v", e.Label, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s: %v", e.Label, err)
	}
	return res, body
}

// secrets puts secrets in for what stands for them.
func (c Config) secrets() *strings.Replacer {
	var pairs []string
	for name, secret := range c.Secrets {
		pairs = append(pairs, name, secret)
	}
	return strings.NewReplacer(pairs...)
}

// raw is the request in bytes, with its secrets.
func (c Config) raw(e exchange) string {
	replacer := c.secrets()
	if e.Raw != "" {
		return replacer.Replace(e.Raw)
	}
	body := replacer.Replace(e.Body)
	raw := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: localhost\r\n", e.Method, replacer.Replace(e.Path))
	if len(e.JSON) > 0 {
		body = replacer.Replace(string(e.JSON))
		raw += "Content-Type: application/json\r\n"
	}
	for _, name := range slices.Sorted(maps.Keys(e.Headers)) {
		raw += name + ": " + replacer.Replace(e.Headers[name]) + "\r\n"
	}
	if body != "" {
		raw += fmt.Sprintf("Content-Length: %d\r\n", len(body))
	}
	return raw + "\r\n" + body
}
