// Package messenger is the channel to Facebook Pages through Meta's Messenger
// Platform. It knows Meta's webhooks, message objects, limits and errors; it
// knows no flow, contact or ledger, and does not decide whether a message may
// go out: it only names the route to Meta as it was told.
//
// Facts and numbers are from https://developers.facebook.com/docs/messenger-platform
// as of Graph API v25.0 and v26.0.
package messenger

import (
	"cmp"
	"net/http"
	"strings"

	"golang.org/x/sync/singleflight"

	"github.com/blockcast/blockcast/channels"
)

// Names of an account's secrets, as Fields lists them.
const (
	tokenField  = "page_access_token"
	secretField = "app_secret"
	verifyField = "verify_token"
)

// DefaultVersion of the Graph API, which Meta keeps until July 2028.
const DefaultVersion = "v25.0"

// credential is one of an account's secrets as it was copied from Meta's
// pages, without the space that comes along with that.
func credential(a channels.Account, field string) string {
	return strings.TrimSpace(a.Secrets[field])
}

// Channel speaks with Messenger for any number of Pages.
type Channel struct {
	client      *http.Client
	url         string      // with the version
	attachments Attachments // nil: files go by their addresses
	uploads     *singleflight.Group
}

// Config says where the Graph API is.
type Config struct {
	BaseURL string // https://graph.facebook.com when empty
	Version string // DefaultVersion when empty
	// Attachments remembers files that Meta keeps; nil sends each by its address.
	Attachments Attachments
}

var (
	_ channels.Channel    = (*Channel)(nil)
	_ channels.Profiler   = (*Channel)(nil)
	_ channels.Recognizer = (*Channel)(nil)
	_ channels.Typer      = (*Channel)(nil)
	_ channels.Connector  = (*Channel)(nil)
)

// New returns the channel. The client should have a time limit: a call whose
// context has none ends with it.
func New(client *http.Client, config Config) *Channel {
	base := cmp.Or(config.BaseURL, "https://graph.facebook.com")
	return &Channel{
		client: client,
		url:    strings.TrimRight(base, "/") + "/" + strings.Trim(cmp.Or(config.Version, DefaultVersion), "/"),

		attachments: config.Attachments,
		uploads:     new(singleflight.Group),
	}
}

// Kind implements channels.Channel.
func (*Channel) Kind() channels.Kind { return channels.Messenger }

// Limits implements channels.Channel. A repeated call cannot be told from a
// new one, so a lost answer is settled by the echo of what was sent.
func (*Channel) Limits() channels.Limits {
	return channels.Limits{PushPerSecond: pushPerSecond, InFlight: inFlight, Templates: true, Receipts: true}
}
