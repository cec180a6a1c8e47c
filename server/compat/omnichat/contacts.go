package omnichat

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/phone"
	"github.com/blockcast/blockcast/server/compat/lenient"
)

// Contacts finds and keeps people.
type Contacts interface {
	// Contact returns a contact, nil when the bot does not have it.
	Contact(ctx context.Context, botID string, id int64) (*engine.Contact, error)
	ContactByExternalID(ctx context.Context, botID, externalID string) (int64, error) // 0: unknown
	ContactsByPhone(ctx context.Context, botID, e164 string) ([]outbox.PhoneClaim, error)
	// ListContacts returns contacts a search finds, newest first.
	ListContacts(ctx context.Context, botID, search string, p engine.Page) (items []engine.Contact, next string, err error)
	IdentitiesOf(ctx context.Context, botID string, contactIDs []int64) ([]engine.Identity, error)
	AttributeTypes(ctx context.Context, botID string) (map[string]engine.Attribute, error)
	// PatchContact applies deltas to a contact, and consent to one identity.
	PatchContact(ctx context.Context, botID string, id, identityID int64, deltas engine.Deltas, now time.Time) error
	// ImportContacts adds people, or what is said of known ones.
	ImportContacts(ctx context.Context, botID string, rows []engine.ImportRow, now time.Time) ([]engine.Imported, error)
}

// maxFound is how many people of one e-mail address are looked at.
const maxFound = 100

// noteAttribute is the attribute that keeps the vendor's note on a person.
const noteAttribute = "note"

// contact is a person on one channel. Times are milliseconds.
type contact struct {
	Channel        contactChannel `json:"channel"`
	ID             string         `json:"id"` // the platform's
	Name           string         `json:"name"`
	LastMessageAt  *int64         `json:"lastMessageTime"`
	SubscribedAt   *int64         `json:"subscribedAt"`
	UnsubscribedAt *int64         `json:"unsubscribedAt"`
	UpdatedAt      int64          `json:"updatedAt"`
	Status         bool           `json:"status"`
	Email          *string        `json:"email"`
	Phone          *string        `json:"phone"`
	MemberID       *string        `json:"memberId"`
	Note           *string        `json:"note"`

	// The vendor's sellers, who do not exist here.
	AgentName         *string `json:"agentName"`
	AgentEmployeeCode *string `json:"agentEmployeeCode"`
	AgentBindTime     *string `json:"agentBindTime"`
	AgentLocationName *string `json:"agentLocationName"`
	AgentLocationCode *string `json:"agentLocationCode"`

	Tags       []string          `json:"tags"`
	Attributes []customAttribute `json:"customAttributes"`
}

type contactChannel struct {
	Platform string `json:"platform"`
	ID       string `json:"channelId"`
}

type customAttribute struct {
	Key   string `json:"key"`
	Value any    `json:"value"`
	Type  string `json:"type"`
	Name  string `json:"displayName"`
}

// contacts finds a person by what the call names them by.
func (s *Surface) contacts(c *fiber.Ctx, who *caller) (any, error) {
	ctx := c.UserContext()
	known, err := s.known(ctx, who.bot)
	if err != nil {
		return nil, err
	}
	accounts, err := s.askedOn(ctx, who, known)
	if err != nil {
		return nil, err
	}
	if err := spanned(who.given); err != nil {
		return nil, err
	}
	people, user, err := s.asked(ctx, who, accounts)
	if err != nil {
		return nil, err
	}
	found, err := s.shownContacts(ctx, who.bot, known, accounts, people, user)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, refuse(fiber.StatusNotFound, codeNoUser, "nobody on this platform is known by that")
	}
	return page[contact]{found, int64(len(found))}, nil
}

// askedOn is on which accounts a person is looked for.
func (s *Surface) askedOn(ctx context.Context, who *caller, known *connections) ([]engine.Account, error) {
	name := who.given.Text("platform")
	if name == "" {
		return nil, refuse(fiber.StatusBadRequest, codeMissing, "platform is missing: line or facebook")
	}
	p, told := platformOf(name)
	if told != "" {
		return nil, refuse(fiber.StatusBadRequest, codeMismatch, "platform %s", told)
	}
	accounts := known.of(p.kind)
	id := who.given.Text("channelId")
	if id == "" {
		return accounts, nil
	}
	accounts, err := s.meant(ctx, who.bot, accounts, id)
	if err == nil && len(accounts) == 0 {
		err = refuse(fiber.StatusNotFound, codeNoChannel, "channelId: this team has no %s channel %q: GET /v1/channels lists them", p.title, cut(id))
	}
	return accounts, err
}

// asked finds the people whom all filters of a call mean; user is the
// platform's id where that is one of them.
func (s *Surface) asked(ctx context.Context, who *caller, accounts []engine.Account) (ids []int64, user string, err error) {
	filters := []struct {
		name string
		find func(text string) ([]int64, error)
	}{
		{"userId", func(text string) (found []int64, err error) {
			found, user, err = s.byUser(ctx, who.bot, accounts, text)
			return found, err
		}},
		{"memberId", func(text string) ([]int64, error) {
			id, err := s.Contacts.ContactByExternalID(ctx, who.bot.ID, text)
			return []int64{id}, err
		}},
		{"phone", func(text string) ([]int64, error) { return s.byPhone(ctx, who.bot, text) }},
		{"email", func(text string) ([]int64, error) { return s.byEmail(ctx, who.bot, text) }},
	}
	named := false
	for _, f := range filters {
		text := who.given.Text(f.name)
		if text == "" {
			continue
		}
		found, err := f.find(text)
		if err != nil {
			return nil, "", err
		}
		if named {
			found = slices.DeleteFunc(ids, func(id int64) bool { return !slices.Contains(found, id) })
		}
		ids, named = found, true
	}
	if !named {
		return nil, "", refuse(fiber.StatusBadRequest, codeParameters, "name somebody by userId, memberId, phone or email; who was updated in a span of time is not told here: export people, or take webhooks")
	}
	return ids, user, nil
}

// byUser finds who has an id on one of some accounts; user is the platform's.
func (s *Surface) byUser(ctx context.Context, bot *engine.Bot, accounts []engine.Account, text string) (found []int64, user string, err error) {
	for i := range accounts {
		p, err := s.person(ctx, bot, &accounts[i], text)
		if err != nil {
			return nil, "", err
		}
		if p != nil {
			found, user = append(found, p.ContactID), p.ExternalID
		}
	}
	return found, user, nil
}

func (s *Surface) byPhone(ctx context.Context, bot *engine.Bot, text string) ([]int64, error) {
	e164, err := phone.Parse(text, bot.DefaultRegion)
	if err != nil {
		return nil, refuse(fiber.StatusBadRequest, codeFormat, "phone cannot be read: %s", err)
	}
	claims, err := s.Contacts.ContactsByPhone(ctx, bot.ID, e164)
	return lenient.Owners(claims), err
}

func (s *Surface) byEmail(ctx context.Context, bot *engine.Bot, email string) ([]int64, error) {
	list, _, err := s.Contacts.ListContacts(ctx, bot.ID, email, engine.Page{Limit: maxFound})
	if err != nil {
		return nil, err
	}
	var ids []int64
	for i := range list {
		if strings.EqualFold(list[i].Email, email) {
			ids = append(ids, list[i].ID)
		}
	}
	return ids, nil
}

// shownContacts shows people as they are on some accounts, or by one id there.
func (s *Surface) shownContacts(ctx context.Context, bot *engine.Bot, known *connections, accounts []engine.Account, ids []int64, user string) ([]contact, error) {
	identities, err := s.Contacts.IdentitiesOf(ctx, bot.ID, ids)
	if err != nil {
		return nil, err
	}
	types, err := s.Contacts.AttributeTypes(ctx, bot.ID)
	if err != nil {
		return nil, err
	}
	var out []contact
	for _, i := range identities {
		on := slices.ContainsFunc(accounts, func(a engine.Account) bool { return a.ID == i.AccountID && a.State != engine.AccountDisconnected })
		if !on || user != "" && i.ExternalID != user {
			continue
		}
		c, err := s.Contacts.Contact(ctx, bot.ID, i.ContactID)
		if err != nil {
			return nil, err
		}
		if c != nil {
			at := known.channel(i.AccountID)
			out = append(out, shownContact(c, &i, contactChannel{at.Platform, at.ID}, types))
		}
	}
	return out, nil
}

func shownContact(c *engine.Contact, i *engine.Identity, on contactChannel, types map[string]engine.Attribute) contact {
	out := contact{Channel: on, ID: i.ExternalID, Name: cmp.Or(c.Name, strings.TrimSpace(c.FirstName+" "+c.LastName)),
		LastMessageAt: millis(i.LastInboundAt), SubscribedAt: millis(i.SubscribedAt), UnsubscribedAt: millis(i.UnsubscribedAt),
		Status: !i.SubscribedAt.IsZero() && i.UnsubscribedAt.IsZero() && i.BlockedAt.IsZero(),
		Email:  some(c.Email), Phone: some(strings.TrimPrefix(c.Phone(), "+")), MemberID: some(c.ExternalID), Tags: c.Tags, Attributes: []customAttribute{}}
	out.UpdatedAt = newestOf(c.CreatedAt, c.LastSeenAt, i.LastInboundAt, i.SubscribedAt, i.UnsubscribedAt, i.BlockedAt).UnixMilli()
	if out.Tags == nil {
		out.Tags = []string{}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Attributes)) {
		value := c.Attributes[name]
		switch {
		case value == nil:
		case name == noteAttribute:
			out.Note = some(lenient.Text(value))
		default:
			out.Attributes = append(out.Attributes, custom(name, value, types[name].Type))
		}
	}
	return out
}

// custom is an attribute as the product has one; a type that it does not know
// is text.
func custom(name string, value any, kind string) customAttribute {
	switch kind {
	case "number", "date", "datetime", "boolean":
	default:
		kind = "text"
		switch value.(type) {
		case []any, map[string]any:
			value = lenient.Text(value)
		}
	}
	return customAttribute{name, value, kind, name}
}

func newestOf(times ...time.Time) time.Time {
	return slices.MaxFunc(times, time.Time.Compare)
}

// millis is a time as the product's people have them; null for none.
func millis(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	n := t.UnixMilli()
	return &n
}
