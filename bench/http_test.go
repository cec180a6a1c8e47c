package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestReadAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text   string
		want   string // status, closes, text
		failed bool
	}{
		"empty":           {text: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", want: "200 false "},
		"a body":          {text: "HTTP/1.1 200 OK\r\nServer: x\r\ncontent-length:  5\r\n\r\nhello", want: "200 false "},
		"closing":         {text: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", want: "200 true "},
		"a refusal":       {text: "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy", want: "503 false busy"},
		"no content":      {text: "HTTP/1.1 204 No Content\r\n\r\n", want: "204 false "},
		"bare newlines":   {text: "HTTP/1.1 200 OK\nContent-Length: 1\n\nx", want: "200 false "},
		"a long refusal":  {text: "HTTP/1.1 400 Bad Request\r\nContent-Length: 400\r\n\r\n" + strings.Repeat("x", 400), want: "400 false " + strings.Repeat("x", keptAnswer)},
		"no length":       {text: "HTTP/1.1 200 OK\r\n\r\n", failed: true},
		"chunked":         {text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", failed: true},
		"negative length": {text: "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", failed: true},
		"endless":         {text: "HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n", failed: true},
		"cut off":         {text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", failed: true},
		"older":           {text: "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", failed: true},
		"no status":       {text: "HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n", failed: true},
		"informational":   {text: "HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n", failed: true},
		"no header":       {text: "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", failed: true},
		"many headers":    {text: "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", maxHeaderLines) + "Content-Length: 0\r\n\r\n", failed: true},
		"nothing":         {text: "", failed: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := bufio.NewReader(strings.NewReader(c.text))
			a, err := readAnswer(in)
			if c.failed {
				if err == nil {
					t.Fatalf("read as %d %q", a.status, a.text)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(a.status, " ", a.closes, " ", string(a.text)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if rest, _ := io.ReadAll(in); len(rest) > 0 {
				t.Errorf("%q is left for the next answer", rest)
			}
		})
	}
}

// FuzzReadAnswer holds the reader to its limits: it never panics, never takes
// more than it was told, and what it takes it could take again.
func FuzzReadAnswer(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"))
	f.Add([]byte("HTTP/1.1 409 Conflict\r\nConnection: close\r\nContent-Length: 3\r\n\r\nno!"))
	f.Add([]byte("HTTP/1.1 204 No Content\r\n\r\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		in := bufio.NewReader(bytes.NewReader(text))
		a, err := readAnswer(in)
		if err != nil {
			return
		}
		if a.status < 200 || a.status > 999 || len(a.text) > keptAnswer || a.status == 200 && a.text != nil {
			t.Errorf("%d %q", a.status, a.text)
		}
	})
}

func TestPostOnOneConnection(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen[r.RemoteAddr]++ // calls follow one another
		switch string(body) {
		case "refuse":
			http.Error(w, "not today", http.StatusConflict)
		case "close":
			w.Header().Set("Connection", "close")
		}
	}))
	defer server.Close()
	w := newWire(strings.TrimPrefix(server.URL, "http://"))
	defer w.close()
	post := func(body string) error {
		return w.post(t.Context(), fmt.Appendf(nil, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
	}
	for range 3 {
		if err := post("hello"); err != nil {
			t.Fatal(err)
		}
	}
	if err := post("refuse"); err == nil || err.Error() != "answered 409: not today\n" {
		t.Errorf("got %v", err)
	}
	if len(seen) != 1 {
		t.Errorf("%d connections were opened", len(seen))
	}
	for range 2 {
		if err := post("close"); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 2 {
		t.Errorf("%d connections were opened in all", len(seen))
	}
}
