package app

import (
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/blockcast/blockcast/app/fetch"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/notify"
)

// Times of a call to a platform.
const (
	platformTime = 15 * time.Second // whole call; the platforms' own clients wait 10 to 30
	platformDial = 5 * time.Second
	platformIdle = 90 * time.Second
)

// bulkConnections is how many more connections broadcasts use: four batches
// with fifty calls each.
const bulkConnections = 200

// newDeps is the outside world of the engine's rooms.
func newDeps(c *Config, now func() time.Time, log *slog.Logger) engine.Deps {
	return engine.Deps{
		Now:   now,
		NewID: newIDs(now),
		Rand:  rand.Uint64,
		Fetch: fetch.New(fetch.Config{Allow: c.AllowHost}).Fetch,
		Log:   log,
	}
}

// newNotifyDeps is the outside world of outgoing webhooks: the same guard, but
// no redirect, and of an answer only what is kept.
func newNotifyDeps(c *Config, deps engine.Deps) engine.Deps {
	deps.Fetch = fetch.New(fetch.Config{Allow: c.AllowHost, MaxBody: notify.MaxAnswer, Stay: true}).Fetch
	return deps
}

// newPlatformClient is the client for platforms' own APIs. It keeps as many
// connections as may send at once: Go's default of two would open one for
// nearly every push. Answers are a few words, which are not worth compressing.
// Platforms do not redirect, so that is an answer like any.
func newPlatformClient(sends int) *http.Client {
	dialer := &net.Dialer{Timeout: platformDial, KeepAlive: 30 * time.Second}
	return &http.Client{
		Timeout:       platformTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         dialer.DialContext,
			ForceAttemptHTTP2:   true,
			TLSHandshakeTimeout: platformDial,
			MaxIdleConns:        0,
			MaxIdleConnsPerHost: sends + bulkConnections,
			IdleConnTimeout:     platformIdle,
			DisableCompression:  true,
		},
	}
}
