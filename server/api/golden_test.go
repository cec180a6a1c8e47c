package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/blocks/goldentest"
)

// exchange is one call of a golden story. The calls of a file follow each other
// on one server.
type exchange struct {
	Label   string            `json:"label"`
	Token   string            `json:"token,omitempty"` // whose; see newHarness
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    json.RawMessage   `json:"body,omitempty"`
	Text    string            `json:"text,omitempty"` // the body when it is no JSON
	Save    map[string]string `json:"save,omitempty"` // name → field of the answer; {name} stands for it later
	Work    bool              `json:"work,omitempty"` // no call: broadcasts are worked off

	Status   int               `json:"status"`
	Answers  map[string]string `json:"answer_headers,omitempty"`
	Response json.RawMessage   `json:"response,omitempty"`
}

// TestGoldens makes the calls of every story and compares the answers. Run it
// with -update to write what came.
func TestGoldens(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			s := &story{harness: newHarness(t), saved: map[string]string{}}
			s.saved["bot"], s.saved["other"] = s.bot.ID, s.other.ID
			if slices.Contains([]string{"sends.json", "conversations.json", "events.json", "imports.json", "reports.json", "aliases.json", "broadcasts.json", "audiences.json", "attributes.json"}, filepath.Base(file)) {
				s.people(t)
			}
			if filepath.Base(file) == "broadcasts.json" {
				s.agree(t)
			}
			goldentest.Cases(t, file, func(e exchange) string { return e.Label }, func(e exchange) exchange { return s.tell(t, e) })
		})
	}
}

type story struct {
	*harness
	saved map[string]string
	ids   []string // in the order they were first seen
}

func (s *story) tell(t *testing.T, e exchange) exchange {
	t.Helper()
	if e.Work {
		s.workBroadcasts(t)
		return e
	}
	body := string(e.Body) + e.Text
	r, err := http.NewRequest(e.Method, "http://localhost"+s.fill(e.Path), strings.NewReader(s.fill(body)))
	if err != nil {
		t.Fatal(err)
	}
	if e.Body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if e.Token != "" {
		r.Header.Set("Authorization", "Bearer "+s.tokens[e.Token])
	}
	for name, value := range e.Headers {
		r.Header.Set(name, value)
	}
	res := s.do(t, r)
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	for name, secret := range s.tokens {
		if bytes.Contains(answer, []byte(secret)) {
			t.Errorf("%s: the answer holds the secret of %s", e.Label, name)
		}
	}
	e.Status, e.Response, e.Answers = res.StatusCode, nil, map[string]string{}
	for _, name := range []string{"X-Delivery-Id", "Idempotency-Replayed", "Www-Authenticate"} {
		if v := res.Header.Get(name); v != "" {
			e.Answers[name] = v
		}
	}
	if len(answer) > 0 {
		e.Response = []byte(s.hide(string(answer)))
	}
	var fields map[string]any
	if len(e.Save) > 0 {
		if err := json.Unmarshal(answer, &fields); err != nil {
			t.Fatalf("%s: %v in %s", e.Label, err, answer)
		}
	}
	for name, field := range e.Save {
		s.saved[name] = strings.TrimSuffix(fmt.Sprint(fields[field]), ".0")
	}
	return e
}

// fill puts saved values in their places.
func (s *story) fill(text string) string {
	for name, value := range s.saved {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}

var madeID = regexp.MustCompile(`\b[0-9a-f]{24}\b`)

// hide numbers ids by the order in which they appear, so that a golden does
// not depend on how many were made behind it.
func (s *story) hide(text string) string {
	return madeID.ReplaceAllStringFunc(text, func(id string) string {
		if id == s.bot.ID || id == s.other.ID {
			return id
		}
		i := slices.Index(s.ids, id)
		if i < 0 {
			s.ids, i = append(s.ids, id), len(s.ids)
		}
		return fmt.Sprintf("id-%d", i+1)
	})
}
