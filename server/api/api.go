// Package api is the native REST API under /v1, described by OpenAPI. Each
// resource is one file; it knows nouns and ports, and leaves deciding to the
// engine's rooms.
package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/problem"
	"github.com/blockcast/blockcast/server/token"
)

// Limits of bodies.
const (
	maxBody     = 1 << 20
	maxFlowBody = 8 << 20
)

// Config is what the API is made of. Only Tokens, Log and NewSecret may be nil.
type Config struct {
	Store     Store
	Tokens    token.Finder // nil: Store
	Outbox    Outbox
	Libraries Libraries
	Poster    Poster                      // posts to outgoing webhooks
	Media     MediaKeeper                 // keeps files
	Channels  map[string]channels.Channel // by kind
	// Broadcasts runs what goes to many.
	Broadcasts Broadcasts
	// PublicURL is where platforms and people reach the server, without a slash
	// at its end.
	PublicURL string
	Version   string // of the program
	// Wake rings for all that waits, at the end of a pause; nil leaves it to the
	// reconciler.
	Wake func(ctx context.Context) error
	// Ring rings for what waits for a contact; nil leaves it to the reconciler.
	Ring func(contactID int64)
	// Guarded returns why an outgoing webhook's address cannot be called from
	// here, as far as that is certain before it is; nil: nothing is known.
	Guarded   func(url string) error
	Now       func() time.Time
	NewID     func() string
	NewSecret func() string // of tokens; nil: token.NewSecret
	Log       *slog.Logger
}

// API is the surface under /v1, with its description at /openapi.json and
// /docs.
type API struct {
	Config
	huma huma.API
	spec func() json.RawMessage // the description, written once
}

// New returns the surface, whose routes Mount adds.
func New(c Config) *API {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.NewSecret == nil {
		c.NewSecret = token.NewSecret
	}
	if c.Tokens == nil {
		c.Tokens = c.Store
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	return &API{Config: c}
}

// Mount adds the routes.
func (a *API) Mount(r fiber.Router) {
	a.fixedPaths(r)
	a.huma = newHuma(r, a.Version)
	a.huma.UseMiddleware(a.authorize)
	for _, register := range []func(){
		a.bots, a.aliases, a.tokens, a.accounts, a.attributes, a.secrets, a.webhooks, a.contactsExport, a.contacts, a.contactsImport, a.tags, a.conversations, a.flows, a.versions, a.flowHistory, a.blocks, a.sends, a.bulkSends, a.settlings, a.pauses, a.status, a.events, a.reports, a.media, a.broadcasts, a.audience, a.segments, a.lists, a.messageTags,
	} {
		register()
	}
	a.describe(r)
}

// Owns reports whether a path is one of the API's.
func (a *API) Owns(path string) bool {
	return strings.HasPrefix(path, "/v1/") || path == "/openapi.json" || path == "/docs"
}

// MaxBody is the most a request to a path may carry.
func (a *API) MaxBody(path string) int {
	switch {
	case strings.HasSuffix(path, importPath):
		return maxImportBody
	case strings.HasSuffix(path, bulkPath):
		return maxBulkBody
	case strings.Contains(path, "/flows/"):
		return maxFlowBody
	}
	return maxBody
}

// Fail answers with a problem.
func (a *API) Fail(c *fiber.Ctx, status int, text string) error {
	return problem.Write(c, problem.New(status, text))
}

// OpenAPI returns the description, once the routes are mounted.
func (a *API) OpenAPI() json.RawMessage { return a.spec() }

// fault writes one line about a fault of ours, at the edge.
func (a *API) fault(ctx context.Context, operation string, err error) {
	a.Log.Error("api call failed", "request_id", callerOf(ctx).requestID, "operation", operation, "error", err)
}

// scopeAdmin is the scope of the calls that change what a bot is.
const scopeAdmin = engine.ScopeAdmin
