package line

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"

	"github.com/blockcast/blockcast/channels"
)

const webhookPath = "/v2/bot/channel/webhook/"

// Fields implements channels.Connector.
func (*Channel) Fields() []channels.Field {
	return []channels.Field{
		{Name: secretField, Secret: true, Help: "the channel secret, in the LINE Developers console under Basic settings"},
		{Name: tokenField, Secret: true, Help: "a long-lived channel access token, in the LINE Developers console under Messaging API"},
	}
}

// Identify implements channels.Connector. The id is the bot's user id, which
// webhooks name as their destination; LINE cannot prove the channel secret, so
// a wrong one shows in SetWebhook's test.
func (c *Channel) Identify(ctx context.Context, a channels.Account) (*channels.Identified, error) {
	for _, f := range c.Fields() {
		if credential(a, f.Name) == "" {
			return nil, refusal(channels.KindAuth, f.Name, f.Name+" is missing: "+f.Help)
		}
	}
	var bot struct {
		UserID      string `json:"userId"`
		BasicID     string `json:"basicId"`
		PremiumID   string `json:"premiumId"`
		DisplayName string `json:"displayName"`
	}
	if err := c.get(ctx, a, "/v2/bot/info", &bot); err != nil {
		return nil, err
	}
	i := &channels.Identified{ExternalID: bot.UserID, Name: bot.DisplayName, App: fingerprint(credential(a, secretField))}
	for _, alias := range []string{bot.BasicID, bot.PremiumID} {
		if alias != "" {
			i.Aliases = append(i.Aliases, alias)
		}
	}
	return i, nil
}

// fingerprint tells channels apart without telling their secret.
func fingerprint(secret string) string {
	sum := sha256.Sum256([]byte("line channel " + secret))
	return hex.EncodeToString(sum[:16])
}

// SetWebhook implements channels.Connector: it sets the address, has LINE test
// it, and makes sure that LINE uses it. An error says what to do about it.
func (c *Channel) SetWebhook(ctx context.Context, a channels.Account, url string) error {
	endpoint := struct {
		Endpoint string `json:"endpoint"`
	}{url}
	if err := c.call(ctx, a, http.MethodPut, webhookPath+"endpoint", endpoint, nil); err != nil {
		return fmt.Errorf("set webhook: %w", err)
	}
	var test struct {
		Success bool   `json:"success"`
		Status  int    `json:"statusCode"`
		Reason  string `json:"reason"`
		Detail  string `json:"detail"`
	}
	// The address is named because it can take LINE a minute to use a new one.
	if err := c.call(ctx, a, http.MethodPost, webhookPath+"test", endpoint, &test); err != nil {
		return fmt.Errorf("test webhook: %w", err)
	}
	if !test.Success {
		return webhookRefused(url, test.Status, test.Reason, test.Detail)
	}
	var set struct {
		Active *bool `json:"active"`
	}
	// Only a plain no is an error: the webhook has been set and works.
	if err := c.get(ctx, a, webhookPath+"endpoint", &set); err == nil && set.Active != nil && !*set.Active {
		return errors.New(`the webhook is set and answers, but LINE does not use it: switch on "Use webhook" in the LINE Developers console under Messaging API`)
	}
	return nil
}

// webhookRefused explains a test that failed.
func webhookRefused(url string, status int, reason, detail string) error {
	said := channels.Join(": ", reason, detail)
	switch {
	case status == http.StatusUnauthorized:
		return fmt.Errorf("LINE reached %s and its signature was refused: is %s right? (%s)", url, secretField, said)
	case status > 0:
		return fmt.Errorf("LINE reached %s and got status %d (%s)", url, status, said)
	}
	return fmt.Errorf("LINE could not reach %s (%s)", url, said)
}
