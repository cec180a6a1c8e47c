package fetch

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestOpenReadsAFileAsItComes(t *testing.T) {
	t.Parallel()
	address, c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/gone" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "image/png")
		_, _ = io.WriteString(w, strings.Repeat("x", 5000)) // more than Fetch would read
	})
	d, err := c.Open(t.Context(), address+"/a.png")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Body.Close()
	if got, err := io.ReadAll(d.Body); len(got) != 5000 || err != nil || d.Type != "image/png" {
		t.Errorf("%d bytes of %s, %v", len(got), d.Type, err)
	}
	if _, err := c.Open(t.Context(), address+"/gone?token=secret"); err == nil || !strings.Contains(err.Error(), "404") || strings.Contains(err.Error(), "secret") {
		t.Errorf("error %v", err)
	}
}

func TestOpenReachesNoPrivateHost(t *testing.T) {
	t.Parallel()
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was called") }))
	t.Cleanup(inner.Close)
	if _, err := New(Config{}).Open(t.Context(), inner.URL); !errors.Is(err, ErrGuarded) {
		t.Errorf("error %v", err)
	}
	address, c := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inner.URL, http.StatusFound) })
	if _, err := c.Open(t.Context(), address); !errors.Is(err, ErrGuarded) {
		t.Errorf("a redirect: error %v", err)
	}
}
