package api_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A file whose length is not said beforehand ends where it ends, also an empty
// one: the answer does not wait for more.
func TestABodyWithoutALength(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- h.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		_ = h.Shutdown(context.Background())
		<-served
	})
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	for name, c := range map[string]struct {
		path, kind, key, body string
		status                int
		says                  string
	}{
		"a list":              {"/lists/csv", "text/csv", "", "phone\nabc\n", http.StatusCreated, `"refused":1`},
		"a list with a key":   {"/lists/csv", "text/csv", "once", "phone\nabc\n", http.StatusCreated, `"refused":1`},
		"an empty list":       {"/lists/csv", "text/csv", "", "", http.StatusUnprocessableEntity, "the file is empty"},
		"an empty one, keyed": {"/lists/csv", "text/csv", "twice", "", http.StatusUnprocessableEntity, "the file is empty"},
		"an upload":           {"/media?name=a.txt", "text/plain", "", "opening hours", http.StatusCreated, `"size":13`},
		"an empty upload":     {"/media?name=a.txt", "text/plain", "", "", http.StatusUnprocessableEntity, "the file is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+l.Addr().String()+"/v1/bots/"+h.bot.ID+c.path, io.MultiReader(strings.NewReader(c.body)))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+h.tokens["admin"])
			r.Header.Set("Content-Type", c.kind)
			if c.key != "" {
				r.Header.Set("Idempotency-Key", c.key)
			}
			res, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			got, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != c.status || !strings.Contains(string(got), c.says) {
				t.Errorf("got %d %s, want %d with %s", res.StatusCode, got, c.status, c.says)
			}
		})
	}
}
