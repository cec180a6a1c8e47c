package console

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// deeds are what a person can do with a broadcast by one button.
func (k *Console) deeds() map[string]func(ctx context.Context, botID, id string) error {
	b := k.Broadcasts
	return map[string]func(ctx context.Context, botID, id string) error{
		"check":    func(ctx context.Context, botID, id string) error { return only(b.Prepare(ctx, botID, id)) },
		"schedule": func(ctx context.Context, botID, id string) error { return only(b.Schedule(ctx, botID, id)) },
		"pause":    func(ctx context.Context, botID, id string) error { return only(b.Pause(ctx, botID, id, "")) },
		"resume":   func(ctx context.Context, botID, id string) error { return only(b.Resume(ctx, botID, id)) },
		"cancel":   func(ctx context.Context, botID, id string) error { return only(b.Cancel(ctx, botID, id)) },
		"retry": func(ctx context.Context, botID, id string) error {
			_, _, err := b.Retry(ctx, botID, id, "")
			return err
		},
	}
}

// only is the error of what is shown anew anyway.
func only[T any](_ *T, err error) error { return err }

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

// start sends it now: exactly what was checked, where the form names that, else
// to as many as the page told of, or it asks.
func (k *Console) start(c *fiber.Ctx, s *session) error {
	id := c.Params("id")
	how := broadcast.Beginning{PreparedID: c.FormValue("prepared_id"), Expected: expected(c.FormValue("expected"))}
	if _, err := k.Broadcasts.Begin(c.UserContext(), s.Bot.ID, id, how); err != nil {
		return k.refused(c, s, err)
	}
	return c.Redirect(Path+"/"+id, fiber.StatusSeeOther)
}

// again makes a draft for some of a run's people, who were not reached when
// nobody else is named, and shows it.
func (k *Console) again(c *fiber.Ctx, s *session) error {
	f := filterOf(c)
	if f.Outcome == "" {
		f.Outcome = broadcast.OutcomeNotReached
	}
	b, _, err := k.Broadcasts.Again(s.writes(c), s.Bot.ID, c.Params("id"), asked(c, "run"), f)
	if err != nil {
		return k.refused(c, s, err)
	}
	return c.Redirect(Path+"/"+b.ID, fiber.StatusSeeOther)
}

// remove forgets a draft that never ran.
func (k *Console) remove(c *fiber.Ctx, s *session) error {
	if err := k.Broadcasts.Delete(c.UserContext(), s.Bot.ID, c.Params("id")); err != nil {
		return k.refused(c, s, err)
	}
	return c.Redirect(Path, fiber.StatusSeeOther)
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
	switch e.Code {
	case engine.Conflict:
		status = fiber.StatusConflict
	case engine.Forbidden:
		status = fiber.StatusForbidden
	}
	return k.shown(c, s, status, b, sentence(e))
}
