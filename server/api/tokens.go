package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/token"
)

// TokenAnswer is a token without its secret.
type TokenAnswer struct {
	Name       string     `json:"name"`
	Hash       string     `json:"hash" doc:"The first digits of the secret's SHA-256: they name the token too."`
	Scopes     []string   `json:"scopes"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at,omitempty" doc:"To the minute."`
	RevokedAt  *time.Time `json:"revoked_at,omitempty"`
	ValidUntil *time.Time `json:"valid_until,omitempty"`
}

// newTokenAnswer is the only place that ever shows a secret.
type newTokenAnswer struct {
	Token string `json:"token" doc:"The secret. It is not shown again."`
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
		Secret     string    `json:"secret,omitempty" minLength:"16" maxLength:"512" doc:"An old system's token, so that its callers need not change."`
	}
}

type oneToken struct {
	InBot
	Token string `path:"token" doc:"Its name, or at least six first digits of its hash."`
}

// tokens registers …/tokens.
func (a *API) tokens() {
	const tag, path = "Tokens", botPath + "/tokens"
	register(a, post("create-token", path, tag, "Make a token, or import an old system's", scopeAdmin, http.StatusCreated).
		about("The secret is in the answer, and never shown again."), a.createToken)
	register(a, get("list-tokens", path, tag, "List tokens without their secrets", scopeAdmin), a.listTokens)
	register(a, remove("revoke-token", path+"/{token}", tag, "End a token at once", scopeAdmin), a.revokeToken)
}

func (a *API) createToken(ctx context.Context, in *newToken) (*body[newTokenAnswer], error) {
	secret := in.Body.Secret
	if secret == "" {
		secret = a.NewSecret()
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
	return answer(newTokenAnswer{secret, showToken(t)}, a.Store.CreateToken(ctx, t))
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
