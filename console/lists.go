package console

import (
	"io"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
)

// maxRefusals is how many rows that mean nobody the page shows.
const maxRefusals = 100

// listsPath is where a file of people is given.
const listsPath = "/lists"

// uploadPage shows what became of a file.
type uploadPage struct {
	List     *engine.PeopleList // nil before one was given
	Refusals []engine.RefusedRow
	Name     string
}

// upload asks for a file of people.
func (k *Console) upload(c *fiber.Ctx, s *session) error {
	return k.uploaded(c, s, fiber.StatusOK, &uploadPage{}, "")
}

func (k *Console) uploaded(c *fiber.Ctx, s *session, status int, p *uploadPage, wrong string) error {
	return k.render(c, status, "upload", &frame{Title: "People from a file", Session: s, Error: wrong, Step: "Who", Page: p})
}

// takeFile makes a list of a file and says what became of its rows.
func (k *Console) takeFile(c *fiber.Ctx, s *session) error {
	p := &uploadPage{Name: c.FormValue("name")}
	text, err := given(c)
	if err == nil {
		p.List, err = k.Calls.ListOfFile(c.UserContext(), s.Bot, p.Name, text)
	}
	if refused := refusal(err); refused != nil {
		return k.uploaded(c, s, fiber.StatusUnprocessableEntity, p, sentence(refused))
	}
	if err != nil {
		return err
	}
	p.Refusals, _, err = k.Store.ListRefusals(c.UserContext(), s.Bot.ID, p.List.ID, engine.Page{Limit: maxRefusals})
	if err != nil {
		return err
	}
	return k.uploaded(c, s, fiber.StatusOK, p, "")
}

// given is the file of a form.
func given(c *fiber.Ctx) ([]byte, error) {
	head, err := c.FormFile("file")
	if err != nil || head.Size == 0 {
		return nil, invalid("file", "Choose a file with people in it.")
	}
	f, err := head.Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}
