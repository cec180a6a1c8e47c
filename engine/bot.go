// Package engine is the pure runner of flows and the home of the plain records
// all rooms share. It knows no channel, store, queue or HTTP server.
package engine

import "time"

// Bot is the tenant: it owns accounts, contacts, flows, sends and tokens.
type Bot struct {
	ID            string // 24 hex digits
	Name          string
	TimeZone      string // IANA name
	DefaultRegion string // ISO 3166-1 alpha-2: how national phone numbers are read
	Settings      BotSettings
	CreatedAt     time.Time
}

// BotSettings is what a bot's owner may change; the zero value is the default.
type BotSettings struct {
	MonthDay         bool `json:"month_day,omitempty"`          // 12/30/2023 rather than 30/12/2023
	RefuseHandedOver bool `json:"refuse_handed_over,omitempty"` // refuse utility sends while a person holds the chat
	AllChannels      bool `json:"all_channels,omitempty"`       // a foreign call may use another channel than its product's

	Broadcasts BroadcastSettings `json:"broadcasts,omitzero"`
}

// Token is the right to call the API.
type Token struct {
	Hash       string // SHA-256 of the secret, hex
	BotID      string // "" for an instance token
	Name       string
	Scopes     []string
	CreatedAt  time.Time
	LastUsedAt time.Time
	RevokedAt  time.Time
	ValidUntil time.Time
}

// Scopes of a token. ScopeInstance alone owns the bots themselves.
const (
	ScopeSend       = "send"
	ScopeAgent      = "agent"
	ScopeRead       = "read"
	ScopeContacts   = "contacts"
	ScopeFlows      = "flows"
	ScopeBroadcasts = "broadcasts"
	ScopeAdmin      = "admin"
	ScopeInstance   = "instance"
)

// AccountState says whether an account is in use.
type AccountState string

const (
	AccountActive       AccountState = "active"       // it hears and sends
	AccountPaused       AccountState = "paused"       // the platform refuses it, or a person paused it; its rows stay queued
	AccountDisconnected AccountState = "disconnected" // it does neither; its people and history stay
)

// Account is one connection of a bot to a platform.
type Account struct {
	ID          string // 24 hex digits
	BotID       string
	Channel     string // line, messenger …
	ExternalID  string // the platform's id
	Name        string
	Fingerprint string            // of the platform application behind it
	Secrets     map[string]string // decrypted
	Settings    map[string]string
	State       AccountState
	Reason      string // why it is paused, in a person's words
	Warning     AccountWarning
	CreatedAt   time.Time
}

// AccountWarning is a platform's last word about an account to whoever runs it,
// as that it broke a rule; the zero value is none.
type AccountWarning struct {
	Code    string // such as policy_enforcement
	Message string // the platform's own words
	At      time.Time
}

// Attribute is a declared attribute of a bot.
type Attribute struct {
	BotID      string
	Name       string
	Type       string
	Default    any
	DeclaredBy string // the flow's name, or "api"
	Contacts   int64  // how many people have one; filled by lists alone
}

// Alias is what an old system's id means here.
type Alias struct {
	Kind    string // bot, account, block, tag, identity, contact
	Foreign string
	ID      string
}

// Secret is a secret of a bot, without its value.
type Secret struct {
	Name      string
	UpdatedAt time.Time
}
