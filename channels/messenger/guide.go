package messenger

import (
	"strings"

	"github.com/blockcast/blockcast/channels"
)

var _ channels.Guide = (*Channel)(nil)

// Checks implements channels.Guide.
func (*Channel) Checks() string {
	return "Meta is asked whose token it is, and by a proof whether the app secret is its app's; the app's webhook is set, which Meta tests with the " +
		"verify token; the Page is subscribed to the app, and its Get Started button is set."
}

// Paste implements channels.Guide.
func (*Channel) Paste(webhook string) []string {
	return []string{
		"Meta App Dashboard > Messenger > API settings > Configure webhooks: Callback URL is " + webhook +
			" (or that of another Page of the same app and bot here), Verify token is what you gave as " + verifyField,
		"there too, the Page is subscribed to: " + strings.Join(subscribed[:], ", "),
		"App roles > Roles: until Meta has reviewed the app for pages_messaging, only people with a role in it get answers",
	}
}
