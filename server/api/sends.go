package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/server/problem"
	"github.com/blockcast/blockcast/server/token"
)

// Limits of a send.
const (
	longestExpiry = 30 * 24 * time.Hour
	maxKey        = 255
)

// sendTo says who is meant: exactly one of its fields, or account with user.
type sendTo struct {
	Contact    int64  `json:"contact,omitempty" doc:"A contact's id."`
	Identity   int64  `json:"identity,omitempty" doc:"An identity's id: a person on one account."`
	Phone      string `json:"phone,omitempty" maxLength:"100" doc:"National or international."`
	ExternalID string `json:"external_id,omitempty" maxLength:"200" doc:"Your own id for the person."`
	Account    string `json:"account,omitempty" doc:"An account's id; with user."`
	User       string `json:"user,omitempty" maxLength:"200" doc:"The platform's id of the person."`
}

// NewSendBody is what to send to whom. It is exported, as all that is embedded
// in a call's input: huma looks past unexported types.
type NewSendBody struct {
	To         sendTo                     `json:"to"`
	Block      string                     `json:"block,omitempty" maxLength:"200" doc:"A block's name, id or alias."`
	Module     string                     `json:"module,omitempty" maxLength:"200" doc:"The same for a module."`
	Messages   []json.RawMessage          `json:"messages,omitempty" maxItems:"5" doc:"Messages instead of a block, such as {\"type\": \"text\", \"text\": \"Hello\"}; a text's type may be left out. Texts are literal."`
	Attributes map[string]json.RawMessage `json:"attributes,omitempty" doc:"Saved on the contact before the block is rendered. A name that is not declared is kept as text, at most 50 new ones in an hour."`
	Tags       []string                   `json:"tags,omitempty" maxItems:"200" doc:"Replace the contact's tags."`
	Intent     engine.Intent              `json:"intent,omitempty" enum:"utility,agent,direct,promotional" doc:"Why it is sent: policy depends on it. Utility when left out; agent needs the scope agent."`
	MessageTag string                     `json:"message_tag,omitempty" maxLength:"100" doc:"A platform's message tag, see /v1/message-tags."`
	Category   string                     `json:"category,omitempty" maxLength:"20" doc:"For reports."`
	Force      bool                       `json:"force,omitempty" doc:"Even while the person is being asked something else."`
	Strict     bool                       `json:"strict,omitempty" doc:"Refuse the call when the block needs an attribute that neither it nor the person has; else that is a warning."`
	NotBefore  *time.Time                 `json:"not_before,omitempty" doc:"Not earlier than this."`
	ExpiresIn  string                     `json:"expires_in,omitempty" doc:"How long it may wait, such as 90s, 2h or 1d; a day when left out."`
	DryRun     bool                       `json:"dry_run,omitempty" doc:"Only say what would come of it; nothing is stored."`
}

type newSend struct {
	InBot
	Key  string `header:"Idempotency-Key" maxLength:"255" doc:"The same key and body return the first answer for a day."`
	Body NewSendBody
}

// sendAnswer is what became of an order.
type sendAnswer struct {
	ID            string            `json:"id,omitempty"`
	DeliveryID    int64             `json:"delivery_id,omitempty"`
	ContactID     int64             `json:"contact_id,omitempty"`
	IdentityID    int64             `json:"identity_id,omitempty"`
	Channel       string            `json:"channel,omitempty" doc:"The platform it goes to."`
	Status        engine.Status     `json:"status" doc:"queued; skipped when policy refuses; saved when there was nothing but attributes."`
	Reason        string            `json:"reason,omitempty" doc:"Why it is skipped, or why an event started nothing."`
	Explanation   string            `json:"explanation,omitempty" doc:"The same in words, and what to do."`
	Route         string            `json:"route,omitempty" doc:"How it would go out now."`
	ChosenBecause string            `json:"chosen_because,omitempty" doc:"Why this identity."`
	Warnings      []string          `json:"warnings,omitempty"`
	Messages      []json.RawMessage `json:"messages,omitempty" doc:"What would be said; on a dry run."`
}

type sent struct {
	Status   int    `json:"-"`
	Delivery string `header:"X-Delivery-Id"`
	Replayed string `header:"Idempotency-Replayed" doc:"true when this is the answer of an earlier call with the same key."`
	Body     sendAnswer
}

// sends registers …/sends.
func (a *API) sends() {
	const tag, path = "Sends", botPath + "/sends"
	create := post("send", path, tag, "Send a block, a module or messages to a person", engine.ScopeSend, http.StatusAccepted).
		about("The order is stored and worked off at once. A refusal by policy is stored as well, and answered as status `skipped` with its reason.")
	create.rule.keyed = true
	register(a, create, a.send)
	register(a, get("list-sends", path, tag, "List deliveries, the newest first", engine.ScopeRead), a.listSends)
	register(a, get("get-send", path+"/{send}", tag, "Get a send with its whole story", engine.ScopeRead), a.getSend)
	register(a, get("explain-send", path+"/{send}/explain", tag, "Say in words what became of a send, and why", engine.ScopeRead), a.explainSend)
	register(a, post("settle-send", path+"/{send}/settle", tag, "Say what became of a delivery whose answer was lost", scopeAdmin, http.StatusOK), a.settleSend)
}

func (a *API) send(ctx context.Context, in *newSend) (*sent, error) {
	o, err := a.order(ctx, in)
	if err != nil {
		return nil, err
	}
	got, err := a.Outbox.Accept(ctx, *o)
	if err != nil {
		return nil, placed(err, in.Body.Attributes)
	}
	return showSent(got, o.DryRun)
}

// showSent answers what became of an order.
func showSent(got *outbox.Accepted, dryRun bool) (*sent, error) {
	out := &sent{Status: http.StatusAccepted, Body: sendAnswer{ID: got.SendID, DeliveryID: got.DeliveryID, ContactID: got.ContactID, IdentityID: got.IdentityID, Channel: got.Channel,
		Status: got.Status, Reason: got.Reason, Explanation: got.Explanation, Route: got.Route, ChosenBecause: got.ChosenBecause, Warnings: got.Warnings}}
	if got.DeliveryID != 0 {
		out.Delivery = strconv.FormatInt(got.DeliveryID, 10)
	}
	if got.Repeated {
		out.Replayed = "true"
	}
	if dryRun {
		out.Status = http.StatusOK
	}
	for _, m := range got.Messages {
		text, err := json.Marshal(m)
		if err != nil {
			return nil, fmt.Errorf("show message: %w", err)
		}
		out.Body.Messages = append(out.Body.Messages, text)
	}
	return out, nil
}

// order reads a call into what the outbox takes.
func (a *API) order(ctx context.Context, in *newSend) (*outbox.Order, error) {
	who, b := callerOf(ctx), &in.Body
	o := &outbox.Order{Bot: who.bot, Source: "api", Token: who.token, Tags: b.Tags, Category: b.Category, Force: b.Force, Strict: b.Strict, DryRun: b.DryRun, Key: in.Key, Tag: b.MessageTag}
	var err error
	if o.To, err = recipient(b.To); err != nil {
		return nil, err
	}
	if o.Block, o.Messages, err = content(b); err != nil {
		return nil, err
	}
	if o.Attributes, _, err = readValues(b.Attributes); err != nil {
		return nil, err
	}
	if err := a.intend(who, b, o); err != nil {
		return nil, err
	}
	if o.ExpiresIn, err = duration("expires_in", b.ExpiresIn, 0); err != nil {
		return nil, err
	}
	if o.ExpiresIn > longestExpiry {
		return nil, invalid("expires_in", "a send waits for 30 days at most")
	}
	if b.NotBefore != nil {
		o.NotBefore = b.NotBefore.UTC()
	}
	if o.NotBefore.After(a.Now().Add(longestExpiry)) {
		return nil, invalid("not_before", "a send is put off for 30 days at most")
	}
	if o.Request, err = json.Marshal(b); err != nil {
		return nil, fmt.Errorf("record the call: %w", err)
	}
	sum := sha256.Sum256(o.Request)
	o.BodyHash = hex.EncodeToString(sum[:])
	return o, nil
}

// recipient refuses a call that means nobody, or several at once.
func recipient(to sendTo) (outbox.Recipient, error) {
	ways := 0
	for _, given := range []bool{to.Contact != 0, to.Identity != 0, to.Phone != "", to.ExternalID != "", to.User != ""} {
		if given {
			ways++
		}
	}
	switch {
	case ways != 1:
		return outbox.Recipient{}, invalid("to", "say who is meant in exactly one way: contact, identity, phone, external_id, or account with user")
	case (to.Account == "") != (to.User == ""):
		return outbox.Recipient{}, invalid("to", "account and user belong together: the account's id and the platform's id of the person on it")
	}
	return outbox.Recipient{IdentityID: to.Identity, ContactID: to.Contact, Phone: to.Phone, ExternalID: to.ExternalID, AccountID: to.Account, User: to.User}, nil
}

// content is the block, or the messages instead of one.
func content(b *NewSendBody) (block string, messages []blocks.Message, err error) {
	given := 0
	for _, is := range []bool{strings.TrimSpace(b.Block) != "", strings.TrimSpace(b.Module) != "", len(b.Messages) > 0} {
		if is {
			given++
		}
	}
	switch {
	case given > 1:
		return "", nil, invalid("block", "give one of block, module and messages")
	case given == 0 && len(b.Attributes) == 0 && b.Tags == nil:
		return "", nil, invalid("block", "there is nothing to send: give block, module or messages")
	case b.Module != "":
		return b.Module, nil, nil
	}
	messages, err = readMessages(b.Messages)
	return b.Block, messages, err
}

// intend settles the intent: as said, else by the message tag.
func (a *API) intend(who caller, b *NewSendBody, o *outbox.Order) error {
	intent, inWindow, warning := policy.Tag("", b.MessageTag, a.Now())
	if warning != "" {
		o.Warnings = append(o.Warnings, warning)
	}
	o.Intent, o.InWindow = intent, inWindow
	if b.Intent != "" {
		o.Intent = b.Intent
	}
	if o.Intent == engine.IntentAgent && !token.Allows(who.token, engine.ScopeAgent) {
		return problem.New(http.StatusForbidden, "this token may not send as a person: it lacks the scope "+engine.ScopeAgent)
	}
	return nil
}

// placed says where in the call a mistake is that the outbox found.
func placed(err error, attributes map[string]json.RawMessage) error {
	var e *engine.Error
	if !errors.As(err, &e) {
		return err
	}
	at := *e
	if _, ok := attributes[e.Field]; ok {
		at.Field = "attributes." + e.Field
		return &at
	}
	switch e.Field {
	case "contact", "identity", "phone", "external_id", "account", "user":
		at.Field = "to." + e.Field
	}
	return &at
}

// OneSend is the path of one send.
type OneSend struct {
	InBot
	Send string `path:"send" doc:"The send's id, or its delivery's."`
}

type settling struct {
	OneSend
	Body struct {
		As engine.Status `json:"as" enum:"sent,delivered,read,failed" doc:"What a person found out."`
	}
}

func (a *API) settleSend(ctx context.Context, in *settling) (*body[deliveryAnswer], error) {
	bot := botOf(ctx)
	stories, _, err := a.stories(ctx, in.Send)
	if err != nil {
		return nil, err
	}
	if len(stories) != 1 {
		return nil, invalid("path.send", "this send has several deliveries: settle them one by one, by the delivery's id")
	}
	id := stories[0].Delivery.ID
	if err := a.Store.Settle(ctx, bot.ID, id, in.Body.As, a.Now()); err != nil {
		return nil, err
	}
	s, err := a.Store.Story(ctx, bot.ID, id)
	if err != nil {
		return nil, err
	}
	return answer(showDelivery(s.Delivery, s.Block), nil)
}
