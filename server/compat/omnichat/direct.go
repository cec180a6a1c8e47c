package omnichat

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/server/compat/lenient"
)

// Limits of custom attributes.
const (
	maxAttributes = 100
	maxKey        = 100  // characters
	maxValue      = 1000 // characters
)

// direct is the answer to a direct message.
type direct struct {
	Content struct {
		TrackID   string   `json:"trackId"`
		MessageID []string `json:"messageId"`
	} `json:"content"`
}

// directMessage sends to one person. What may be sent is the outbox's to say.
func (s *Surface) directMessage(c *fiber.Ctx, who *caller) (any, error) {
	ctx := c.UserContext()
	var bad wrong
	track := bad.needed(who.given, "trackId", "it names the message in your own system")
	platform, channelID := bad.platform(who.given)
	to := bad.needed(who.given, "to", "the person's user id on the platform")
	tags := bad.list(who.given, "tags", maxTags)
	attributes := bad.attributes(who.given)
	if who.given["messages"] == nil {
		bad.add("messages is missing: say what is sent")
	}
	if err := bad.err(); err != nil {
		return nil, err
	}
	account, err := s.account(ctx, who.bot, platform, channelID)
	if err != nil {
		return nil, err
	}
	said, err := s.messages(ctx, who)
	if err != nil {
		return nil, ofMessages(err, codeBody)
	}
	for key, value := range said.Values {
		if _, given := attributes[key]; !given {
			attributes[key] = value
		}
	}
	o := outbox.Order{Bot: who.bot, Source: source, Token: who.token, To: outbox.Recipient{AccountID: account.ID, User: to}, Block: said.Block, Messages: said.Messages,
		Attributes: attributes, AddTags: tags, Intent: engine.IntentDirect}
	if err := s.name(c, &o, track, account, who.given); err != nil {
		return nil, err
	}
	accepted, err := s.Outbox.Accept(ctx, o)
	if err != nil {
		return nil, err
	}
	lenient.Names(c, accepted)
	if err := notSent(accepted); err != nil {
		return nil, err
	}
	out := new(direct)
	out.Content.TrackID, out.Content.MessageID = track, []string{strconv.FormatInt(accepted.DeliveryID, 10)}
	return out, nil
}

// name writes down what was asked and the key by which it is done once. The
// vendor's own examples give one trackId to all messages of a campaign, so that
// it repeats a call only with the same person and content.
func (s *Surface) name(c *fiber.Ctx, o *outbox.Order, track string, account *engine.Account, given lenient.Params) error {
	err := lenient.Record(o, struct {
		Track      string   `json:"trackId"`
		Account    string   `json:"account"`
		To         string   `json:"to"`
		Messages   any      `json:"messages"`
		Attributes any      `json:"customAttributes,omitempty"`
		Tags       []string `json:"tags,omitempty"`
	}{track, account.ID, o.To.User, given["messages"], given["customAttributes"], o.AddTags})
	if err != nil {
		return err
	}
	if o.Key, err = lenient.Key(c); err != nil || o.Key != "" {
		return err
	}
	sum := sha256.Sum256(o.Request)
	o.Key = "trackId " + hex.EncodeToString(sum[:])
	return nil
}

// attributes reads customAttributes.
func (w *wrong) attributes(given lenient.Params) map[string]any {
	const field = "customAttributes"
	out := map[string]any{}
	list, ok := given[field].([]any)
	switch {
	case given[field] == nil:
		return out
	case !ok:
		w.mistyped("%s must be a list of objects with key and value", field)
		return out
	case len(list) > maxAttributes:
		w.add("%s has %d entries: a call may have %d", field, len(list), maxAttributes)
		return out
	}
	for i, v := range list {
		o, ok := v.(map[string]any)
		if !ok {
			w.mistyped("%s[%d] must be an object with key and value", field, i)
			continue
		}
		key, value := lenient.Params(o).Text("key"), o["value"]
		switch text := lenient.Text(value); {
		case key == "":
			w.add("%s[%d].key is missing", field, i)
		case len([]rune(key)) > maxKey:
			w.add("%s[%d].key is longer than %d characters", field, i, maxKey)
		case len([]rune(text)) > maxValue:
			w.add("%s[%d].value is longer than %d characters", field, i, maxValue)
		case text == "": // takes a value away, also of what is no text
			out[key] = nil
		default:
			out[key] = value
		}
	}
	return out
}

// notSent is the vendor's refusal of a message that will not go out; nil for
// one that will.
func notSent(a *outbox.Accepted) error {
	switch {
	case a.Status == engine.Failed:
		return refuse(fiber.StatusBadRequest, codeBody, "%s", lenient.Refusal(a))
	case a.Status != engine.Skipped && a.Status != engine.Canceled:
		return nil
	}
	switch a.Reason {
	case policy.Unsubscribed, policy.NotSubscribed, policy.DoNotContact:
		return refuse(fiber.StatusConflict, codeUnsubscribed, "%s", lenient.Refusal(a))
	}
	return refuse(fiber.StatusConflict, codeUnreachable, "%s", lenient.Refusal(a))
}
