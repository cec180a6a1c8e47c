package omnichat

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
	"github.com/blockcast/blockcast/server/compat/lenient"
)

// allPlatforms is the type of a chatbot whose blocks any channel can show.
const allPlatforms = 1

// chatbot is a flow as the product shows one.
type chatbot struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type int    `json:"type"`
}

// messageBlock is a block or module.
type messageBlock struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// chatbots lists the published flows.
func (s *Surface) chatbots(c *fiber.Ctx, who *caller) (any, error) {
	library, err := s.Libraries.Library(c.UserContext(), who.bot.ID)
	if err != nil {
		return nil, err
	}
	out := list[chatbot]{[]chatbot{}}
	for _, f := range library.Flows {
		out.Content = append(out.Content, chatbot{uuidOf(f.FlowID), f.Name, allPlatforms})
	}
	slices.SortFunc(out.Content, func(a, b chatbot) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// messageBlocks lists what a published flow has to send.
func (s *Surface) messageBlocks(c *fiber.Ctx, who *caller) (any, error) {
	library, err := s.Libraries.Library(c.UserContext(), who.bot.ID)
	if err != nil {
		return nil, err
	}
	id := lenient.PathParam(c, "id")
	i := slices.IndexFunc(library.Flows, func(f engine.Published) bool {
		return f.FlowID == id || strings.EqualFold(uuidOf(f.FlowID), id) || f.Name == id
	})
	if i < 0 {
		return nil, refuse(fiber.StatusNotFound, codeNoChatbot, "no chatbot has the id %q: GET /v1/chatbots lists them", cut(id))
	}
	out := list[messageBlock]{[]messageBlock{}}
	for _, b := range library.Flows[i].Program.Blocks {
		out.Content = append(out.Content, messageBlock{blockID(b), b.Name})
	}
	slices.SortFunc(out.Content, func(a, b messageBlock) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// blockID is what a call sends a block by: the id it had in the old system,
// where it is kept as an alias, else its own as a UUID.
func blockID(b *flows.Block) string {
	for _, a := range b.Aliases {
		if isUUID(a) {
			return a
		}
	}
	return uuidOf(b.ID)
}

// block finds what a blockId means, also a name or an alias; it returns the
// block's id.
func (s *Surface) block(ctx context.Context, library *engine.Library) func(string) (string, error) {
	return func(name string) (string, error) {
		if id := readUUID(name); id != "" {
			if _, b, ok := library.Block(id); ok {
				return b.ID, nil
			}
		}
		b, err := lenient.Block(ctx, s.Directory, library, name)
		var e *engine.Error
		switch {
		case errors.As(err, &e):
			return "", &engine.Error{Code: e.Code, Field: e.Field, Message: lenient.Sentence(e)}
		case err != nil:
			return "", err
		}
		return b.ID, nil
	}
}
