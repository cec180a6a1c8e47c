package line

import "github.com/blockcast/blockcast/channels"

var _ channels.Guide = (*Channel)(nil)

// Checks implements channels.Guide.
func (*Channel) Checks() string {
	return "LINE is asked whose token it is; the webhook's address is set there, and LINE tests it, which also proves the channel secret."
}

// Paste implements channels.Guide.
func (*Channel) Paste(webhook string) []string {
	return []string{
		"LINE Developers console > Messaging API: Webhook URL is " + webhook + "; Use webhook and Webhook redelivery are on",
		"LINE Official Account Manager > Settings > Response settings: Webhooks is on, Auto-response messages is off, or people get two answers",
	}
}
