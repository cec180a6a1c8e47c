package console

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// As what people of a run are kept.
const (
	asList    = "list"    // they, and nobody else
	asSegment = "segment" // whoever it holds for when it is asked
)

// maxKept is how many characters the name of kept people may have.
const maxKept = 100

// keep makes a list or a segment of some of a run's people, and begins a
// broadcast to them.
func (k *Console) keep(c *fiber.Ctx, s *session) error {
	name := strings.TrimSpace(c.FormValue("name"))
	chosen, err := k.kept(c, s, name)
	if refused := refusal(err); refused != nil {
		return k.listing(c, s, fiber.StatusUnprocessableEntity, sentence(refused))
	}
	if err != nil {
		return missing(err)
	}
	return c.Redirect(Path+"/new?"+chosen, fiber.StatusSeeOther)
}

// kept is what chooses the people in a new broadcast's address.
func (k *Console) kept(c *fiber.Ctx, s *session, name string) (string, error) {
	id, f := c.Params("id"), filterOf(c)
	switch {
	case name == "":
		return "", invalid("name", "Say what they are called.")
	case utf8.RuneCountInString(name) > maxKept:
		return "", invalid("name", "A name has at most %d characters.", maxKept)
	}
	if c.FormValue("as") == asSegment {
		where := living(id, f)
		if where == "" {
			return "", invalid("as", "Only who got it, read it, clicked, replied or did not click can be a segment: keep the others as a list.")
		}
		if _, err := k.Store.Broadcast(c.UserContext(), s.Bot.ID, id); err != nil {
			return "", err
		}
		made, err := k.Calls.SaveSegment(c.UserContext(), s.Bot, name, engine.Audience{Where: where})
		return "segment=" + made, err
	}
	list, n, err := k.Broadcasts.List(c.UserContext(), s.Bot.ID, id, asked(c, "run"), f, name)
	if err == nil && n == 0 {
		err = invalid("outcome", "There is nobody of this outcome to keep.")
	}
	return "list=" + list, err
}

// living is an expression that means the people of an outcome whenever it is
// asked, "" where there is none.
func living(broadcastID string, f broadcast.Filter) string {
	if f.Reason != "" || f.Variant != "" {
		return ""
	}
	of := func(function string) string { return function + "(" + strconv.Quote(broadcastID) + ")" }
	switch f.Outcome {
	case broadcast.OutcomeAccepted:
		return of("received")
	case broadcast.OutcomeRead:
		return of("read")
	case broadcast.OutcomeClicked:
		return of("clicked")
	case broadcast.OutcomeReplied:
		return of("replied")
	case broadcast.OutcomeNotClicked:
		return of("received") + " and not " + of("clicked")
	}
	return ""
}
