package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
	"github.com/blockcast/blockcast/server/token"
)

// TokenAnswer is a token without its secret.
type TokenAnswer struct {
	Name       string     `json:"name"`
	Hash       string     `json:"hash" doc:"The first digits of the secret's SHA-256: they name the token too."`
	Scopes     []string   `json:"scopes"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at,omitempty" doc:"To the minute."`
	RevokedAt  *time.Time `json:"revoked_at,omitempty" doc:"When it was revoked; of a secret that a rotation replaced, when it ends."`
	ValidUntil *time.Time `json:"valid_until,omitempty"`
}

// newTokenAnswer is the only place that ever shows a secret.
type newTokenAnswer struct {
	Token    string   `json:"token,omitempty" doc:"The secret. It is not shown again; one that was imported is not shown at all."`
	Warnings []string `json:"warnings,omitempty" doc:"What to mind about an imported secret."`
	TokenAnswer
}

// shownHash is enough to name a token and too little to guess it from.
func shownHash(t engine.Token) string { return t.Hash[:min(12, len(t.Hash))] }

func showToken(t engine.Token) TokenAnswer {
	return TokenAnswer{Name: t.Name, Hash: shownHash(t), Scopes: orEmpty(t.Scopes), CreatedAt: t.CreatedAt,
		LastUsedAt: at(t.LastUsedAt), RevokedAt: at(t.RevokedAt), ValidUntil: at(t.ValidUntil)}
}

type newToken struct {
	InBot
	Body struct {
		Name       string    `json:"name" minLength:"1" maxLength:"100" doc:"What it is for."`
		Scopes     []string  `json:"scopes,omitempty" enum:"send,agent,read,contacts,flows,broadcasts,admin" doc:"What it may do; send alone when left out."`
		ValidUntil time.Time `json:"valid_until,omitempty" doc:"When it ends by itself."`
		Secret     string    `json:"secret,omitempty" minLength:"8" maxLength:"512" doc:"An old system's token, so that its callers need not change."`
	}
}

type rotation struct {
	InBot
	Token string `path:"token" doc:"Its name, or at least six first digits of its hash."`
	Body  *struct {
		Overlap string `json:"overlap,omitempty" doc:"How long the old secret is still good, up to 30d, or 0s; 24h unless said."`
	}
}

// Limits of secrets.
const (
	weakSecret   = 24 // an imported secret with fewer characters may be guessed
	usualOverlap = 24 * time.Hour
	mostOverlap  = 30 * 24 * time.Hour
)

type oneToken struct {
	InBot
	Token string `path:"token" doc:"Its name, or at least six first digits of its hash."`
}

// tokens registers …/tokens.
func (a *API) tokens() {
	const tag, path = "Tokens", botPath + "/tokens"
	register(a, post("create-token", path, tag, "Make a token, or import an old system's", scopeAdmin, http.StatusCreated).
		about("The secret is in the answer, and never shown again. Of an imported one only the hash is kept too."), a.createToken)
	register(a, get("list-tokens", path, tag, "List tokens without their secrets", scopeAdmin), a.listTokens)
	register(a, post("rotate-token", path+"/{token}/rotate", tag, "Give a token another secret", scopeAdmin, http.StatusOK).
		about("Name, scopes and end stay. The new secret is in the answer, and never shown again; the old one is good for a while, so that callers can be moved one after the other."), a.rotateToken)
	register(a, remove("revoke-token", path+"/{token}", tag, "End a token at once", scopeAdmin).
		about("By its name, secrets that a rotation replaced end with it."), a.revokeToken)
}

func (a *API) createToken(ctx context.Context, in *newToken) (*body[newTokenAnswer], error) {
	secret := in.Body.Secret
	var out newTokenAnswer
	if secret == "" {
		secret = a.NewSecret()
		out.Token = secret
	} else if err := importable(secret); err != nil {
		return nil, err
	} else if n := utf8.RuneCountInString(secret); n < weakSecret {
		out.Warnings = []string{fmt.Sprintf("a secret of %d characters may be guessed: rotate it when its callers can be changed", n)}
	}
	scopes := in.Body.Scopes
	if len(scopes) == 0 {
		scopes = []string{engine.ScopeSend}
	}
	slices.Sort(scopes)
	t := engine.Token{Hash: token.Hash(secret), BotID: botOf(ctx).ID, Name: in.Body.Name, Scopes: slices.Compact(scopes), CreatedAt: a.Now(), ValidUntil: in.Body.ValidUntil.UTC()}
	if in.Body.ValidUntil.IsZero() {
		t.ValidUntil = time.Time{}
	} else if !t.ValidUntil.After(a.Now()) {
		return nil, invalid("valid_until", "the token would have ended already")
	}
	out.TokenAnswer = showToken(t)
	return answer(out, a.Store.CreateToken(ctx, t))
}

// importable refuses what no caller could send in a header or an address.
func importable(secret string) error {
	for _, r := range secret {
		if r <= ' ' || r > '~' {
			return invalid("secret", "a secret is made of letters, digits and signs of ASCII, without spaces or line breaks")
		}
	}
	return nil
}

func (a *API) rotateToken(ctx context.Context, in *rotation) (*body[newTokenAnswer], error) {
	given := ""
	if in.Body != nil {
		given = in.Body.Overlap
	}
	overlap, err := overlapOf(given)
	if err != nil {
		return nil, err
	}
	secret, now := a.NewSecret(), a.Now()
	t, err := a.Store.RotateToken(ctx, botOf(ctx).ID, in.Token, token.Hash(secret), now.Add(overlap), now)
	if err != nil {
		return nil, err
	}
	return &body[newTokenAnswer]{newTokenAnswer{Token: secret, TokenAnswer: showToken(t)}}, nil
}

// overlapOf is how long a secret is good after it was replaced.
func overlapOf(given string) (time.Duration, error) {
	if given == "" {
		return usualOverlap, nil
	}
	d, err := flows.Duration(given)
	if err != nil || d > mostOverlap {
		return 0, invalid("overlap", "write it as 30m, 24h or 2d, up to 30d; 0s ends the old secret at once")
	}
	return d, nil
}

func (a *API) listTokens(ctx context.Context, in *struct {
	InBot
	Paging
}) (*body[list[TokenAnswer]], error) {
	all, err := a.Store.ListTokens(ctx, botOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	rows, next, err := paged(all, in.Paging, shownHash)
	return listed(rows, next, err, showToken)
}

func (a *API) revokeToken(ctx context.Context, in *oneToken) (*none, error) {
	return nil, a.Store.RevokeToken(ctx, botOf(ctx).ID, in.Token, a.Now())
}
