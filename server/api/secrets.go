package api

import (
	"context"
	"net/http"
	"time"
	"unicode"

	"github.com/blockcast/blockcast/engine"
)

// secretAnswer is a secret without its value, which nothing shows again.
type secretAnswer struct {
	Name      string    `json:"name"`
	UpdatedAt time.Time `json:"updated_at" doc:"When its value was last set."`
}

func showSecret(s engine.Secret) secretAnswer { return secretAnswer(s) }

// OneSecret is the path of one secret.
type OneSecret struct {
	InBot
	Secret string `path:"secret" maxLength:"100" doc:"Its name: flows read it as secret.NAME."`
}

type newSecret struct {
	OneSecret
	Body struct {
		Value string `json:"value" minLength:"1" maxLength:"16384" doc:"What it is. It is kept sealed and never shown."`
	}
}

// secrets registers …/secrets.
func (a *API) secrets() {
	const tag, path = "Secrets", botPath + "/secrets"
	register(a, get("list-secrets", path, tag, "List secrets without their values", engine.ScopeRead), a.listSecrets)
	register(a, operation{id: "set-secret", method: http.MethodPut, path: path + "/{secret}", tag: tag,
		summary: "Set a secret", rule: rule{scope: scopeAdmin},
		description: "A `request` in a flow reads it as `secret.NAME`; the next one that runs has the new value."}, a.setSecret)
	register(a, remove("delete-secret", path+"/{secret}", tag, "Delete a secret", scopeAdmin).
		about("A `request` that reads it fails from then on."), a.deleteSecret)
}

func (a *API) listSecrets(ctx context.Context, in *struct {
	InBot
	Paging
}) (*body[list[secretAnswer]], error) {
	all, err := a.Store.ListSecrets(ctx, botOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	rows, next, err := paged(all, in.Paging, func(s engine.Secret) string { return s.Name })
	return listed(rows, next, err, showSecret)
}

func (a *API) setSecret(ctx context.Context, in *newSecret) (*body[secretAnswer], error) {
	if !isSecretName(in.Secret) {
		return nil, invalid("path.secret", "a flow must be able to write the name after \"secret.\": letters, digits and _, a letter first")
	}
	return answer(secretAnswer{in.Secret, a.Now()}, a.Store.SetSecret(ctx, botOf(ctx).ID, in.Secret, in.Body.Value))
}

// isSecretName reports whether an expression can name a secret so.
func isSecretName(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != ""
}

func (a *API) deleteSecret(ctx context.Context, in *OneSecret) (*none, error) {
	return nil, a.Store.SetSecret(ctx, botOf(ctx).ID, in.Secret, "")
}
