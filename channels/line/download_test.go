package line

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

func TestDownload(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t" {
			t.Errorf("asked with %q", r.Header.Get("Authorization"))
		}
		switch r.URL.Path {
		case "/v2/bot/message/1/content":
			w.Header().Set("Content-Type", "image/jpeg")
			_, _ = io.WriteString(w, "bytes")
		case "/v2/bot/message/2/content":
			w.WriteHeader(http.StatusAccepted)
		case "/v2/bot/message/3/content":
			w.WriteHeader(http.StatusGone)
		default:
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"message":"Authentication failed"}`)
		}
	}))
	t.Cleanup(server.Close)
	c := New(server.Client(), Config{DataURL: server.URL})
	a := channels.Account{ID: "a", Secrets: map[string]string{tokenField: "t"}}
	d, err := c.Download(t.Context(), a, &blocks.Received{ID: "1"})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Body.Close()
	if got, err := io.ReadAll(d.Body); string(got) != "bytes" || err != nil || d.Type != "image/jpeg" || d.Size != 5 {
		t.Errorf("%q of %s, %d, %v", got, d.Type, d.Size, err)
	}
	for id, want := range map[string]channels.SendError{
		"2": {Code: channels.CodePreparing, Kind: channels.KindDown, Retry: channels.RetryLater},
		"3": {Code: "410", Kind: channels.KindContent, Retry: channels.RetryNever},
		"4": {Code: "401", Kind: channels.KindAuth, Retry: channels.RetryLater},
	} {
		_, err := c.Download(t.Context(), a, &blocks.Received{ID: id})
		var got *channels.SendError
		if !errors.As(err, &got) || got.Code != want.Code || got.Kind != want.Kind || got.Retry != want.Retry {
			t.Errorf("%s: %+v, want %+v", id, err, want)
		}
	}
	if c.Downloads(&blocks.Received{URL: "https://img.example/a.jpg"}) || !c.Downloads(&blocks.Received{ID: "1", URL: "x"}) {
		t.Error("what LINE keeps is told by its id")
	}
}
