package console

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
)

// foundMost is how many people a search shows.
const foundMost = 20

// foundPage shows whom a search may mean.
type foundPage struct {
	ID, Run, Asked string
	People         []engine.Contact
	More           bool // there are others
}

// findWhy looks for a person whose outcome is to be explained.
func (k *Console) findWhy(c *fiber.Ctx, s *session) error {
	ctx := c.UserContext()
	b, err := k.Store.Broadcast(ctx, s.Bot.ID, c.Params("id"))
	if err != nil {
		return missing(err)
	}
	p := &foundPage{ID: b.ID, Run: c.Query("run"), Asked: strings.TrimSpace(c.Query("who"))}
	if p.People, err = k.find(ctx, s.Bot.ID, p.Asked, foundMost+1); err != nil {
		return err
	}
	if p.More = len(p.People) > foundMost; p.More {
		p.People = p.People[:foundMost]
	}
	if len(p.People) == 1 {
		to := Path + "/" + b.ID + "/recipients/" + strconv.FormatInt(p.People[0].ID, 10)
		if p.Run != "" {
			to += "?run=" + url.QueryEscape(p.Run)
		}
		return c.Redirect(to, fiber.StatusSeeOther)
	}
	return k.render(c, fiber.StatusOK, "found", &frame{Title: "Who is meant?", Session: s, Step: "Report", Page: p})
}

// find returns whom a text may mean: a contact's number behind a #, a phone
// number, a name, an e-mail or the owner's own number.
func (k *Console) find(ctx context.Context, botID, text string, most int) ([]engine.Contact, error) {
	if text == "" {
		return nil, nil
	}
	if digits, is := strings.CutPrefix(text, "#"); is {
		id, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || id < 1 {
			return nil, nil
		}
		one, err := k.Store.Contact(ctx, botID, id)
		if err != nil || one == nil {
			return nil, err
		}
		return []engine.Contact{*one}, nil
	}
	people, _, err := k.Store.ListContacts(ctx, botID, text, engine.Page{Limit: most})
	return people, err
}
