package channels_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
)

func TestPostJSON(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTeapot)
		io.WriteString(w, r.Method+" "+r.Header.Get("Content-Type")+" "+r.Header.Get("X-Key")+" "+string(body))
	}))
	defer server.Close()

	got, err := channels.PostJSON(t.Context(), server.Client(), server.URL, http.Header{"X-Key": {"k"}}, []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	if want := "POST application/json k {}"; string(got.Body) != want {
		t.Errorf("the server got %q, want %q", got.Body, want)
	}
	if got.Status != http.StatusTeapot || got.OK() {
		t.Errorf("status %d, ok %v", got.Status, got.OK())
	}
	if got.RetryAfter() != 7*time.Second {
		t.Errorf("retry after %v", got.RetryAfter())
	}
}

func TestGetSendsNoBody(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.ContentLength != 0 || r.Header.Get("Content-Type") != "" {
			t.Errorf("%s with %d bytes of %q", r.Method, r.ContentLength, r.Header.Get("Content-Type"))
		}
	}))
	defer server.Close()
	if got, err := channels.Call(t.Context(), server.Client(), http.MethodGet, server.URL, nil, nil); err != nil || !got.OK() {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAnswerIsCut(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, strings.Repeat("x", channels.MaxAnswer+1))
	}))
	defer server.Close()
	got, err := channels.Call(t.Context(), server.Client(), http.MethodGet, server.URL, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Body) != channels.MaxAnswer {
		t.Errorf("read %d bytes, want %d", len(got.Body), channels.MaxAnswer)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"":                              0,
		"0":                             0,
		"-3":                            0,
		" 30 ":                          30 * time.Second,
		"90000":                         time.Hour,
		"99999999999999999999":          0,
		"Wed, 21 Oct 2026 07:28:00 GMT": 0,
	} {
		a := channels.Answer{Header: http.Header{"Retry-After": {value}}}
		if got := a.RetryAfter(); got != want {
			t.Errorf("Retry-After %q: got %v, want %v", value, got, want)
		}
	}
}

// What the ledger does with a call without an answer hangs on whether it may
// have arrived.
func TestLostAnswers(t *testing.T) {
	t.Parallel()

	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		url := "http://" + l.Addr().String() + "/bot-secret-token"
		l.Close()
		_, err = channels.PostJSON(t.Context(), http.DefaultClient, url, nil, []byte(`{}`))
		expectLost(t, err, channels.RetryLater, "unreachable")
	})

	t.Run("cut after the request", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			panic(http.ErrAbortHandler)
		}))
		defer server.Close()
		_, err := channels.PostJSON(t.Context(), server.Client(), server.URL+"/bot-secret-token", nil, []byte(`{}`))
		expectLost(t, err, channels.RetryUnknown, "lost")
	})

	t.Run("no answer in time", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			cancel() // the caller gives up while the platform is still thinking
			<-r.Context().Done()
		}))
		defer server.Close()
		_, err := channels.PostJSON(ctx, server.Client(), server.URL+"/bot-secret-token", nil, []byte(`{}`))
		expectLost(t, err, channels.RetryUnknown, "lost")
	})

	t.Run("given up before the call", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithTimeout(t.Context(), 0)
		defer cancel()
		_, err := channels.PostJSON(ctx, http.DefaultClient, "http://127.0.0.1:1/bot-secret-token", nil, []byte(`{}`))
		e := expectLost(t, err, channels.RetryLater, "unreachable")
		if e.Message != "no answer in time" {
			t.Errorf("message %q", e.Message)
		}
	})

	t.Run("no address", func(t *testing.T) {
		t.Parallel()
		_, err := channels.PostJSON(t.Context(), http.DefaultClient, "http://bot-secret-token\x7f/", nil, nil)
		expectLost(t, err, channels.RetryLater, "unreachable")
	})
}

func expectLost(t *testing.T, err error, retry channels.Retry, code string) *channels.SendError {
	t.Helper()
	var e *channels.SendError
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a SendError", err)
	}
	if e.Kind != channels.KindDown || e.Retry != retry || e.Code != code {
		t.Errorf("got %s/%q/%s, want down/%q/%s", e.Kind, e.Retry, e.Code, retry, code)
	}
	if strings.Contains(e.Error(), "secret-token") {
		t.Errorf("the error names the address: %v", e)
	}
	return e
}

// A status that came is an answer, even when the rest did not.
func TestBrokenBodyKeepsStatus(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, `{"half":`)
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	got, err := channels.PostJSON(t.Context(), server.Client(), server.URL, nil, []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	if !got.OK() || len(got.Body) != 0 {
		t.Errorf("status %d, body %q", got.Status, got.Body)
	}
}
