package console

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/policy"
)

// reached says how many people a form means and what they would get.
type reached struct {
	Wrong      string
	About      string // "about " where some were asked and not all
	People     int64
	Reached    int64
	Margin     int64
	Lines      []reachLine
	Conditions []broadcast.Effect
	Samples    string
	Warnings   []string
}

// reachLine is one account with its routes, or a reason for being skipped.
type reachLine struct {
	Name  string
	Count int64
	Says  string
}

// reach answers a form that is being written.
func (k *Console) reach(c *fiber.Ctx, s *session) error {
	f := newForm(s.Bot)
	readForm(c, f)
	a, err := f.audience()
	if err == nil {
		var e *broadcast.Estimate
		e, err = k.Broadcasts.Estimate(c.UserContext(), s.Bot.ID, broadcast.Asked{Audience: a, Intent: engine.Intent(f.Intent), Block: f.sends()})
		if err == nil {
			return k.fragment(c, "reach", newReached(e))
		}
	}
	refused := refusal(err)
	if refused == nil {
		return err
	}
	return k.fragment(c, "reach", &reached{Wrong: sentence(refused)})
}

// sends is the block of a form, "" where it says something else.
func (f *form) sends() string {
	if f.Says == saysMessages {
		return ""
	}
	return f.Block
}

func newReached(e *broadcast.Estimate) *reached {
	r := &reached{People: e.People, Reached: e.Reached, Margin: e.Margin, Warnings: e.Warnings}
	if !e.Exact {
		r.About = "about "
	}
	if len(e.Conditions) > 1 {
		r.Conditions = e.Conditions
	}
	skipped := map[string]int64{}
	for _, a := range e.Accounts {
		for _, route := range [...]string{broadcast.RouteFree, broadcast.RoutePaid, broadcast.RouteTemplate} {
			if n := a.Routes[route]; n > 0 {
				r.Lines = append(r.Lines, reachLine{Name: a.Name + " on " + channels.Kind(a.Channel).Name(), Count: n, Says: routeSays(route)})
			}
		}
		for reason, n := range a.Skipped {
			skipped[reason] += n
		}
	}
	for _, w := range whys(skipped, policy.Explain, nil) {
		r.Lines = append(r.Lines, reachLine{Name: w.Reason, Count: w.Count, Says: "skipped"})
	}
	if e.Elsewhere > 0 {
		r.Lines = append(r.Lines, reachLine{Name: "not on these accounts", Count: e.Elsewhere, Says: "skipped"})
	}
	var names []string
	for _, p := range e.Samples {
		if p.Name != "" {
			names = append(names, p.Name)
		}
	}
	r.Samples = strings.Join(names, ", ")
	return r
}

func routeSays(route string) string {
	switch route {
	case broadcast.RouteFree:
		return "free"
	case broadcast.RoutePaid:
		return "paid by the message"
	}
	return "by an approved template"
}
