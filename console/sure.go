package console

import "github.com/gofiber/fiber/v2"

// asksField is the name of a button that asks before it does something; its
// value is the question. The page's script asks it, and takes it out of what is
// sent; where it has not loaded yet the question arrives here.
const asksField = "asks"

// surePage asks once more what a button says, and repeats what came with it.
type surePage struct {
	ID, Subject, Question, Action string
	Fields                        []field
}

type field struct{ Name, Value string }

// sure does what a button says once whoever pressed it was asked.
func (k *Console) sure(next handler) handler {
	return func(c *fiber.Ctx, s *session) error {
		question := c.FormValue(asksField)
		if question == "" {
			return next(c, s)
		}
		b, err := k.Store.Broadcast(c.UserContext(), s.Bot.ID, c.Params("id"))
		if err != nil {
			return missing(err)
		}
		p := &surePage{ID: b.ID, Subject: b.Plan.Subject, Question: question, Action: c.Path()}
		for name, value := range c.Request().PostArgs().All() {
			if n := string(name); n != asksField && n != csrfField {
				p.Fields = append(p.Fields, field{n, string(value)})
			}
		}
		return k.render(c, fiber.StatusOK, "sure", &frame{Title: question, Session: s, Page: p})
	}
}
