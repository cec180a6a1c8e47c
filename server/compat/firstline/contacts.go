package firstline

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/phone"
	"github.com/blockcast/blockcast/server/compat/lenient"
)

// Named limits of the search.
const (
	pageSize = 100
	maxPage  = 100 // each page before the asked one is read: a search that needs more is to be narrowed
)

// Parameters of the search beside those that name a platform's id.
const (
	paramPage       = "page"
	paramSearch     = "search"
	paramPhone      = "phone_number"
	paramMembership = "membership_no"
)

// contacts serves the search for people. The answer is a list, newest first.
func (s *Surface) contacts(c *fiber.Ctx) error {
	if ok, err := s.takes(c, fiber.MethodGet, fiber.MethodHead); !ok {
		return err
	}
	found, err := s.search(c)
	if err != nil {
		return s.fault(c, err)
	}
	return c.JSON(found)
}

func (s *Surface) search(c *fiber.Ctx) ([]person, error) {
	who, err := s.read(c, engine.ScopeRead)
	if err != nil {
		return nil, err
	}
	page, err := readSearch(who.given, who.empty)
	if err != nil {
		return nil, err
	}
	ctx := c.UserContext()
	list, exact, err := s.exactly(ctx, who.bot, who.given)
	switch {
	case err != nil:
		return nil, err
	case !exact:
		list, err = s.page(ctx, who.bot, who.given.Text(paramSearch), page)
	case page > 1:
		list = nil // they are all on the first
	}
	if err != nil {
		return nil, err
	}
	return s.persons(ctx, who.bot, list)
}

// readSearch holds the parameters to those that are served: a filter that was
// ignored, or is empty by mistake, would find the wrong people. It returns the
// page.
func readSearch(given lenient.Params, empty []string) (page int, err error) {
	filters := filters()
	wrong := new(wrongFields)
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(filters, name) && name != paramPage && !strings.HasPrefix(name, "_") {
			wrong.add(name, fmt.Sprintf("%s is not a filter here: there are %s", name, strings.Join(filters, ", ")))
		}
	}
	for _, name := range empty {
		if name != paramSearch && slices.Contains(filters, name) && given[name] == nil {
			wrong.add(name, name+" is empty")
		}
	}
	page = 1
	if text := given.Text(paramPage); text != "" {
		if page, err = strconv.Atoi(text); err != nil || page < 1 || page > maxPage {
			wrong.add(paramPage, fmt.Sprintf("page must be a number from 1 to %d: narrow the search", maxPage))
		}
	}
	return page, wrong.err()
}

func filters() []string {
	names := []string{paramSearch, paramPhone, paramMembership}
	for _, c := range contactables() {
		names = append(names, c.uid)
	}
	return names
}

// page is one page of everybody, or of those who fit a search.
func (s *Surface) page(ctx context.Context, bot *engine.Bot, search string, n int) ([]engine.Contact, error) {
	var cursor string
	for {
		list, next, err := s.Contacts.ListContacts(ctx, bot.ID, search, engine.Page{Limit: pageSize, Cursor: cursor})
		if err != nil || n == 1 {
			return list, err
		}
		if next == "" {
			return nil, nil
		}
		n, cursor = n-1, next
	}
}

// exactly finds those who fit all the filters that name one thing of a person;
// exact is false when there is no such filter.
func (s *Surface) exactly(ctx context.Context, bot *engine.Bot, given lenient.Params) (list []engine.Contact, exact bool, err error) {
	var ids []int64
	narrow := func(found []int64) {
		if exact {
			ids = slices.DeleteFunc(ids, func(id int64) bool { return !slices.Contains(found, id) })
		} else {
			ids, exact = found, true
		}
	}
	for _, c := range contactables() {
		if uid := given.Text(c.uid); uid != "" {
			found, err := s.byUID(ctx, bot, c, uid)
			if err != nil {
				return nil, false, err
			}
			narrow(found)
		}
	}
	if text := given.Text(paramPhone); text != "" {
		found, err := s.byPhone(ctx, bot, lenient.Text(given[paramPhone]))
		if err != nil {
			return nil, false, err
		}
		narrow(found)
	}
	if number := given.Text(paramMembership); number != "" {
		id, err := s.Contacts.ContactByExternalID(ctx, bot.ID, number)
		if err != nil {
			return nil, false, err
		}
		narrow([]int64{id})
	}
	slices.Sort(ids)
	slices.Reverse(ids)
	for _, id := range slices.Compact(ids) {
		c, err := s.Contacts.Contact(ctx, bot.ID, id)
		if err != nil {
			return nil, false, err
		}
		if c != nil && named(c, given.Text(paramSearch)) {
			list = append(list, *c)
		}
	}
	return list, exact, nil
}

// byUID finds people by a platform's id on any account of the channel.
func (s *Surface) byUID(ctx context.Context, bot *engine.Bot, c contactable, uid string) ([]int64, error) {
	accounts, err := s.Directory.Accounts(ctx, bot.ID)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, a := range accounts {
		if a.Channel != string(c.kind) || a.State == engine.AccountDisconnected {
			continue
		}
		i, err := s.Directory.IdentityByExternal(ctx, a.ID, uid)
		if err != nil {
			return nil, err
		}
		if i != nil {
			ids = append(ids, i.ContactID)
		}
	}
	return ids, nil
}

// byPhone finds who has a number.
func (s *Surface) byPhone(ctx context.Context, bot *engine.Bot, text string) ([]int64, error) {
	e164, err := phone.Parse(text, bot.DefaultRegion)
	if err != nil {
		return nil, wrongField(paramPhone, fmt.Sprintf("cannot be read: %s", err))
	}
	claims, err := s.Contacts.ContactsByPhone(ctx, bot.ID, e164)
	if err != nil {
		return nil, err
	}
	return lenient.Owners(claims), nil
}

// named reports whether a contact's name has the words in it.
func named(c *engine.Contact, words string) bool {
	name := strings.Join([]string{c.Name, c.FirstName, c.LastName}, " ")
	return strings.Contains(blocks.FoldLoose(name), blocks.FoldLoose(words))
}
