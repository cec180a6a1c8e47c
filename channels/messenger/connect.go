package messenger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/blockcast/blockcast/channels"
)

// getStarted is what the button on a first chat sends: such a tap is a follow.
const getStarted = "GET_STARTED"

// subscribed are the events that mean something here.
var subscribed = [...]string{
	"messages", "messaging_postbacks", "messaging_referrals", "messaging_optins", "message_deliveries", "message_reads",
	"message_echoes", "message_edits", "message_reactions", "messaging_handovers", "standby", "messaging_policy_enforcement",
}

// Fields implements channels.Connector.
func (*Channel) Fields() []channels.Field {
	return []channels.Field{
		{Name: tokenField, Secret: true, Help: "a Page access token that does not expire, in the Meta App Dashboard under Messenger > API settings"},
		{Name: secretField, Secret: true, Help: "the app secret, in the Meta App Dashboard under App settings > Basic"},
		{Name: verifyField, Secret: true, Help: "any text of yours: Meta shows it when it tests the webhook's address"},
	}
}

// Identify implements channels.Connector. The proof that goes with the call
// makes Meta refuse an app secret that is not the token's.
func (c *Channel) Identify(ctx context.Context, a channels.Account) (*channels.Identified, error) {
	for _, f := range c.Fields() {
		if credential(a, f.Name) == "" {
			return nil, refusal(channels.KindAuth, f.Name, f.Name+" is missing: "+f.Help)
		}
	}
	var page struct {
		ID   text   `json:"id"`
		Name string `json:"name"`
	}
	if err := c.get(ctx, a, "/me", url.Values{"fields": {"id,name"}}, &page); err != nil {
		return nil, err
	}
	if !isID(string(page.ID)) {
		return nil, refusal(channels.KindAuth, tokenField, "Meta does not say whose token this is: it has to be a Page's")
	}
	return &channels.Identified{ExternalID: string(page.ID), Name: page.Name, App: fingerprint(credential(a, secretField))}, nil
}

// fingerprint tells apps apart without telling their secret.
func fingerprint(secret string) string {
	sum := sha256.Sum256([]byte("meta app " + secret))
	return hex.EncodeToString(sum[:16])
}

// SetWebhook implements channels.Connector: it points the app's webhook here,
// which Meta tests at once, subscribes the Page to it, and sets the Page's Get
// Started button, whose tap is a follow. An app has one address for all its
// Pages: one that is set on the same host already serves them all, and stays.
func (c *Channel) SetWebhook(ctx context.Context, a channels.Account, address string) error {
	if err := c.subscribeApp(ctx, a, address); err != nil {
		return err
	}
	if err := c.change(ctx, a, "/"+page(a)+"/subscribed_apps", map[string]any{"subscribed_fields": subscribed}); err != nil {
		return fmt.Errorf("subscribe the Page: %w", err)
	}
	profile := map[string]any{"get_started": map[string]string{"payload": getStarted}}
	if err := c.change(ctx, a, "/"+page(a)+"/messenger_profile", profile); err != nil {
		return fmt.Errorf("the webhook is set, but not the Get Started button: %w", err)
	}
	return nil
}

// subscribeApp points the app's webhook at the address, unless it leads to the
// same host already.
func (c *Channel) subscribeApp(ctx context.Context, a channels.Account, address string) error {
	var app struct {
		ID text `json:"id"`
	}
	if err := c.get(ctx, a, "/app", url.Values{"fields": {"id"}}, &app); err != nil {
		return fmt.Errorf("find the app of the token: %w", err)
	}
	if !isID(string(app.ID)) {
		return errors.New("find the app of the token: Meta names none")
	}
	set, err := c.callback(ctx, a, string(app.ID))
	if err != nil {
		return fmt.Errorf("read the app's webhook: %w", err)
	}
	if set != "" && set != address && sameHost(set, address) {
		return nil
	}
	body := encode(map[string]string{
		"object": "page", "callback_url": address, "verify_token": credential(a, verifyField), "fields": strings.Join(subscribed[:], ","),
	})
	answer, err := c.asApp(ctx, a, http.MethodPost, string(app.ID), body)
	if err := read(answer, err, a, nil); err != nil {
		return fmt.Errorf("set the app's webhook: %w", err)
	}
	return nil
}

// callback is where the app's webhook for Pages leads, "" when nowhere.
func (c *Channel) callback(ctx context.Context, a channels.Account, app string) (string, error) {
	var all struct {
		Data []struct {
			Object   string `json:"object"`
			Callback string `json:"callback_url"`
			Active   flag   `json:"active"`
		} `json:"data"`
	}
	answer, err := c.asApp(ctx, a, http.MethodGet, app, nil)
	if err := read(answer, err, a, &all); err != nil {
		return "", err
	}
	for _, s := range all.Data {
		if s.Object == "page" && bool(s.Active) {
			return s.Callback, nil
		}
	}
	return "", nil
}

// asApp calls for the app's subscriptions by the app's own token, which is its
// id and its secret.
func (c *Channel) asApp(ctx context.Context, a channels.Account, method, app string, body []byte) (*channels.Answer, error) {
	secret := credential(a, secretField)
	return c.do(ctx, method, "/"+app+"/subscriptions", app+"|"+secret, secret, body)
}

func sameHost(a, b string) bool {
	x, errX := url.Parse(a)
	y, errY := url.Parse(b)
	return errX == nil && errY == nil && x.Host != "" && strings.EqualFold(x.Host, y.Host) && x.Scheme == y.Scheme
}
