package console_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestPreviews(t *testing.T) {
	h := newHarness(t)
	h.people(2)
	b := h.enter(h.bot)
	var got struct {
		Samples []struct {
			Person, Channel, Skipped string
			Messages                 []json.RawMessage
		}
		Error string
	}
	read := func(form url.Values) {
		t.Helper()
		a := b.post("/broadcasts/preview", form)
		got.Samples, got.Error = nil, ""
		if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	read(written())
	if len(got.Samples) != 2 || len(got.Samples[0].Messages) != 1 || !strings.Contains(string(got.Samples[0].Messages[0]), "Hello P") {
		t.Errorf("a block: %+v", got)
	}
	read(written("says", "messages", "message1_text", "Dear {{ first_name }}", "message1_button", "Look", "message1_url", "https://x.example/a"))
	if len(got.Samples) != 2 || len(got.Samples[0].Messages) != 1 || !strings.Contains(string(got.Samples[0].Messages[0]), "Dear P") {
		t.Errorf("messages: %+v", got)
	}
	read(written("says", "messages", "message0_text", "Dear {{ first_name"))
	if got.Error == "" {
		t.Error("a template that does not end has no mistake")
	}
	at := b.write("says", "messages", "message0_text", "Kept {{ first_name }}")
	read(url.Values{"id": {strings.TrimPrefix(at, "/broadcasts/")}})
	if len(got.Samples) != 2 || !strings.Contains(string(got.Samples[0].Messages[0]), "Kept P") {
		t.Errorf("what is kept: %+v", got)
	}
	read(written("block", "helo"))
	if got.Error == "" || len(got.Samples) != 0 {
		t.Errorf("a block there is not: %+v", got)
	}
	read(written("block", ""))
	if got.Error != "" || len(got.Samples) != 0 {
		t.Errorf("no block yet: %+v", got)
	}
}
