package api

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/notify"
)

// webhookAnswer is an outgoing webhook without its secret.
type webhookAnswer struct {
	ID           string              `json:"id"`
	URL          string              `json:"url"`
	Description  string              `json:"description,omitempty"`
	Topics       []string            `json:"topics"`
	State        engine.WebhookState `json:"state" enum:"active,disabled"`
	Reason       string              `json:"reason,omitempty" doc:"Why it is disabled."`
	Failures     int                 `json:"failures" doc:"Calls in a row that were not taken."`
	FailingSince *time.Time          `json:"failing_since,omitempty" doc:"When the first of them was. After five days of failures it is disabled."`
	OldSecretTo  *time.Time          `json:"old_secret_until,omitempty" doc:"Until when the secret before the last rotation signs too."`
	CreatedAt    time.Time           `json:"created_at"`
	Warnings     []string            `json:"warnings,omitempty" doc:"Why nothing would reach the address now."`
}

func (a *API) showWebhook(w engine.Webhook) webhookAnswer {
	out := webhookAnswer{ID: w.ID, URL: w.URL, Description: w.Description, Topics: orEmpty(w.Topics), State: w.State, Reason: w.Reason,
		Failures: w.Failures, FailingSince: at(w.FailingSince), CreatedAt: w.CreatedAt}
	if w.OldUntil.After(a.Now()) {
		out.OldSecretTo = at(w.OldUntil)
	}
	if a.Guarded != nil {
		if err := a.Guarded(w.URL); err != nil {
			out.Warnings = []string{"nothing arrives there: " + err.Error()}
		}
	}
	return out
}

// secretWebhookAnswer is the only one that shows a secret.
type secretWebhookAnswer struct {
	Secret string `json:"secret" doc:"What verifies the calls, by Standard Webhooks. It is not shown again."`
	webhookAnswer
}

type newWebhook struct {
	InBot
	Body struct {
		URL         string   `json:"url" maxLength:"2048" doc:"Where it is posted to."`
		Topics      []string `json:"topics" minItems:"1" maxItems:"50" doc:"What it is told of: event:NAME or event:* for notify steps, handover, contact.unsubscribed, contact.blocked, delivery.failed, delivery.skipped, account.paused, or * for all."`
		Description string   `json:"description,omitempty" maxLength:"200" doc:"What it is for."`
	}
}

// OneWebhook is the path of one outgoing webhook.
type OneWebhook struct {
	InBot
	Webhook string `path:"webhook" doc:"The webhook's id."`
}

type changeWebhook struct {
	OneWebhook
	Body struct {
		URL         *string  `json:"url,omitempty" maxLength:"2048"`
		Topics      []string `json:"topics,omitempty" minItems:"1" maxItems:"50" doc:"All it is told of from now on."`
		Description *string  `json:"description,omitempty" maxLength:"200"`
		State       *string  `json:"state,omitempty" enum:"active,disabled" doc:"While it is disabled nothing new is kept for it; what waits goes on when it is active again."`
	}
}

type webhookRotation struct {
	OneWebhook
	Body *struct {
		Overlap string `json:"overlap,omitempty" doc:"How long the old secret signs too, up to 30d, or 0s; 24h unless said."`
	}
}

// webhooks registers …/webhooks.
func (a *API) webhooks() {
	const tag, path = "Webhooks", botPath + "/webhooks"
	register(a, post("create-webhook", path, tag, "Have an address told what happens", scopeAdmin, http.StatusCreated).
		about("Calls are signed by Standard Webhooks. The secret is in the answer, and never shown again."), a.createWebhook)
	register(a, get("list-webhooks", path, tag, "List the webhooks", scopeAdmin), a.listWebhooks)
	register(a, get("get-webhook", path+"/{webhook}", tag, "Get a webhook", scopeAdmin), a.getWebhook)
	register(a, patch("change-webhook", path+"/{webhook}", tag, "Change, disable or enable a webhook", scopeAdmin), a.changeWebhook)
	register(a, remove("delete-webhook", path+"/{webhook}", tag, "Delete a webhook", scopeAdmin).
		about("What waits for it, and what it was told, is forgotten with it."), a.deleteWebhook)
	register(a, post("test-webhook", path+"/{webhook}/test", tag, "Post a notice of topic webhook.test", scopeAdmin, http.StatusOK).
		about("It is posted once, at once and whatever the webhook's state; the answer tells what came of it."), a.testWebhook)
	register(a, post("rotate-webhook-secret", path+"/{webhook}/rotate", tag, "Give a webhook another secret", scopeAdmin, http.StatusOK).
		about("The new secret is in the answer, and never shown again. For a while calls carry the signatures of both."), a.rotateWebhook)
	a.webhookDeliveries(tag, path+"/{webhook}/deliveries")
}

func (a *API) createWebhook(ctx context.Context, in *newWebhook) (*body[secretWebhookAnswer], error) {
	w := engine.Webhook{ID: a.NewID(), BotID: botOf(ctx).ID, URL: in.Body.URL, Description: in.Body.Description, Topics: in.Body.Topics,
		State: engine.WebhookActive, Secret: a.newWebhookSecret(), CreatedAt: a.Now()}
	if err := checkWebhook(&w); err != nil {
		return nil, err
	}
	return answer(secretWebhookAnswer{w.Secret, a.showWebhook(w)}, a.Store.CreateWebhook(ctx, w))
}

// newWebhookSecret is a key as receivers' libraries take it.
func (a *API) newWebhookSecret() string {
	key := sha256.Sum256([]byte(a.NewSecret()))
	return notify.Secret(key[:24])
}

// checkWebhook refuses what cannot be posted to, or listened to, and puts the
// topics in order.
func checkWebhook(w *engine.Webhook) error {
	u, err := url.Parse(w.URL)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return invalid("url", "the address must begin with https:// or http:// and name a host")
	case u.User != nil:
		return invalid("url", "an address with a user's name and password in it would show them to everybody: verify the signature instead")
	case u.Fragment != "":
		return invalid("url", "what stands after # is never sent: leave it out")
	}
	for i, t := range w.Topics {
		if !engine.IsTopic(t) {
			return invalid(fmt.Sprintf("topics[%d]", i), fmt.Sprintf("there is no topic %q: it is *, event:*, event: with an event's name, handover, contact.unsubscribed, contact.blocked, delivery.failed, delivery.skipped or account.paused", t))
		}
	}
	slices.Sort(w.Topics)
	w.Topics = slices.Compact(w.Topics)
	return nil
}

func (a *API) listWebhooks(ctx context.Context, in *struct {
	InBot
	Paging
}) (*body[list[webhookAnswer]], error) {
	all, err := a.Store.ListWebhooks(ctx, botOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	rows, next, err := paged(all, in.Paging, func(w engine.Webhook) string { return w.ID })
	return listed(rows, next, err, a.showWebhook)
}

func (a *API) getWebhook(ctx context.Context, in *OneWebhook) (*body[webhookAnswer], error) {
	w, err := a.Store.Webhook(ctx, botOf(ctx).ID, in.Webhook)
	if err != nil {
		return nil, err
	}
	return answer(a.showWebhook(*w), nil)
}

func (a *API) changeWebhook(ctx context.Context, in *changeWebhook) (*body[webhookAnswer], error) {
	w, err := a.Store.UpdateWebhook(ctx, botOf(ctx).ID, in.Webhook, in.change)
	if err != nil {
		return nil, err
	}
	return answer(a.showWebhook(*w), nil)
}

// change makes a webhook what the call wants of it.
func (in *changeWebhook) change(w *engine.Webhook) error {
	if v := in.Body.URL; v != nil {
		w.URL = *v
	}
	if v := in.Body.Description; v != nil {
		w.Description = *v
	}
	if v := in.Body.Topics; v != nil {
		w.Topics = v
	}
	if v := in.Body.State; v != nil && engine.WebhookState(*v) != w.State {
		w.State, w.Reason = engine.WebhookState(*v), ""
		if w.State == engine.WebhookDisabled {
			w.Reason = "disabled by hand"
		}
		w.Failures, w.FailingSince = 0, time.Time{}
	}
	return checkWebhook(w)
}

func (a *API) deleteWebhook(ctx context.Context, in *OneWebhook) (*none, error) {
	return nil, a.Store.DeleteWebhook(ctx, botOf(ctx).ID, in.Webhook)
}

func (a *API) testWebhook(ctx context.Context, in *OneWebhook) (*body[webhookDeliveryAnswer], error) {
	w, err := a.Store.Webhook(ctx, botOf(ctx).ID, in.Webhook)
	if err != nil {
		return nil, err
	}
	p, err := a.Poster.Test(ctx, w)
	if err != nil {
		return nil, err
	}
	return answer(showWebhookDelivery(*p), nil)
}

func (a *API) rotateWebhook(ctx context.Context, in *webhookRotation) (*body[secretWebhookAnswer], error) {
	given := ""
	if in.Body != nil {
		given = in.Body.Overlap
	}
	overlap, err := overlapOf(given)
	if err != nil {
		return nil, err
	}
	w, err := a.Store.UpdateWebhook(ctx, botOf(ctx).ID, in.Webhook, func(w *engine.Webhook) error {
		w.OldSecret, w.OldUntil, w.Secret = w.Secret, a.Now().Add(overlap), a.newWebhookSecret()
		if overlap == 0 {
			w.OldSecret, w.OldUntil = "", time.Time{}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return answer(secretWebhookAnswer{w.Secret, a.showWebhook(*w)}, nil)
}
