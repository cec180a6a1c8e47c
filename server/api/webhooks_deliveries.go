package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// webhookDeliveryAnswer is one notice to one webhook.
type webhookDeliveryAnswer struct {
	ID        int64                `json:"id"`
	MessageID string               `json:"message_id" doc:"The webhook-id header: the same for every attempt, so that a receiver can tell a repeated call."`
	Topic     string               `json:"topic"`
	ContactID int64                `json:"contact_id,omitempty" doc:"Whom it tells about."`
	Status    engine.PostingStatus `json:"status" enum:"queued,sending,delivered,failed"`
	Attempts  int                  `json:"attempts" doc:"Since it was queued last."`
	NextAt    *time.Time           `json:"next_attempt_at,omitempty"`
	Code      int                  `json:"code,omitempty" doc:"The HTTP status of the last answer."`
	Answer    string               `json:"answer,omitempty" doc:"Its first kilobyte."`
	TookMS    int64                `json:"took_ms" doc:"How long the last call took."`
	Error     string               `json:"error,omitempty" doc:"Why the last call was not taken."`
	CreatedAt time.Time            `json:"created_at"`
	ClosedAt  *time.Time           `json:"closed_at,omitempty" doc:"When it was delivered or given up."`
}

func showWebhookDelivery(p engine.Posting) webhookDeliveryAnswer {
	out := webhookDeliveryAnswer{ID: p.ID, MessageID: p.MessageID, Topic: p.Topic, ContactID: p.ContactID, Status: p.Status, Attempts: p.Attempts,
		Code: p.Code, Answer: p.Answer, TookMS: p.Took.Milliseconds(), Error: p.Error, CreatedAt: p.CreatedAt, ClosedAt: at(p.ClosedAt)}
	if p.Status == engine.PostingQueued {
		out.NextAt = at(p.NextAt)
	}
	return out
}

// wholeWebhookDelivery is one with what is posted.
type wholeWebhookDelivery struct {
	webhookDeliveryAnswer
	Body json.RawMessage `json:"body" doc:"What is posted, as JSON. The bytes that are signed may be spaced otherwise."`
}

// OneWebhookDelivery is the path of one notice to a webhook.
type OneWebhookDelivery struct {
	OneWebhook
	Delivery string `path:"delivery" doc:"The delivery's id."`
}

// webhookDeliveries registers …/deliveries of a webhook.
func (a *API) webhookDeliveries(tag, path string) {
	register(a, get("list-webhook-deliveries", path, tag, "List what a webhook was told", scopeAdmin).
		about("The newest first, of the last 30 days."), a.listWebhookDeliveries)
	register(a, get("get-webhook-delivery", path+"/{delivery}", tag, "Get what a webhook was told, with its body", scopeAdmin), a.getWebhookDelivery)
	register(a, post("redeliver-webhook", path+"/{delivery}/redeliver", tag, "Post a notice now", scopeAdmin, http.StatusAccepted).
		about("Under the same id. One that was delivered or given up is posted again, as often as a new one until it is taken; one that waits for its next attempt gets it now. One that is being posted is refused."), a.redeliverWebhook)
}

func (a *API) listWebhookDeliveries(ctx context.Context, in *struct {
	OneWebhook
	Paging
	Status string `query:"status" enum:"queued,sending,delivered,failed" doc:"Only those."`
}) (*body[list[webhookDeliveryAnswer]], error) {
	bot := botOf(ctx).ID
	if _, err := a.Store.Webhook(ctx, bot, in.Webhook); err != nil {
		return nil, err
	}
	rows, next, err := a.Store.ListPostings(ctx, bot, in.Webhook, engine.PostingStatus(in.Status), in.page())
	return listed(rows, next, err, showWebhookDelivery)
}

func (a *API) getWebhookDelivery(ctx context.Context, in *OneWebhookDelivery) (*body[wholeWebhookDelivery], error) {
	id, err := in.number()
	if err != nil {
		return nil, err
	}
	p, err := a.Store.Posting(ctx, botOf(ctx).ID, in.Webhook, id)
	if err != nil {
		return nil, err
	}
	return answer(wholeWebhookDelivery{showWebhookDelivery(*p), p.Body}, nil)
}

func (a *API) redeliverWebhook(ctx context.Context, in *OneWebhookDelivery) (*body[webhookDeliveryAnswer], error) {
	id, err := in.number()
	if err != nil {
		return nil, err
	}
	w, err := a.Store.Webhook(ctx, botOf(ctx).ID, in.Webhook)
	if err != nil {
		return nil, err
	}
	if w.State != engine.WebhookActive {
		return nil, &engine.Error{Code: engine.Conflict, Message: "the webhook is disabled: make it active first"}
	}
	p, err := a.Store.RequeuePosting(ctx, w.BotID, in.Webhook, id, a.Now())
	if err != nil {
		return nil, err
	}
	return answer(showWebhookDelivery(*p), nil)
}

// number is the delivery's id.
func (d *OneWebhookDelivery) number() (int64, error) {
	id, err := strconv.ParseInt(d.Delivery, 10, 64)
	if err != nil {
		return 0, &engine.Error{Code: engine.NotFound, Message: "no delivery " + strconv.Quote(d.Delivery)}
	}
	return id, nil
}
