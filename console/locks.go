package console

import (
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/token"
)

// locked is a way that a broadcast would go by and that is locked.
type locked struct {
	ID, Account, Since, Reason string
	Hits                       []engine.Hit
}

// locks are those that keep a broadcast from going out.
func (k *Console) locks(ctx context.Context, s *session, b *engine.Broadcast, names map[string]string) ([]locked, error) {
	all, err := k.Broadcasts.Locks(ctx, s.Bot.ID, false)
	if err != nil {
		return nil, err
	}
	var out []locked
	for _, l := range all {
		if l.Intent != b.Plan.Intent || len(b.Plan.Audience.Accounts) > 0 && !slices.Contains(b.Plan.Audience.Accounts, l.AccountID) {
			continue
		}
		out = append(out, locked{ID: l.ID, Account: names[l.AccountID], Since: moment(s.Bot, l.LockedAt), Reason: capital(l.Reason), Hits: l.Hits})
	}
	return out, nil
}

// mayUnlock reports whether somebody may open a locked way again: whoever
// administers the bot, as over the API.
func mayUnlock(s *session) bool { return token.Allows(s.Token, engine.ScopeAdmin) }

// unlock opens a way again, with a note on why it is right.
func (k *Console) unlock(c *fiber.Ctx, s *session) error {
	if !mayUnlock(s) {
		return k.refused(c, s, &engine.Error{Code: engine.Forbidden, Message: "Only who administers the bot opens a locked way: sign in with a link from blockcast console --admin"})
	}
	if _, err := k.Broadcasts.Unlock(c.UserContext(), s.Bot.ID, c.Params("lock"), s.Token.Name, c.FormValue("note")); err != nil {
		return k.refused(c, s, err)
	}
	return c.Redirect(Path+"/"+c.Params("id"), fiber.StatusSeeOther)
}
