package omnichat

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/compat/lenient"
)

// change is what a call says of a person.
type change struct {
	given     map[string]any // facts and attributes; nil takes one away
	subscribe *bool
	tags      []string // in the place of those they have; nil leaves them
	add, drop []string
}

// putContact changes a person, or adds one. It is answered with nothing.
func (s *Surface) putContact(c *fiber.Ctx, who *caller) (any, error) {
	ctx := c.UserContext()
	p, told := platformOf(lenient.PathParam(c, "platform"))
	if told != "" {
		return nil, refuse(fiber.StatusBadRequest, codeMismatch, "platform %s", told)
	}
	for _, name := range []string{"channelId", "userId"} {
		if who.given.Text(name) == "" {
			return nil, refuse(fiber.StatusBadRequest, codeMissing, "%s is missing: it stands in the address", name)
		}
	}
	types, err := s.Contacts.AttributeTypes(ctx, who.bot.ID)
	if err != nil {
		return nil, err
	}
	w, err := readChange(who.given, types)
	if err != nil {
		return nil, err
	}
	account, err := s.account(ctx, who.bot, p, who.given.Text("channelId"))
	if err != nil {
		return nil, err
	}
	d, err := s.deltas(ctx, who.bot, w, types)
	if err != nil {
		return nil, err
	}
	return nil, s.put(ctx, who.bot, account, who.given.Text("userId"), w, d)
}

// put writes what is said of a person, who is added when nobody knows them.
func (s *Surface) put(ctx context.Context, bot *engine.Bot, account *engine.Account, user string, w *change, d engine.Deltas) error {
	i, err := s.person(ctx, bot, account, user)
	if err != nil {
		return err
	}
	if i == nil {
		added, err := s.Contacts.ImportContacts(ctx, bot.ID, []engine.ImportRow{{AccountID: account.ID, User: user}}, s.Now())
		if err != nil {
			return err
		}
		if len(added) == 1 && added[0].Refused != nil {
			return added[0].Refused
		}
		if i, err = s.person(ctx, bot, account, user); err != nil {
			return err
		}
		if i == nil {
			return refuse(fiber.StatusNotFound, codeNoUser, "userId: %q cannot be added", cut(user))
		}
	}
	if w.tags != nil {
		c, err := s.Contacts.Contact(ctx, bot.ID, i.ContactID)
		if err != nil {
			return err
		}
		if c != nil {
			d.DropTags = slices.DeleteFunc(slices.Clone(c.Tags), func(has string) bool {
				return slices.ContainsFunc(d.AddTags, func(t string) bool { return blocks.Fold(t) == blocks.Fold(has) })
			})
		}
	}
	if d.Empty() {
		return nil
	}
	return s.Contacts.PatchContact(ctx, bot.ID, i.ContactID, i.ID, d, s.Now())
}

// readChange reads what a call says, and tells all that is wrong with it at
// once.
func readChange(given lenient.Params, types map[string]engine.Attribute) (*change, error) {
	var bad wrong
	w := &change{given: bad.attributes(given)}
	bad.declared(w.given, types)
	bad.facts(given, w.given)
	if extra, ok := given["extraAttributes"].(map[string]any); ok {
		for key, value := range extra {
			if _, said := w.given[key]; !said {
				w.given[key] = value
			}
		}
	} else if given["extraAttributes"] != nil {
		bad.mistyped("extraAttributes must be an object of texts")
	}
	switch status := given["status"].(type) {
	case nil:
	case bool:
		w.subscribe = &status
	default:
		bad.mistyped("status must be true or false, not %s", shown(status))
	}
	w.tags, w.add, w.drop = bad.tags(given, "tags"), bad.tags(given, "tagsToAdd"), bad.tags(given, "tagsToRemove")
	if given["tags"] != nil && (given["tagsToAdd"] != nil || given["tagsToRemove"] != nil) {
		bad.add("tags replaces all tags, and cannot be given with tagsToAdd or tagsToRemove")
	}
	return w, bad.typed()
}

// deltas makes values what their attributes are declared to be.
func (s *Surface) deltas(ctx context.Context, bot *engine.Bot, w *change, types map[string]engine.Attribute) (engine.Deltas, error) {
	set := maps.Clone(w.given)
	maps.DeleteFunc(set, func(_ string, value any) bool { return value == nil })
	d, _, err := s.Outbox.ReadAttributes(ctx, bot, set)
	if err != nil {
		return d, ofValue(err, types)
	}
	for _, name := range slices.Sorted(maps.Keys(w.given)) {
		if w.given[name] == nil {
			d.Unset = append(d.Unset, name)
		}
	}
	d.Subscribe = w.subscribe
	if d.AddTags, err = s.tagsMeant(ctx, bot, append(slices.Clone(w.tags), w.add...)); err != nil {
		return d, err
	}
	d.DropTags, err = s.tagsMeant(ctx, bot, w.drop)
	return d, err
}

// tagsMeant makes tags of an old system's ids, where they are aliases.
func (s *Surface) tagsMeant(ctx context.Context, bot *engine.Bot, names []string) ([]string, error) {
	out := slices.Clone(names)
	for i, name := range names {
		means, err := s.Directory.Alias(ctx, bot.ID, "tag", name)
		if err != nil {
			return nil, err
		}
		out[i] = cmp.Or(means, name)
	}
	return out, nil
}
