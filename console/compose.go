package console

import (
	"cmp"
	"context"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// maxLists is how many lists the form offers: the newest.
const maxLists = 50

// composePage is what the page for writing a broadcast shows.
type composePage struct {
	ID       string // "" of a new one
	Form     *form
	Blocks   []engine.BlockInfo // modules first
	Accounts []account
	Zones    []string // that the page suggests
	Preview  bool     // messages can be previewed
	Segments []engine.Segment
	Lists    []engine.PeopleList
	Uploads  bool // a file of people is taken
}

// account is a connection as people name it.
type account struct {
	ID, Name, Channel string
	Chosen, Paused    bool
}

// compose begins a new broadcast.
func (k *Console) compose(c *fiber.Ctx, s *session) error {
	f := newForm(s.Bot)
	if list := c.Query("list"); list != "" {
		f.Who, f.List = whoList, list
	}
	if segment := c.Query("segment"); segment != "" {
		f.Who, f.Segment = whoSegment, segment
	}
	return k.composed(c, s, fiber.StatusOK, "", f, nil)
}

// create keeps a new broadcast as a draft.
func (k *Console) create(c *fiber.Ctx, s *session) error {
	f := newForm(s.Bot)
	readForm(c, f)
	p, err := k.planned(c, s, f)
	if err == nil {
		var b *engine.Broadcast
		if b, err = k.Broadcasts.Create(s.writes(c), s.Bot.ID, p); err == nil {
			return c.Redirect(Path+"/"+b.ID, fiber.StatusSeeOther)
		}
	}
	return k.composed(c, s, fiber.StatusUnprocessableEntity, "", f, err)
}

// edit shows a broadcast that has not started for changing it.
func (k *Console) edit(c *fiber.Ctx, s *session) error {
	b, err := k.Store.Broadcast(c.UserContext(), s.Bot.ID, c.Params("id"))
	if err != nil {
		return missing(err)
	}
	if !b.State.Editable() {
		return c.Redirect(Path+"/"+b.ID, fiber.StatusSeeOther)
	}
	return k.composed(c, s, fiber.StatusOK, b.ID, formOf(b, s.Bot), nil)
}

// save keeps what was changed.
func (k *Console) save(c *fiber.Ctx, s *session) error {
	ctx := c.UserContext()
	b, err := k.Store.Broadcast(ctx, s.Bot.ID, c.Params("id"))
	if err != nil {
		return missing(err)
	}
	f := formOf(b, s.Bot)
	readForm(c, f)
	p, err := k.planned(c, s, f)
	if err == nil {
		if _, err = k.Broadcasts.Edit(s.writes(c), s.Bot.ID, b.ID, f.Version, p); err == nil {
			return c.Redirect(Path+"/"+b.ID, fiber.StatusSeeOther)
		}
	}
	return k.composed(c, s, fiber.StatusUnprocessableEntity, b.ID, f, err)
}

// planned is what a form asks for, with attributes as they are declared.
func (k *Console) planned(c *fiber.Ctx, s *session, f *form) (engine.Plan, error) {
	p, err := f.plan()
	if err == nil && k.Calls != nil {
		err = k.Calls.ReadPlan(c.UserContext(), s.Bot, &p)
	}
	return p, err
}

// composed shows a form with what is wrong in it. Errors that nobody can mend
// by typing are returned.
func (k *Console) composed(c *fiber.Ctx, s *session, status int, id string, f *form, wrong error) error {
	if wrong != nil {
		e := refusal(wrong)
		if e == nil {
			return wrong
		}
		f.mistaken(e)
	}
	ctx := c.UserContext()
	p := &composePage{ID: id, Form: f, Zones: zones(s.Bot), Preview: k.Preview != nil, Uploads: k.Calls != nil}
	var err error
	if p.Blocks, err = k.Store.ListBlocks(ctx, s.Bot.ID); err != nil {
		return err
	}
	slices.SortStableFunc(p.Blocks, func(a, b engine.BlockInfo) int { return cmp.Compare(order(a), order(b)) })
	if p.Segments, err = k.Store.Segments(ctx, s.Bot.ID); err != nil {
		return err
	}
	if p.Lists, _, err = k.Store.ListLists(ctx, s.Bot.ID, engine.Page{Limit: maxLists}); err != nil {
		return err
	}
	if p.Accounts, err = k.accounts(ctx, s, f.Accounts); err != nil {
		return err
	}
	title := "New broadcast"
	if id != "" {
		title = "Change " + cmp.Or(f.Subject, "broadcast")
	}
	return k.render(c, status, "compose", &frame{Title: title, Session: s, Step: "Who", Page: p})
}

// order puts modules before blocks: they only speak, as broadcasts mostly do.
func order(b engine.BlockInfo) int {
	if b.Module {
		return 0
	}
	return 1
}

// accounts are those a broadcast can go out on.
func (k *Console) accounts(ctx context.Context, s *session, chosen []string) ([]account, error) {
	all, err := k.Store.Accounts(ctx, s.Bot.ID)
	if err != nil {
		return nil, err
	}
	var out []account
	for _, a := range all {
		if a.State != engine.AccountDisconnected {
			out = append(out, account{ID: a.ID, Name: a.Name, Channel: channels.Kind(a.Channel).Name(),
				Chosen: slices.Contains(chosen, a.ID), Paused: a.State == engine.AccountPaused})
		}
	}
	return out, nil
}

// accountNames are how people name a bot's accounts, by id.
func (k *Console) accountNames(ctx context.Context, s *session) (map[string]string, error) {
	all, err := k.Store.Accounts(ctx, s.Bot.ID)
	names := map[string]string{}
	for _, a := range all {
		names[a.ID] = a.Name + " on " + channels.Kind(a.Channel).Name()
	}
	return names, err
}

// zones are the bot's time zone and some that people nearby live in.
func zones(bot *engine.Bot) []string {
	out := []string{bot.TimeZone, "Asia/Taipei", "Asia/Ho_Chi_Minh", "Asia/Tokyo", "Asia/Bangkok", "Asia/Singapore", "Asia/Hong_Kong", "Europe/Berlin", "America/New_York", "UTC"}
	seen := map[string]bool{}
	return slices.DeleteFunc(out, func(z string) bool { again := seen[z]; seen[z] = true; return again || z == "" })
}

// sentence is an error as the page says it.
func sentence(e *engine.Error) string {
	if e.Hint == "" {
		return capital(e.Message)
	}
	return capital(e.Message) + ". " + capital(e.Hint)
}

// capital begins a text as a sentence does.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}
