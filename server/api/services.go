package api

import (
	"context"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/notify"
	"github.com/blockcast/blockcast/engine/outbox"
)

// Outbox takes orders and reads what callers bring.
type Outbox interface {
	// Accept takes an order. A refusal by policy is no error but a status.
	Accept(ctx context.Context, o outbox.Order) (*outbox.Accepted, error)
	// Resume sees to what has waited while an account was paused.
	Resume(ctx context.Context, accountID string) error
	// ReadAttributes turns attributes into deltas of a contact: values become
	// what their attributes are declared to be, facts are told apart.
	ReadAttributes(ctx context.Context, bot *engine.Bot, given map[string]any) (d engine.Deltas, warnings []string, err error)
}

// Libraries holds what bots have published.
type Libraries interface {
	Library(ctx context.Context, botID string) (*engine.Library, error)
	// Forget makes the next Library be read anew.
	Forget(botID string)
}

// Poster posts to outgoing webhooks.
type Poster interface {
	// Test posts a notice once and returns what came of it.
	Test(ctx context.Context, w *engine.Webhook) (*engine.Posting, error)
}

var (
	_ Poster    = (*notify.Sender)(nil)
	_ Outbox    = (*outbox.Outbox)(nil)
	_ Libraries = (*engine.Libraries)(nil)
)
