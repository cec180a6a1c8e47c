// Package token makes, finds and judges the secrets that open the API. It
// knows no route and no error form.
package token

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// maxSecret is longer than any token of ours or of a product whose tokens are
// imported; nothing longer is even hashed.
const maxSecret = 512

// secretBytes of randomness make a secret that cannot be guessed.
const secretBytes = 32

// What callers are told whose token opens nothing.
const (
	Missing = "the token is missing: send it as Authorization: Bearer …"
	Unknown = "the token is unknown or revoked: make a new one among the bot's tokens"
)

// NewSecret returns a new secret: 64 hex digits, the form callers of the
// products we stand in for expect.
func NewSecret() string {
	b := make([]byte, secretBytes)
	rand.Read(b) // never fails; see its documentation
	return hex.EncodeToString(b)
}

// Hash is the form in which a secret is kept.
func Hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Finder looks tokens up.
type Finder interface {
	// Token returns a token by the hash of its secret, nil when it is unknown,
	// revoked or past its time at now.
	Token(ctx context.Context, hash string, now time.Time) (*engine.Token, error)
}

// Find returns the token behind a secret, nil when there is none. The secret
// itself is compared with nothing, only its hash, so that no answer's timing
// tells how much of a guess was right.
func Find(ctx context.Context, f Finder, secret string, now time.Time) (*engine.Token, error) {
	if secret == "" || len(secret) > maxSecret {
		return nil, nil
	}
	hash := Hash(secret)
	t, err := f.Token(ctx, hash, now)
	if engine.IsCode(err, engine.NotFound) {
		return nil, nil
	}
	if err != nil || t == nil || subtle.ConstantTimeCompare([]byte(t.Hash), []byte(hash)) != 1 {
		return nil, err
	}
	return t, nil
}

// Bearer returns the secret of an Authorization header, "" when it holds none.
func Bearer(header string) string {
	scheme, secret, _ := strings.Cut(strings.TrimSpace(header), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	return strings.TrimSpace(secret)
}

// Allows reports whether a token carries a scope. A token of scope admin may do
// all its bot can, and an instance token all of every bot, but send as a person
// (agent): that is said explicitly or not at all.
func Allows(t *engine.Token, scope string) bool {
	if slices.Contains(t.Scopes, scope) {
		return true
	}
	if scope == engine.ScopeAgent || scope == engine.ScopeInstance {
		return false
	}
	return slices.Contains(t.Scopes, engine.ScopeAdmin) || Instance(t)
}

// Instance reports whether a token stands above all bots.
func Instance(t *engine.Token) bool {
	return t.BotID == "" && slices.Contains(t.Scopes, engine.ScopeInstance)
}

// Reaches reports whether a token may see a bot at all.
func Reaches(t *engine.Token, botID string) bool {
	return t.BotID == botID && botID != "" || Instance(t)
}
