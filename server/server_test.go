package server_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/server"
	"github.com/blockcast/blockcast/server/stream"
)

// echo is a surface that tells what reached it.
type echo struct{}

func (echo) Owns(path string) bool   { return strings.HasPrefix(path, "/echo") }
func (echo) MaxBody(path string) int { return 10_000 }
func (echo) Fail(c *fiber.Ctx, status int, text string) error {
	return c.Status(status).SendString(fmt.Sprint("echo: ", status, " ", text))
}
func (echo) Mount(r fiber.Router) {
	r.Post("/echo", func(c *fiber.Ctx) error {
		_, query, _ := strings.Cut(string(c.Request().Header.RequestURI()), "?")
		return c.SendString(fmt.Sprintf("%s|%d|%.20s", query, len(c.Request().Body()), c.Request().Body()))
	})
	r.Get("/echo/panic", func(*fiber.Ctx) error { panic("the secret of the panic") })
	r.Get("/echo/error", func(*fiber.Ctx) error { return errors.New("the secret of the error") })
	r.Get("/echo/busy", func(*fiber.Ctx) error { return errors.Join(fiber.ErrServiceUnavailable, errors.New("busy")) })
}

// fixture is a server that listens.
type fixture struct {
	*server.Server
	addr string
	log  *syncBuffer
}

func serve(t *testing.T, change func(*server.Config)) *fixture {
	t.Helper()
	f := &fixture{log: new(syncBuffer)}
	var n atomic.Int64
	c := server.Config{
		Surfaces: []server.Surface{echo{}},
		Log:      slog.New(slog.NewTextHandler(f.log, nil)),
		NewID:    func() string { return fmt.Sprint("id-", n.Add(1)) },
	}
	if change != nil {
		change(&c)
	}
	f.Server = server.New(c)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.addr = l.Addr().String()
	done := make(chan error, 1)
	go func() { done <- f.Serve(context.Background(), l) }()
	t.Cleanup(func() {
		if err := f.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return f
}

// raw writes bytes to the server and reads as many answers as it can get.
func (f *fixture) raw(t *testing.T, request string, answers int) []answer {
	t.Helper()
	c, err := net.Dial("tcp", f.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r := bufio.NewReader(c)
	var out []answer
	for i, part := range strings.Split(request, "<then>") {
		if _, err := io.WriteString(c, part); err != nil {
			t.Fatal(err)
		}
		if i >= answers {
			break
		}
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatalf("answer %d: %v", i+1, err)
		}
		body, _ := io.ReadAll(res.Body)
		out = append(out, answer{res.StatusCode, string(body), res})
	}
	if answers == 1 && out[0].Close { // nothing else may come on it
		if rest, _ := io.ReadAll(r); len(rest) > 0 {
			t.Errorf("after the answer came %q", rest)
		}
	}
	return out
}

type answer struct {
	Status int
	Body   string
	*http.Response
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestRequests(t *testing.T) {
	t.Parallel()
	f := serve(t, nil)
	big := strings.Repeat("x", 10_000)
	for _, c := range []struct{ name, request, want string }{
		{"plain", "POST /echo?a=b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", "200 a=b|3|abc"},
		{"no body", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n\r\n", "200 |0|"},
		{"chunked", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "200 |5|abcde"},
		{"as large as it may be", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10000\r\n\r\n" + big, "200 |10000|xxxxxxxxxxxxxxxxxxxx"},
		{"raw spaces", "POST /echo?name=Mai Anh Lê&x=a  b HTTP/1.1\r\nHost: h\r\n\r\n", "200 name=Mai%20Anh%20Lê&x=a%20%20b|0|"},
		{"raw spaces, old protocol", "POST /echo?name=Mai Anh HTTP/1.0\r\nHost: h\r\nConnection: close\r\n\r\n", "200 name=Mai%20Anh|0|"},
		{"hash in the query", "POST /echo?order=#12&b=c HTTP/1.1\r\nHost: h\r\n\r\n", "200 order=#12&b=c|0|"},
		{"one byte too large", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10001\r\n\r\n" + big + "x", "413 echo: 413 the body is larger than the 10000 bytes this address takes"},
		{"chunked and too large", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2711\r\n" + big + "x\r\n0\r\n\r\n", "413 echo: 413 the body is larger than the 10000 bytes this address takes"},
		{"compressed", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", "415 echo: 415 compressed bodies are not read: send the body without Content-Encoding"},
		{"unknown in a surface", "GET /echo/nothing HTTP/1.1\r\nHost: h\r\n\r\n", "404 echo: 404 there is nothing at this address"},
		{"a body where nobody is", "POST /echo/nothing HTTP/1.1\r\nHost: h\r\nContent-Length: 43\r\n\r\nGET /echo/panic HTTP/1.1\r\nHost: smuggled\r\n\r\n", "404 echo: 404 there is nothing at this address"},
		{"other method", "PUT /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", "405 echo: 405 this address does not take this method; the Allow header says which it takes"},
		{"panic", "GET /echo/panic HTTP/1.1\r\nHost: h\r\n\r\n", "500 echo: 500 internal error"},
		{"error", "GET /echo/error HTTP/1.1\r\nHost: h\r\n\r\n", "500 echo: 500 internal error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := f.raw(t, c.request, 1)[0]
			if text := fmt.Sprint(got.Status, " ", got.Body); text != c.want {
				t.Errorf("got  %s\nwant %s", text, c.want)
			}
			if unread := got.Status == 413 || got.Status == 415; got.Close != (unread || strings.Contains(c.request, "close")) {
				t.Errorf("the connection is closed: %v", got.Close)
			}
			if got.Header.Get("X-Request-Id") == "" {
				t.Error("no request id")
			}
		})
	}
}

func TestUnownedPathsAnswerProblems(t *testing.T) {
	t.Parallel()
	f := serve(t, nil)
	got := f.raw(t, "GET /nothing HTTP/1.1\r\nHost: h\r\nX-Request-Id: mine-1\r\n\r\n", 1)[0]
	want := `{"type":"/docs#problem-not-found","title":"Not Found","status":404,"detail":"there is nothing at this address","request_id":"mine-1"}`
	if got.Status != 404 || got.Body != want || got.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("got %d %s %s", got.Status, got.Header.Get("Content-Type"), got.Body)
	}
}

// Spaces are mended in every request of a connection, and only in its request
// line.
func TestRawSpacesOnOneConnection(t *testing.T) {
	t.Parallel()
	f := serve(t, nil)
	request := "POST /echo?a=b c HTTP/1.1\r\nHost: h\r\nContent-Length: 25\r\n\r\nPOST /x?y=z z z HTTP/1.1\n"
	got := f.raw(t, request+"<then>"+request, 2)
	for i, a := range got {
		if want := "a=b%20c|25|POST /x?y=z z z HTTP"; a.Body != want {
			t.Errorf("answer %d is %q, want %q", i+1, a.Body, want)
		}
	}
}

func TestUnreadableRequests(t *testing.T) {
	t.Parallel()
	f := serve(t, nil)
	for name, request := range map[string]string{
		"no protocol":         "POST /echo?ahachat_token=hush\r\n\r\n",
		"spaces in the path":  "POST /ec ho?ahachat_token=hush HTTP/1.1\r\nHost: h\r\n\r\n",
		"control characters":  "POST /echo?ahachat_token=hush\x01 HTTP/1.1\r\nHost: h\r\n\r\n",
		"an unheard-of verb":  "GRAB /echo?ahachat_token=hush HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
		"a head without end":  "POST /echo?ahachat_token=hush" + strings.Repeat("a", 40_000) + " HTTP/1.1\r\nHost: h\r\n\r\n",
		"a broken-off body":   "POST /echo?ahachat_token=hush HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"a wrong chunk's end": "POST /echo?ahachat_token=hush HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcde\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := f.raw(t, request, 1)[0]
			if got.Status < 400 || got.Status > 431 || strings.Contains(got.Body, "hush") {
				t.Errorf("got %d %s", got.Status, got.Body)
			}
			if !got.Close {
				t.Error("the connection stays open, though nobody knows where the next request begins")
			}
		})
	}
}

func TestLogKeepsSecrets(t *testing.T) {
	t.Parallel()
	f := serve(t, nil)
	for _, query := range []string{
		"ahachat_token=hush&phone=0912345678",
		"a=1?ahachat_token=hush",
		"hush0123456789012345678901234567890123456789",
		"%68%75%73%68=",
		"x%zz=hush",
	} {
		f.raw(t, "POST /echo?"+query+" HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer hush\r\n\r\n", 1)
	}
	f.raw(t, "GET /echo/panic?token=hush HTTP/1.1\r\nHost: h\r\n\r\n", 1)
	f.raw(t, "GET /echo/error?token=hush HTTP/1.1\r\nHost: h\r\n\r\n", 1)
	log := strings.ReplaceAll(f.log.String(), "query=hush", "") // a name that somebody chose
	if strings.Contains(log, "hush") || strings.Contains(log, "0912345678") {
		t.Errorf("the log knows too much:\n%s", log)
	}
	for _, want := range []string{"query=ahachat_token,phone", "query=a,ahachat_token", `panic="the secret of the panic"`, `error="the secret of the error"`, "status=500"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s:\n%s", want, log)
		}
	}
}

// Who is asked to come again does: that is worth a line, and nobody's night.
func TestOnlyWhatIsLostIsAnErrorOfTheLog(t *testing.T) {
	t.Parallel()
	for path, level := range map[string]string{"/echo/error": "level=ERROR", "/echo/panic": "level=ERROR", "/echo/busy": "level=WARN"} {
		f := serve(t, nil)
		f.raw(t, "GET "+path+" HTTP/1.1\r\nHost: h\r\n\r\n", 1)
		lines := strings.Split(strings.TrimSpace(f.log.String()), "\n")
		if len(lines) != 2 {
			t.Errorf("%s has %d lines: %s", path, len(lines), lines)
		}
		for _, line := range lines {
			if !strings.Contains(line, level) {
				t.Errorf("%s is logged as %s", path, line)
			}
		}
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	var down atomic.Bool
	f := serve(t, func(c *server.Config) {
		c.Checks = []server.Check{{Name: "database", Run: func(context.Context) error {
			if down.Load() {
				return errors.New("no connection")
			}
			return nil
		}}}
	})
	get := func(path string) answer {
		return f.raw(t, "GET "+path+" HTTP/1.1\r\nHost: h\r\n\r\n", 1)[0]
	}
	if got := get("/healthz"); got.Status != 200 {
		t.Errorf("healthz: %d", got.Status)
	}
	if got := get("/readyz"); got.Status != 200 || got.Body != `{"ready":true,"checks":{"database":"ok"}}` {
		t.Errorf("readyz: %d %s", got.Status, got.Body)
	}
	down.Store(true)
	if got := get("/readyz"); got.Status != 503 || got.Body != `{"ready":false,"checks":{"database":"no connection"}}` {
		t.Errorf("readyz without database: %d %s", got.Status, got.Body)
	}
	if got := get("/metrics"); !strings.Contains(got.Body, `blockcast_http_requests_total{method="GET",route="/readyz",status="503"} 1`) {
		t.Errorf("metrics:\n%s", got.Body)
	}
}

// A stopping server finishes what it has begun.
func TestShutdownWaitsForRequests(t *testing.T) {
	t.Parallel()
	begun, finish := make(chan struct{}), make(chan struct{})
	s := server.New(server.Config{NewID: func() string { return "id" }, Extra: func(r fiber.Router) {
		r.Get("/slow", func(c *fiber.Ctx) error {
			close(begun)
			<-finish
			return c.SendString(fmt.Sprint(c.UserContext().Err()))
		})
	}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served, stopped := make(chan error, 1), make(chan error, 1)
	go func() { served <- s.Serve(context.Background(), l) }()
	body := make(chan string, 1)
	go func() {
		res, err := http.Get("http://" + l.Addr().String() + "/slow")
		if err != nil {
			body <- err.Error()
			return
		}
		defer res.Body.Close()
		text, _ := io.ReadAll(res.Body)
		body <- string(text)
	}()
	<-begun
	go func() { stopped <- s.Shutdown(context.Background()) }()
	for { // until nobody is let in any more
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			break
		}
		c.Close()
	}
	close(finish)
	if got := <-body; got != "<nil>" {
		t.Errorf("the request under way got %q", got)
	}
	if err := errors.Join(<-stopped, <-served); err != nil {
		t.Error(err)
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	s := server.New(server.Config{Surfaces: []server.Surface{echo{}}, NewID: func() string { return "id" }})
	found := map[server.Route]bool{}
	for _, r := range s.Routes() {
		found[r] = true
	}
	for _, want := range []server.Route{{"POST", "/echo"}, {"GET", "/healthz"}, {"GET", "/readyz"}, {"GET", "/metrics"}} {
		if !found[want] {
			t.Errorf("%v is not listed", want)
		}
	}
}

// An answer that is still being made when a stopping server has little time
// left ends in time to say so.
func TestShutdownEndsStreams(t *testing.T) {
	t.Parallel()
	s := server.New(server.Config{NewID: func() string { return "id" }, Extra: func(r fiber.Router) {
		r.Get("/stream", func(c *fiber.Ctx) error {
			ctx := stream.Context(c.UserContext())
			c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
				fmt.Fprintln(w, "begun", ctx.Err())
				w.Flush()
				<-ctx.Done()
				fmt.Fprintln(w, "broke off")
			})
			return nil
		})
	}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(context.Background(), l) }()
	res, err := http.Get("http://" + l.Addr().String() + "/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body := bufio.NewReader(res.Body)
	if line, err := body.ReadString('\n'); line != "begun <nil>\n" || err != nil {
		t.Fatalf("%q, %v", line, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- s.Shutdown(ctx) }()
	rest, err := io.ReadAll(body)
	if string(rest) != "broke off\n" || err != nil {
		t.Errorf("the answer ends with %q, %v", rest, err)
	}
	if err := errors.Join(<-stopped, <-served); err != nil {
		t.Error(err)
	}
}
