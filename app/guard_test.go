package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/blockcast/blockcast/app/fetch"
	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/media"
)

// Addresses come into a running program by authors' requests, which broadcasts
// make too, by webhooks, and by the files that people send. By none of these
// doors does it call its own network, directly or by a redirect.
func TestAnInstanceReachesNoPrivateHost(t *testing.T) {
	t.Parallel()
	inner := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was called", r.URL) }))
	t.Cleanup(inner.Close)
	outer := httptest.NewServer(http.RedirectHandler(inner.URL+"/by-redirect", http.StatusFound))
	t.Cleanup(outer.Close)
	config := &Config{Data: t.TempDir(), PublicURL: "https://bots.example.com", AllowHost: []string{outer.Listener.Addr().String()}}
	i, err := open(t.Context(), config, parts{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := i.close(); err != nil {
			t.Error(err)
		}
	})
	from := media.Sender{ContactID: 1, Account: &engine.Account{ID: "a1", BotID: "b1", Channel: "messenger"}}
	doors := map[string]func(ctx context.Context, address string) error{
		"a request": func(ctx context.Context, address string) error {
			_, err := i.deps.Fetch(ctx, &blocks.Request{Method: http.MethodGet, URL: address})
			return err
		},
		"a webhook": func(ctx context.Context, address string) error {
			answer, err := newNotifyDeps(config, i.deps).Fetch(ctx, &blocks.Request{Method: http.MethodPost, URL: address})
			if err == nil && answer.Status == http.StatusFound {
				return fetch.ErrGuarded // it stays where it was sent to
			}
			return err
		},
		"a file that somebody sent": func(ctx context.Context, address string) error {
			_, err := i.media.Receive(ctx, from, &blocks.Received{Type: "image", URL: address})
			return err
		},
	}
	for name, door := range doors {
		for _, address := range []string{inner.URL, outer.URL, "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/"} {
			if err := door(t.Context(), address); !errors.Is(err, fetch.ErrGuarded) {
				t.Errorf("%s for %s: %v", name, address, err)
			}
		}
	}
}
