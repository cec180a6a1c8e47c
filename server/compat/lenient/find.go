package lenient

import (
	"context"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/flows"
)

// Aliases know what old systems' ids mean.
type Aliases interface {
	// Alias returns our id behind a foreign one, "" when it is unknown.
	Alias(ctx context.Context, botID, kind, foreign string) (string, error)
}

// Accounts finds accounts by the ids their callers send.
type Accounts interface {
	Aliases
	// Account returns an account by its own id.
	Account(ctx context.Context, id string) (*engine.Account, error)
	// AccountByAlias finds an account by any id its platform knows it by; nil
	// when it is unknown.
	AccountByAlias(ctx context.Context, channel, alias string) (*engine.Account, error)
}

// Account finds a bot's account of a channel by any id it is known by: its
// platform's, an alias, or our own. nil: the bot has none.
func Account(ctx context.Context, in Accounts, bot *engine.Bot, channel, id string) (*engine.Account, error) {
	a, err := in.AccountByAlias(ctx, channel, id)
	if err != nil {
		return nil, err
	}
	if a == nil {
		ours, err := in.Alias(ctx, bot.ID, "account", id)
		if err != nil {
			return nil, err
		}
		if ours == "" {
			ours = id
		}
		if a, err = in.Account(ctx, ours); err != nil && !engine.IsCode(err, engine.NotFound) {
			return nil, err
		}
	}
	if a == nil || a.BotID != bot.ID || a.Channel != channel {
		return nil, nil
	}
	return a, nil
}

// Block finds what is published under a name, an id or an alias. The error is
// an *engine.Error that offers the nearest names.
func Block(ctx context.Context, in Aliases, l *engine.Library, name string) (*flows.Block, error) {
	_, block, err := l.Find(name)
	if !engine.IsCode(err, engine.NotFound) {
		return block, err
	}
	means, failed := in.Alias(ctx, l.BotID, "block", name)
	if failed != nil {
		return nil, failed
	}
	if means != "" {
		_, block, err = l.Find(means)
	}
	return block, err
}

// Owners are the people whom a phone number means. One that somebody only typed
// counts when nobody else claims it, so that a caller who takes the first found
// does not write to a stranger.
func Owners(claims []outbox.PhoneClaim) []int64 {
	var ids, typed []int64
	for _, c := range claims {
		if c.Source == engine.PhoneTyped {
			typed = append(typed, c.ContactID)
		} else {
			ids = append(ids, c.ContactID)
		}
	}
	if len(ids) == 0 && len(typed) == 1 {
		return typed
	}
	return ids
}
