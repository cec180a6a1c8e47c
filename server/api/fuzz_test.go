package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/server/problem"
)

// FuzzCall holds the API to its form whatever is sent: no fault of ours, and
// what is refused is a problem that says why. Every call of the goldens with a
// body is a seed.
func FuzzCall(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no goldens: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var calls []exchange
		if err := json.Unmarshal(data, &calls); err != nil {
			f.Fatalf("%s: %v", file, err)
		}
		for _, e := range calls {
			if body := string(e.Body) + e.Text; body != "" {
				f.Add(e.Method, e.Path, e.Token, body)
			}
		}
	}
	methods := []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	s := &story{harness: newHarness(f), saved: map[string]string{}}
	s.saved["bot"], s.saved["other"] = s.bot.ID, s.other.ID
	s.people(f)
	f.Fuzz(func(t *testing.T, method, path, token, body string) {
		r, err := http.NewRequest(method, "http://localhost"+s.fill(path), strings.NewReader(s.fill(body)))
		if err != nil || !strings.HasPrefix(path, "/v1/") || !slices.Contains(methods, method) {
			return // no client could send it, or it is not for the API
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+s.tokens[token])
		res := s.do(t, r)
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode == http.StatusInternalServerError {
			t.Fatalf("%s %s: %s", method, path, text)
		}
		if res.StatusCode < http.StatusBadRequest {
			return
		}
		var p problem.Problem
		if err := json.Unmarshal(text, &p); err != nil || p.Status != res.StatusCode || p.Title == "" || p.Detail == "" {
			t.Fatalf("%s %s: %d %s is no problem: %v", method, path, res.StatusCode, text, err)
		}
	})
}
