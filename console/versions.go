package console

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// version is a line of the list of what a broadcast was to do.
type version struct {
	Number  int
	Written string // when, and by whom
	Changed string // since the one before; "" where that is not known
}

// partNames are what people call the parts of a plan.
var partNames = map[string]string{
	"content": "what", "variants": "the variants", "hold_out": "who is held out", "audience": "who", "when": "when", "subject": "the subject", "category": "the category",
	"intent": "the intent", "unsubscribe": "the unsubscribe line", "track": "taps on links", "tags": "the tags", "attributes": "what it sets", "transactional": "transactional",
}

func (k *Console) versions(ctx context.Context, s *session, b *engine.Broadcast) ([]version, error) {
	all, err := k.Broadcasts.Versions(ctx, s.Bot.ID, b.ID)
	if err != nil {
		return nil, err
	}
	out := make([]version, len(all))
	for i, v := range all {
		out[i] = version{Number: v.Version, Written: written(moment(s.Bot, v.At), v.By), Changed: changedParts(v.Changed)}
	}
	return out, nil
}

// written says when a version was made and by whom, as far as it is known.
func written(at, by string) string {
	switch {
	case at == "" && by == "":
		return "nobody knows when, or by whom"
	case at == "":
		return "by " + by
	case by == "":
		return at
	}
	return at + ", by " + by
}

func changedParts(names []string) string {
	said := make([]string, len(names))
	for i, name := range names {
		said[i] = cmp.Or(partNames[name], strings.ReplaceAll(name, "_", " "))
	}
	return strings.Join(said, ", ")
}

// Earlier reports whether there was a version before this one.
func (p *showPage) Earlier() bool { return p.Version > 1 }

// Unkept says which versions nobody can look at any more, "" where all are
// kept.
func (p *showPage) Unkept() string {
	if len(p.Versions) == 0 {
		return ""
	}
	switch oldest := p.Versions[len(p.Versions)-1].Number; oldest {
	case 1:
		return ""
	case 2:
		return "Version 1 is not kept: it is from before versions were, or was replaced too long ago."
	default:
		return fmt.Sprintf("Versions 1 to %d are not kept: they are from before versions were, or were replaced too long ago.", oldest-1)
	}
}

// writes is a request whose plans are those of whoever has signed in.
func (s *session) writes(c *fiber.Ctx) context.Context {
	return broadcast.By(c.UserContext(), s.Token.Name)
}
