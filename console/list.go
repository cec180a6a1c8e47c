package console

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// pageRows is how many broadcasts a page of the list has.
const pageRows = 20

// listPage is what the list shows.
type listPage struct {
	Rows []row
	Next string
	Live bool // something moves
}

// row is one broadcast of the list.
type row struct {
	*engine.Broadcast
	When string
	Bar  *Bar // nil before anybody was looked at
}

func (k *Console) list(c *fiber.Ctx, s *session) error {
	p, err := k.listed(c, s)
	if err != nil {
		return err
	}
	return k.render(c, fiber.StatusOK, "list", &frame{Title: "Broadcasts", Session: s, Page: p})
}

// rows are the list alone, for a page that is looked at.
func (k *Console) rows(c *fiber.Ctx, s *session) error {
	p, err := k.listed(c, s)
	if err != nil {
		return err
	}
	return k.fragment(c, "rows", p)
}

func (k *Console) listed(c *fiber.Ctx, s *session) (*listPage, error) {
	ctx := c.UserContext()
	items, next, err := k.Store.ListBroadcasts(ctx, s.Bot.ID, "", engine.Page{Cursor: c.Query("after"), Limit: pageRows})
	if err != nil {
		return nil, err
	}
	p := &listPage{Next: next}
	for i := range items {
		r := row{Broadcast: &items[i], When: when(s.Bot, &items[i])}
		sum, run, err := k.sum(ctx, &items[i])
		if err != nil {
			return nil, err
		}
		if run != nil {
			bar := newBar(sum)
			r.Bar, r.When = &bar, moment(s.Bot, run.StartedAt)
		}
		p.Live = p.Live || items[i].State == engine.BroadcastRunning
		p.Rows = append(p.Rows, r)
	}
	return p, nil
}

// sum is how the rows of a broadcast's newest run stand; no run when none has
// begun.
func (k *Console) sum(ctx context.Context, b *engine.Broadcast) (*broadcast.Sum, *engine.Run, error) {
	if b.State == engine.BroadcastDraft {
		return nil, nil, nil
	}
	r, err := k.Broadcasts.Report(ctx, b.BotID, b.ID, "")
	if err != nil || r.Run == nil {
		return nil, nil, err
	}
	return r.Figures.Sum("*", tells(r)), r.Run, nil
}

// tells says which accounts' platforms tell what was delivered and read.
func tells(r *broadcast.Report) func(accountID string) bool {
	return func(id string) bool { return channels.Kind(r.Accounts[id].Channel) != channels.LINE }
}
