package messenger

import (
	"context"

	"github.com/blockcast/blockcast/channels"
)

// Typing implements channels.Typer. Messenger shows the dots for about 20
// seconds or until our next message, however long is asked for.
func (c *Channel) Typing(ctx context.Context, a channels.Account, to string, _ int) error {
	return c.change(ctx, a, messagesPath(a), sending{Recipient: party{ID: text(to)}, SenderAction: "typing_on"})
}
