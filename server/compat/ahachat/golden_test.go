package ahachat_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/server"
	"github.com/blockcast/blockcast/server/compat/ahachat"
)

var update = flag.Bool("update", false, "write the goldens")

// exchange is one golden call: what is sent, what comes back, and what the
// outbox was asked to do.
type exchange struct {
	Label   string            `json:"label"`
	Method  string            `json:"method,omitempty"`
	Path    string            `json:"path,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
	Raw     string            `json:"raw,omitempty"` // the request's bytes, instead of all above

	Status   int               `json:"status"`
	Answers  map[string]string `json:"answer_headers,omitempty"`
	Response json.RawMessage   `json:"response,omitempty"`
	Order    *order            `json:"order,omitempty"` // nil: the outbox was not asked
}

// TestGoldens sends every call of testdata over a socket, byte for byte, and
// compares answers and orders. Run it with -update to write what came.
func TestGoldens(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want []exchange
			if err := json.Unmarshal(data, &want); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			w := new(world)
			addr, log := serve(t, w)
			got := make([]exchange, len(want))
			for i, e := range want {
				w.forget()
				got[i] = call(t, addr, w, e)
			}
			if strings.Contains(log.String(), sendToken) {
				t.Errorf("the token stands in the log:\n%s", log)
			}
			if *update {
				if err := os.WriteFile(file, print(t, got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			for i := range want {
				if d := cmp.Diff(string(print(t, want[i])), string(print(t, got[i]))); d != "" {
					t.Errorf("%s: -want +got\n%s", want[i].Label, d)
				}
			}
		})
	}
}

func print(t *testing.T, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// serve starts a server in front of a world.
func serve(t *testing.T, w *world) (addr string, log *bytes.Buffer) {
	t.Helper()
	log = new(bytes.Buffer)
	s := server.New(server.Config{
		Surfaces: []server.Surface{ahachat.New(ahachat.Config{Bots: w, Tokens: w, Outbox: w, Now: now})},
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
func call(t *testing.T, addr string, w *world, e exchange) exchange {
	t.Helper()
	res, body := send(t, addr, e)
	if strings.Contains(string(w.request())+string(body), sendToken) {
		t.Errorf("%s: the token stands in the record or the answer", e.Label)
	}
	e.Status, e.Response, e.Order = res.StatusCode, nil, w.order()
	e.Answers = map[string]string{}
	for _, name := range []string{"X-Delivery-Id", "Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Allow", "Retry-After"} {
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
func send(t *testing.T, addr string, e exchange) (*http.Response, []byte) {
	t.Helper()
	secrets := strings.NewReplacer("{token}", sendToken, "{agent}", agentToken, "{reader}", readToken, "{other}", otherToken, "{instance}", instanceToken)
	raw := secrets.Replace(e.Raw)
	if raw == "" {
		body := secrets.Replace(e.Body)
		raw = fmt.Sprintf("%s %s HTTP/1.1\r\nHost: localhost\r\n", e.Method, secrets.Replace(e.Path))
		for name, value := range e.Headers {
			raw += name + ": " + secrets.Replace(value) + "\r\n"
		}
		if body != "" {
			raw += fmt.Sprintf("Content-Length: %d\r\n", len(body))
		}
		raw += "\r\n" + body
	}
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, raw); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: e.Method})
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
