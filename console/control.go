package console

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// deeds are what a person can do with a broadcast by one button.
func (k *Console) deeds() map[string]func(ctx context.Context, botID, id string) error {
	return map[string]func(ctx context.Context, botID, id string) error{
		"start": func(ctx context.Context, botID, id string) error {
			_, err := k.Broadcasts.Start(ctx, botID, id)
			return err
		},
		"schedule": func(ctx context.Context, botID, id string) error {
			_, err := k.Broadcasts.Schedule(ctx, botID, id)
			return err
		},
		"pause": func(ctx context.Context, botID, id string) error {
			_, err := k.Broadcasts.Pause(ctx, botID, id, "")
			return err
		},
		"resume": func(ctx context.Context, botID, id string) error {
			_, err := k.Broadcasts.Resume(ctx, botID, id)
			return err
		},
		"cancel": func(ctx context.Context, botID, id string) error {
			_, err := k.Broadcasts.Cancel(ctx, botID, id)
			return err
		},
		"retry": func(ctx context.Context, botID, id string) error {
			_, _, err := k.Broadcasts.Retry(ctx, botID, id, "")
			return err
		},
	}
}

// do what a button says. What cannot be done is said on the broadcast's page.
func (k *Console) do(c *fiber.Ctx, s *session) error {
	ctx, id := c.UserContext(), c.Params("id")
	deed, known := k.deeds()[c.Params("deed")]
	if !known {
		return fiber.ErrNotFound
	}
	if err := deed(ctx, s.Bot.ID, id); err != nil {
		return k.refused(c, s, err)
	}
	return c.Redirect(Path+"/"+id, fiber.StatusSeeOther)
}

// again makes a draft for those who were not reached, and shows it.
func (k *Console) again(c *fiber.Ctx, s *session) error {
	b, _, err := k.Broadcasts.Again(c.UserContext(), s.Bot.ID, c.Params("id"), "", broadcast.Filter{Outcome: broadcast.OutcomeNotReached})
	if err != nil {
		return k.refused(c, s, err)
	}
	return c.Redirect(Path+"/"+b.ID, fiber.StatusSeeOther)
}

// refused says on the broadcast's page what could not be done, and why.
func (k *Console) refused(c *fiber.Ctx, s *session, err error) error {
	e := refusal(err)
	if e == nil {
		return missing(err)
	}
	b, err := k.Store.Broadcast(c.UserContext(), s.Bot.ID, c.Params("id"))
	if err != nil {
		return missing(err)
	}
	status := fiber.StatusUnprocessableEntity
	if e.Code == engine.Conflict {
		status = fiber.StatusConflict
	}
	return k.shown(c, s, status, b, sentence(e))
}
