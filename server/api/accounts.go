package api

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/server/webhook"
)

// accountAnswer is an account as callers see it: which credentials it has, but
// none of them.
type accountAnswer struct {
	ID          string              `json:"id"`
	Channel     string              `json:"channel"`
	ExternalID  string              `json:"external_id" doc:"The platform's id of it."`
	Name        string              `json:"name"`
	State       engine.AccountState `json:"state" enum:"active,paused,disconnected"`
	Reason      string              `json:"reason,omitempty" doc:"Why it is paused."`
	Credentials []string            `json:"credentials" doc:"The names of those that are kept; their values are never shown."`
	WebhookURL  string              `json:"webhook_url" doc:"Where the platform posts what people do."`
	Notice      *accountNotice      `json:"notice,omitempty" doc:"What the platform last said about it, as that it broke a rule. Gone when the account is set active."`
	CreatedAt   time.Time           `json:"created_at"`
	Warnings    []string            `json:"warnings,omitempty" doc:"What is left to do on the platform's side."`
	Platform    []string            `json:"platform,omitempty" doc:"What stands where on the platform's own pages, and what only a person can set there. Told when it is connected."`
}

// accountNotice is a platform's word to whoever runs an account.
type accountNotice struct {
	Code    string    `json:"code" doc:"Such as policy_enforcement."`
	Message string    `json:"message" doc:"The platform's own words."`
	At      time.Time `json:"at"`
}

func showNotice(w engine.AccountWarning) *accountNotice {
	if w == (engine.AccountWarning{}) {
		return nil
	}
	return &accountNotice{w.Code, w.Message, w.At}
}

func (a *API) showAccount(v engine.Account) accountAnswer {
	return accountAnswer{ID: v.ID, Channel: v.Channel, ExternalID: v.ExternalID, Name: v.Name, State: v.State, Reason: v.Reason,
		Credentials: orEmpty(slices.Sorted(maps.Keys(v.Secrets))), WebhookURL: a.webhookURL(&v), Notice: showNotice(v.Warning), CreatedAt: v.CreatedAt}
}

func (a *API) webhookURL(v *engine.Account) string {
	return a.PublicURL + webhook.Path(v.Channel, v.ID)
}

type newAccount struct {
	InBot
	Body struct {
		Channel     string            `json:"channel" doc:"The platform, such as line."`
		Name        string            `json:"name,omitempty" maxLength:"100" doc:"What to call it; the platform's name for it when left out."`
		Credentials map[string]string `json:"credentials" doc:"For line: channel_secret and channel_access_token. For messenger: page_access_token, app_secret and verify_token."`
	}
}

// OneAccount is the path of one account. It is exported, as all that is embedded in a
// call's input: huma looks past unexported types.
type OneAccount struct {
	InBot
	Account string `path:"account" doc:"The account's id."`
}

type changeAccount struct {
	OneAccount
	Body struct {
		Name        *string           `json:"name,omitempty" minLength:"1" maxLength:"100"`
		State       *string           `json:"state,omitempty" enum:"active,paused" doc:"While it is paused, what it would send stays queued."`
		Reason      *string           `json:"reason,omitempty" maxLength:"500" doc:"Why it is paused, for others to read."`
		Credentials map[string]string `json:"credentials,omitempty" doc:"New ones of the same account; those left out stay."`
	}
}

// accounts registers …/accounts.
func (a *API) accounts() {
	const tag, path = "Accounts", botPath + "/accounts"
	register(a, post("connect-account", path, tag, "Connect a channel", scopeAdmin, http.StatusCreated).
		about("The credentials are tried with the platform, then its webhook is pointed here and tested. What could not be set there is in `warnings`. "+
			"An account that was disconnected comes back with its people; one that is paused takes the new credentials and goes on."), a.connectAccount)
	register(a, get("list-accounts", path, tag, "List the accounts", engine.ScopeRead), a.listAccounts)
	register(a, get("get-account", path+"/{account}", tag, "Get an account", engine.ScopeRead), a.getAccount)
	register(a, patch("change-account", path+"/{account}", tag, "Rename, pause or resume an account, or change its credentials", scopeAdmin), a.changeAccount)
	register(a, remove("disconnect-account", path+"/{account}", tag, "Disconnect an account", scopeAdmin).
		about("Its credentials are deleted; its people and their history stay."), a.disconnectAccount)
	register(a, post("check-account", path+"/{account}/check", tag, "Ask the platform if all is well", scopeAdmin, http.StatusOK).
		about("Tries the credentials, sets and tests the webhook again and reads the month's quota."), a.checkAccount)
}

func (a *API) connectAccount(ctx context.Context, in *newAccount) (*body[accountAnswer], error) {
	bot := botOf(ctx)
	connector, err := a.connector(in.Body.Channel)
	if err != nil {
		return nil, err
	}
	if err := checkCredentials(connector, in.Body.Credentials, true); err != nil {
		return nil, err
	}
	found, err := connector.Identify(ctx, channels.Account{Secrets: in.Body.Credentials})
	if err != nil {
		return nil, err
	}
	account := engine.Account{ID: a.NewID(), BotID: bot.ID, Channel: in.Body.Channel, ExternalID: found.ExternalID, Name: in.Body.Name,
		Fingerprint: found.App, Secrets: in.Body.Credentials, State: engine.AccountActive, CreatedAt: a.Now()}
	if account.Name == "" {
		account.Name = found.Name
	}
	old, err := a.inactive(ctx, &account)
	switch {
	case err != nil:
		return nil, err
	case old != nil:
		account.ID, account.CreatedAt, account.Settings = old.ID, old.CreatedAt, old.Settings
		if err = a.Store.UpdateAccount(ctx, account); err == nil {
			a.resume(ctx, &account)
		}
	default:
		err = a.Store.CreateAccount(ctx, account, found.Aliases)
	}
	if err != nil {
		return nil, err
	}
	out := a.showAccount(account)
	out.Warnings = a.setWebhook(ctx, connector, &account)
	if g, ok := connector.(channels.Guide); ok {
		out.Platform = g.Paste(out.WebhookURL)
	}
	return answer(out, nil)
}

// inactive finds the same account where the bot had it before, or has it paused.
func (a *API) inactive(ctx context.Context, v *engine.Account) (*engine.Account, error) {
	all, err := a.Store.Accounts(ctx, v.BotID)
	if err != nil {
		return nil, err
	}
	for _, old := range all {
		if old.Channel == v.Channel && old.ExternalID == v.ExternalID && old.State != engine.AccountActive {
			return &old, nil
		}
	}
	return nil, nil
}

// setWebhook points the platform here. That it could not be done does not
// undo the connection: a person can paste the address.
func (a *API) setWebhook(ctx context.Context, c channels.Connector, v *engine.Account) []string {
	err := c.SetWebhook(ctx, outbox.ChannelAccount(v), a.webhookURL(v))
	if err == nil {
		return nil
	}
	return []string{fmt.Sprintf("the webhook could not be set: %s; set it to %s by hand", err, a.webhookURL(v))}
}

func (a *API) listAccounts(ctx context.Context, in *struct {
	InBot
	Paging
}) (*body[list[accountAnswer]], error) {
	all, err := a.Store.Accounts(ctx, botOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	rows, next, err := paged(all, in.Paging, func(v engine.Account) string { return v.ID })
	return listed(rows, next, err, a.showAccount)
}

func (a *API) getAccount(ctx context.Context, in *OneAccount) (*body[accountAnswer], error) {
	v, err := a.account(ctx, in.Account)
	if err != nil {
		return nil, err
	}
	return answer(a.showAccount(*v), nil)
}

// account finds an account of the call's bot.
func (a *API) account(ctx context.Context, id string) (*engine.Account, error) {
	v, err := a.Store.Account(ctx, id)
	if err != nil && !engine.IsCode(err, engine.NotFound) {
		return nil, err
	}
	if v == nil || v.BotID != botOf(ctx).ID {
		return nil, unknown("path.account", "no account of this bot has this id")
	}
	return v, nil
}

func (a *API) changeAccount(ctx context.Context, in *changeAccount) (*body[accountAnswer], error) {
	v, err := a.account(ctx, in.Account)
	if err != nil {
		return nil, err
	}
	set(&v.Name, in.Body.Name)
	if len(in.Body.Credentials) > 0 {
		if err := a.changeCredentials(ctx, v, in.Body.Credentials); err != nil {
			return nil, err
		}
	}
	if v.State == engine.AccountDisconnected && len(in.Body.Credentials) == 0 && in.Body.State != nil {
		return nil, &engine.Error{Code: engine.Conflict, Field: "state", Message: "the account is disconnected: connect it again with its credentials"}
	}
	resumed := v.State != engine.AccountActive
	if in.Body.State != nil {
		v.State = engine.AccountState(*in.Body.State)
		if v.State == engine.AccountActive {
			v.Warning = engine.AccountWarning{} // whoever says so has seen it
		}
	}
	set(&v.Reason, in.Body.Reason)
	if v.State == engine.AccountActive {
		v.Reason = ""
	}
	if err := a.Store.UpdateAccount(ctx, *v); err != nil {
		return nil, err
	}
	if resumed && v.State == engine.AccountActive {
		a.resume(ctx, v)
	}
	return answer(a.showAccount(*v), nil)
}

// resume lets go out what the account has kept. Should it fail the change
// stands all the same: the reconciler finds the rows.
func (a *API) resume(ctx context.Context, v *engine.Account) {
	if err := a.Outbox.Resume(ctx, v.ID); err != nil {
		a.Log.Warn("deliveries of a resumed account are rung for later", "account_id", v.ID, "error", err)
	}
}

// changeCredentials tries new credentials: they must be those of the same
// account.
func (a *API) changeCredentials(ctx context.Context, v *engine.Account, given map[string]string) error {
	connector, err := a.connector(v.Channel)
	if err != nil {
		return err
	}
	if err := checkCredentials(connector, given, false); err != nil {
		return err
	}
	secrets := maps.Clone(v.Secrets)
	if secrets == nil {
		secrets = map[string]string{}
	}
	maps.Copy(secrets, given)
	found, err := connector.Identify(ctx, channels.Account{ID: v.ID, ExternalID: v.ExternalID, Secrets: secrets})
	if err != nil {
		return err
	}
	if found.ExternalID != v.ExternalID {
		return &engine.Error{Code: engine.Conflict, Field: "credentials", Message: "these credentials are another account's (" + found.Name + "): connect it as one of its own"}
	}
	v.Secrets = secrets
	return nil
}

func (a *API) disconnectAccount(ctx context.Context, in *OneAccount) (*none, error) {
	v, err := a.account(ctx, in.Account)
	if err != nil {
		return nil, err
	}
	v.State, v.Reason, v.Secrets = engine.AccountDisconnected, "", nil
	return nil, a.Store.UpdateAccount(ctx, *v)
}

// connector finds the channel that connects accounts.
func (a *API) connector(kind string) (channels.Connector, error) {
	if c, ok := a.Channels[kind].(channels.Connector); ok {
		return c, nil
	}
	return nil, &engine.Error{Code: engine.Invalid, Field: "channel", Message: "no such channel can be connected here",
		Hint: "there are: " + strings.Join(slices.Sorted(maps.Keys(a.Channels)), ", ")}
}

// checkCredentials refuses names the channel does not know and, where all are
// needed, secrets that are missing.
func checkCredentials(c channels.Connector, given map[string]string, all bool) error {
	var names []string
	for _, f := range c.Fields() {
		names = append(names, f.Name)
		if all && f.Secret && strings.TrimSpace(given[f.Name]) == "" {
			return invalid("credentials."+f.Name, f.Name+" is missing: "+f.Help)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(names, name) {
			return &engine.Error{Code: engine.Invalid, Field: "credentials", Message: "this channel has no such credential", Hint: "there are: " + strings.Join(names, ", ")}
		}
	}
	return nil
}
