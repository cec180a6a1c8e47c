package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/phone"
)

// candidates finds the people and identities an order may mean. direct is true
// when the caller named one identity, which is then not chosen but obeyed.
func (o *Outbox) candidates(ctx context.Context, ord Order) (found *People, direct bool, err error) {
	bot, to := ord.Bot, ord.To
	id := to.IdentityID
	if id == 0 && to.User != "" {
		i, err := o.byUser(ctx, ord)
		if err != nil {
			return nil, false, err
		}
		id = i.ID
	}
	if id != 0 {
		found, err = o.Directory.People(ctx, bot.ID, Who{IdentityID: id})
		if err != nil {
			return nil, false, err
		}
		found.Identities = slices.DeleteFunc(found.Identities, func(i engine.Identity) bool { return i.ID != id })
		switch {
		case len(found.Contacts) == 0:
			return nil, false, unknown("identity", fmt.Sprint(id))
		case len(found.Identities) == 0:
			return nil, false, &engine.Error{Code: engine.Conflict, Field: "to", Reason: "disconnected", Message: "the account this person is known on is disconnected"}
		}
		return found, true, nil
	}
	if found, err = o.people(ctx, bot, to); err != nil {
		return nil, false, err
	}
	if len(found.Identities) == 0 {
		return nil, false, &engine.Error{Code: engine.NotFound, Field: "to", Message: "this person has no connected messaging account to be reached on"}
	}
	return found, false, nil
}

// people finds the contacts an order means: one, or several that share a
// number over different accounts.
func (o *Outbox) people(ctx context.Context, bot *engine.Bot, to Recipient) (*People, error) {
	var w Who
	var field, value string
	switch {
	case to.ContactID != 0:
		w.ContactID, field, value = to.ContactID, "contact", fmt.Sprint(to.ContactID)
	case to.Phone != "":
		return o.byPhone(ctx, bot, to.Phone)
	case to.ExternalID != "":
		w.ExternalID, field, value = to.ExternalID, "external_id", to.ExternalID
	default:
		return nil, &engine.Error{Code: engine.Invalid, Field: "to", Message: "say who is meant: contact, identity, phone, external_id, or account with user"}
	}
	found, err := o.Directory.People(ctx, bot.ID, w)
	if err == nil && len(found.Contacts) == 0 {
		err = unknown(field, value)
	}
	return found, err
}

// byPhone finds who has a number. A number somebody only typed serves when
// nobody has a stronger claim to it.
func (o *Outbox) byPhone(ctx context.Context, bot *engine.Bot, text string) (*People, error) {
	e164, err := phone.Parse(text, bot.DefaultRegion)
	if err != nil {
		return nil, &engine.Error{Code: engine.Invalid, Field: "phone", Message: fmt.Sprintf("phone %q: %s", text, err)}
	}
	found, err := o.Directory.People(ctx, bot.ID, Who{Phone: e164})
	if err != nil {
		return nil, err
	}
	var strong, typed []int64
	for _, c := range found.Claims {
		if c.Source == engine.PhoneTyped {
			typed = append(typed, c.ContactID)
		} else {
			strong = append(strong, c.ContactID)
		}
	}
	switch {
	case len(strong) > 0:
		found.Identities = slices.DeleteFunc(found.Identities, func(i engine.Identity) bool { return !slices.Contains(strong, i.ContactID) })
		return found, nil
	case len(typed) == 1:
		return found, nil
	case len(typed) > 1:
		return nil, &engine.Error{Code: engine.Conflict, Field: "phone", Reason: "ambiguous",
			Message: fmt.Sprintf("%d people only typed the number %s (contacts %v): send to one of them by id", len(typed), e164, typed)}
	}
	return nil, &engine.Error{Code: engine.NotFound, Field: "phone", Message: fmt.Sprintf("nobody is known by the phone number %s", e164),
		Hint: "people get theirs by an import, by a call, or when a flow asks for it"}
}

// byUser finds a person by a platform's id. One never met is made after the
// platform has told who they are, where it can be asked.
func (o *Outbox) byUser(ctx context.Context, ord Order) (*engine.Identity, error) {
	bot, to := ord.Bot, ord.To
	accounts, err := o.accountsFor(ctx, bot, to)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		i, err := o.Directory.IdentityByExternal(ctx, a.ID, to.User)
		if err != nil || i != nil {
			return i, err
		}
	}
	alias, err := o.Directory.Alias(ctx, bot.ID, "identity", to.User)
	if err != nil {
		return nil, err
	}
	if alias != "" {
		var id int64
		if _, err := fmt.Sscan(alias, &id); err == nil {
			i, err := o.Directory.Identity(ctx, bot.ID, id)
			if err != nil || i != nil && slices.ContainsFunc(accounts, func(a engine.Account) bool { return a.ID == i.AccountID }) {
				return i, err
			}
		}
	}
	for _, a := range accounts {
		i, err := o.meet(ctx, ord, &a)
		if err != nil || i != nil {
			return i, err
		}
	}
	missing := unknown("user", to.User)
	missing.Hint = "people are known once they have written to an account of the bot's; an old system's id for one of them can be made an alias"
	if to.Only && to.Prefer != "" {
		missing.Hint = "such calls look for people on " + to.Prefer + " alone; the bot's setting all_channels lets them reach others"
	}
	return nil, missing
}

func (o *Outbox) accountsFor(ctx context.Context, bot *engine.Bot, to Recipient) ([]engine.Account, error) {
	all, err := o.Directory.Accounts(ctx, bot.ID)
	if err != nil {
		return nil, err
	}
	var preferred, others []engine.Account
	for _, a := range all {
		switch {
		case a.State == engine.AccountDisconnected:
		case to.AccountID != "" && a.ID != to.AccountID && a.ExternalID != to.AccountID:
		case to.Prefer == "" || a.Channel == to.Prefer:
			preferred = append(preferred, a)
		default:
			others = append(others, a)
		}
	}
	if !to.Only {
		preferred = append(preferred, others...)
	}
	if len(preferred) == 0 && to.AccountID != "" {
		return nil, unknown("account", to.AccountID)
	}
	return preferred, nil
}

// meet makes an identity for a platform's id that was never seen, after the
// platform has confirmed it; nil when the platform knows no such person, or has
// no ids of that form and is not asked. A dry run makes nobody.
func (o *Outbox) meet(ctx context.Context, ord Order, a *engine.Account) (*engine.Identity, error) {
	user := ord.To.User
	ch, err := o.channel(a)
	if err != nil {
		return nil, nil // an account of a channel this program lacks cannot know anybody
	}
	if r, ok := ch.(channels.Recognizer); ok && !r.Recognizes(user) {
		return nil, nil
	}
	profiler, ok := ch.(channels.Profiler)
	if !ok || a.State != engine.AccountActive {
		return nil, nil
	}
	p, err := profiler.Profile(ctx, ChannelAccount(a), user)
	var refused *channels.SendError
	switch {
	case errors.As(err, &refused) && (refused.Kind == channels.KindBlocked || refused.Kind == channels.KindContent):
		return nil, nil
	case err != nil:
		return nil, &engine.Error{Code: engine.Unavailable, Field: "user", Message: "the platform could not be asked who this is: try again later"}
	}
	if ord.DryRun {
		return nil, &engine.Error{Code: engine.NotFound, Field: "user", Reason: "not_met",
			Message: fmt.Sprintf("the platform knows %q, but nobody here has met them yet", user), Hint: "sending to them makes them known; a dry run stores nothing and can say no more"}
	}
	return o.Directory.CreateIdentity(ctx, ord.Bot.ID, NewIdentity{AccountID: a.ID, ExternalID: user, Profile: p, Now: o.Deps.Now()})
}

func unknown(what, value string) *engine.Error {
	return &engine.Error{Code: engine.NotFound, Field: what, Message: fmt.Sprintf("no %s %q is known here", what, value)}
}
