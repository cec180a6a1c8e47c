// Package line is the channel to LINE's Messaging API. It knows LINE's events,
// message objects, limits and errors; it knows no flow, contact or ledger, and
// does not decide whether a message goes out as a free reply or a paid push.
//
// Facts and numbers are from https://developers.line.biz/en/reference/messaging-api/.
package line

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/blockcast/blockcast/channels"
)

// Names of an account's secrets, as Fields lists them.
const (
	secretField = "channel_secret"
	tokenField  = "channel_access_token"
)

// credential is one of an account's secrets as it was copied from LINE's
// console, without the space that comes along with that.
func credential(a channels.Account, field string) string {
	return strings.TrimSpace(a.Secrets[field])
}

// Channel speaks with LINE for any number of accounts.
type Channel struct {
	client  *http.Client
	baseURL string
	dataURL string
}

// Config says where LINE is.
type Config struct {
	BaseURL string // https://api.line.me when empty
	DataURL string // of people's files; https://api-data.line.me when empty, or BaseURL when that is set
}

var (
	_ channels.Channel     = (*Channel)(nil)
	_ channels.Multicaster = (*Channel)(nil)
	_ channels.Profiler    = (*Channel)(nil)
	_ channels.Recognizer  = (*Channel)(nil)
	_ channels.Typer       = (*Channel)(nil)
	_ channels.Quoter      = (*Channel)(nil)
	_ channels.Connector   = (*Channel)(nil)
)

// New returns the channel. The client should have a time limit: a call whose
// context has none ends with it.
func New(client *http.Client, config Config) *Channel {
	data := cmp.Or(config.DataURL, config.BaseURL, "https://api-data.line.me")
	base := cmp.Or(config.BaseURL, "https://api.line.me")
	return &Channel{
		client:  client,
		baseURL: strings.TrimRight(base, "/"),
		dataURL: strings.TrimRight(data, "/"),
	}
}

// Kind implements channels.Channel.
func (*Channel) Kind() channels.Kind { return channels.LINE }

// Limits implements channels.Channel.
func (*Channel) Limits() channels.Limits {
	return channels.Limits{
		PushPerSecond:      pushPerSecond,
		MulticastSize:      multicastSize,
		MulticastPerSecond: multicastPerSecond,
		RetryKeys:          true,
		InFlight:           inFlight,
		Paid:               true,
		CallMessages:       maxObjects,
	}
}
