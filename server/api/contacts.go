package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// contactAnswer is a person as callers see them.
type contactAnswer struct {
	ID           int64            `json:"id"`
	Name         string           `json:"name"`
	FirstName    string           `json:"first_name,omitempty"`
	LastName     string           `json:"last_name,omitempty"`
	Gender       string           `json:"gender,omitempty"`
	Birthday     string           `json:"birthday,omitempty"`
	Locale       string           `json:"locale,omitempty"`
	Language     string           `json:"language,omitempty"`
	TimeZone     string           `json:"time_zone,omitempty"`
	ProfilePic   string           `json:"profile_pic,omitempty"`
	Email        string           `json:"email,omitempty"`
	Phone        string           `json:"phone,omitempty" doc:"The most trusted of the numbers."`
	Phones       []phoneAnswer    `json:"phones,omitempty"`
	ExternalID   string           `json:"external_id,omitempty" doc:"Your own id for the person."`
	Attributes   map[string]any   `json:"attributes"`
	Tags         []string         `json:"tags"`
	DoNotContact bool             `json:"do_not_contact,omitempty"`
	LastSeenAt   *time.Time       `json:"last_seen_at,omitempty"`
	CreatedAt    time.Time        `json:"created_at"`
	Identities   []identityAnswer `json:"identities,omitempty" doc:"With a single contact only."`
}

type phoneAnswer struct {
	E164   string             `json:"e164"`
	Raw    string             `json:"raw,omitempty" doc:"As it came."`
	Source engine.PhoneSource `json:"source" enum:"typed,api,import,platform"`
}

// identityAnswer is a person's address on one account.
type identityAnswer struct {
	ID                int64               `json:"id"`
	AccountID         string              `json:"account_id"`
	ExternalID        string              `json:"external_id" doc:"The platform's id of the person."`
	Group             bool                `json:"group,omitempty"`
	SubscribedAt      *time.Time          `json:"subscribed_at,omitempty"`
	UnsubscribedAt    *time.Time          `json:"unsubscribed_at,omitempty"`
	BlockedAt         *time.Time          `json:"blocked_at,omitempty" doc:"They left; ends with the next thing they do."`
	LastInboundAt     *time.Time          `json:"last_inbound_at,omitempty"`
	Conversation      engine.Conversation `json:"conversation,omitempty" doc:"agent while a person leads it."`
	ConversationUntil *time.Time          `json:"conversation_until,omitempty"`
	ConversationNote  string              `json:"conversation_note,omitempty"`
}

func showContact(c engine.Contact) contactAnswer {
	out := contactAnswer{ID: c.ID, Name: c.Name, FirstName: c.FirstName, LastName: c.LastName, Gender: c.Gender, Birthday: c.Birthday,
		Locale: c.Locale, Language: c.Language, TimeZone: c.TimeZone, ProfilePic: c.ProfilePic, Email: c.Email, Phone: c.Phone(),
		ExternalID: c.ExternalID, Attributes: c.Attributes, Tags: orEmpty(c.Tags), DoNotContact: c.DoNotContact,
		LastSeenAt: at(c.LastSeenAt), CreatedAt: c.CreatedAt}
	if out.Attributes == nil {
		out.Attributes = map[string]any{}
	}
	for _, p := range c.Phones {
		out.Phones = append(out.Phones, phoneAnswer(p))
	}
	return out
}

func showIdentity(i engine.Identity) identityAnswer {
	return identityAnswer{ID: i.ID, AccountID: i.AccountID, ExternalID: i.ExternalID, Group: i.Group, SubscribedAt: at(i.SubscribedAt),
		UnsubscribedAt: at(i.UnsubscribedAt), BlockedAt: at(i.BlockedAt), LastInboundAt: at(i.LastInboundAt), Conversation: i.Conversation,
		ConversationUntil: at(i.ConversationUntil), ConversationNote: i.ConversationNote}
}

// Facts are what is known of everybody; absent ones stay as they are.
type Facts struct {
	Name       *string `json:"name,omitempty" maxLength:"200"`
	FirstName  *string `json:"first_name,omitempty" maxLength:"200"`
	LastName   *string `json:"last_name,omitempty" maxLength:"200"`
	Gender     *string `json:"gender,omitempty" maxLength:"50"`
	Birthday   *string `json:"birthday,omitempty" doc:"2006-01-02."`
	Locale     *string `json:"locale,omitempty" maxLength:"35"`
	Language   *string `json:"language,omitempty" maxLength:"35" doc:"BCP 47, such as vi or zh-TW."`
	TimeZone   *string `json:"time_zone,omitempty" doc:"IANA name."`
	ProfilePic *string `json:"profile_pic,omitempty" maxLength:"2000"`
	Email      *string `json:"email,omitempty" maxLength:"320"`
	Phone      *string `json:"phone,omitempty" maxLength:"100" doc:"National or international; it is added to those known."`
	ExternalID *string `json:"external_id,omitempty" maxLength:"200" doc:"Your own id for the person."`
}

// given are the facts as attributes by name.
func (f *Facts) given() map[string]any {
	out := map[string]any{}
	for name, v := range map[string]*string{"name": f.Name, "first_name": f.FirstName, "last_name": f.LastName, "gender": f.Gender, "birthday": f.Birthday,
		"locale": f.Locale, "language": f.Language, "time_zone": f.TimeZone, "profile_pic": f.ProfilePic, "email": f.Email, "phone": f.Phone, "external_id": f.ExternalID} {
		if v != nil {
			out[name] = *v
		}
	}
	return out
}

type newContact struct {
	InBot
	Body struct {
		Facts
		Attributes map[string]json.RawMessage `json:"attributes,omitempty"`
		Tags       []string                   `json:"tags,omitempty" maxItems:"200"`
	}
}

// OneContact is the path of one contact.
type OneContact struct {
	InBot
	Contact string `path:"contact" doc:"The contact's id."`
}

type contactQuery struct {
	InBot
	Paging
	Search string `query:"search" doc:"Part of a name, digits of a phone, an e-mail address or your own id."`
}

type changeContact struct {
	OneContact
	Body struct {
		Facts
		Attributes   map[string]json.RawMessage `json:"attributes,omitempty" doc:"Those named are set; null removes one."`
		AddTags      []string                   `json:"add_tags,omitempty" maxItems:"200"`
		RemoveTags   []string                   `json:"remove_tags,omitempty" maxItems:"200"`
		DoNotContact *bool                      `json:"do_not_contact,omitempty" doc:"Nothing is sent to them at all."`
		Subscribed   *bool                      `json:"subscribed,omitempty" doc:"Their consent to broadcasts."`
		Conversation *conversation              `json:"conversation,omitempty"`
		Identity     int64                      `json:"identity,omitempty" doc:"The identity that subscribed and conversation are about; all when left out."`
	}
}

// conversation hands a talk to a person or back to the bot.
type conversation struct {
	With string `json:"with" enum:"agent,bot"`
	For  string `json:"for,omitempty" doc:"How long an agent holds it, such as 30m or 2h; half an hour when left out."`
	Note string `json:"note,omitempty" maxLength:"500"`
}

// contacts registers …/contacts.
func (a *API) contacts() {
	const tag, path = "Contacts", botPath + "/contacts"
	register(a, get("list-contacts", path, tag, "List or search people, the newest first", engine.ScopeRead), a.listContacts)
	register(a, post("create-contact", path, tag, "Add a person", engine.ScopeContacts, http.StatusCreated), a.createContact)
	register(a, get("get-contact", path+"/{contact}", tag, "Get a person with their identities", engine.ScopeRead), a.getContact)
	register(a, patch("change-contact", path+"/{contact}", tag, "Change a person", engine.ScopeContacts).
		about("What is left out stays as it is."), a.changeContact)
	register(a, post("merge-contacts", path+"/{contact}/merge", tag, "Make another contact a part of this one", engine.ScopeContacts, http.StatusOK).
		about("All that the other said and got, their accounts, numbers and tags are this contact's from then on, and the other's id means this contact. What is known of both stays as this one has it. It cannot be undone."), a.mergeContacts)
	register(a, remove("erase-contact", path+"/{contact}", tag, "Erase a person and all that tells about them", engine.ScopeContacts), a.eraseContact)
	register(a, get("get-timeline", path+"/{contact}/timeline", tag, "What happened with a person, the newest first", engine.ScopeRead), a.timeline)
}

func (a *API) listContacts(ctx context.Context, in *contactQuery) (*body[list[contactAnswer]], error) {
	rows, next, err := a.Store.ListContacts(ctx, botOf(ctx).ID, in.Search, in.page())
	return listed(rows, next, err, showContact)
}

func (a *API) createContact(ctx context.Context, in *newContact) (*body[contactAnswer], error) {
	bot := botOf(ctx)
	d, err := a.readAttributes(ctx, in.Body.given(), in.Body.Attributes)
	if err != nil {
		return nil, err
	}
	c := engine.Contact{BotID: bot.ID, Attributes: d.Set, Phones: d.Phones, Tags: in.Body.Tags, CreatedAt: a.Now()}
	writeFacts(&c, d.Facts)
	if c.ID, err = a.Store.CreateContact(ctx, c); err != nil {
		return nil, err
	}
	return a.shownContact(ctx, c.ID)
}

// writeFacts puts facts into a new contact.
func writeFacts(c *engine.Contact, given map[string]any) {
	fields := map[string]*string{"name": &c.Name, "first_name": &c.FirstName, "last_name": &c.LastName, "gender": &c.Gender, "birthday": &c.Birthday,
		"locale": &c.Locale, "language": &c.Language, "time_zone": &c.TimeZone, "profile_pic": &c.ProfilePic, "email": &c.Email, "external_id": &c.ExternalID}
	for name, value := range given {
		if field := fields[name]; field != nil {
			*field = factText(value)
		}
	}
}

// factText is a fact as a contact keeps it; a date is its day.
func factText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case time.Time:
		return v.Format(time.DateOnly)
	case interface{ String() string }:
		return v.String()
	}
	return ""
}

func (a *API) getContact(ctx context.Context, in *OneContact) (*body[contactAnswer], error) {
	c, err := a.contact(ctx, in.Contact)
	if err != nil {
		return nil, err
	}
	return a.shownContact(ctx, c.ID)
}

// contact finds a contact of the call's bot.
func (a *API) contact(ctx context.Context, id string) (*engine.Contact, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n <= 0 {
		return nil, unknown("path.contact", "a contact's id is a number")
	}
	bot := botOf(ctx).ID
	c, err := a.Store.Contact(ctx, bot, n)
	if err != nil || c != nil {
		return c, err
	}
	means, err := a.Store.Alias(ctx, bot, aliasContact, id)
	if err != nil {
		return nil, err
	}
	if n, err = strconv.ParseInt(means, 10, 64); err == nil {
		if c, err = a.Store.Contact(ctx, bot, n); err != nil || c != nil {
			return c, err
		}
	}
	return nil, unknown("path.contact", "no contact of this bot has this id")
}

func (a *API) shownContact(ctx context.Context, id int64) (*body[contactAnswer], error) {
	bot := botOf(ctx)
	c, err := a.Store.Contact(ctx, bot.ID, id)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, unknown("path.contact", "no contact of this bot has this id")
	}
	identities, err := a.Store.IdentitiesOf(ctx, bot.ID, []int64{id})
	if err != nil {
		return nil, err
	}
	out := showContact(*c)
	for _, i := range identities {
		out.Identities = append(out.Identities, showIdentity(i))
	}
	return answer(out, nil)
}

func (a *API) changeContact(ctx context.Context, in *changeContact) (*body[contactAnswer], error) {
	c, err := a.contact(ctx, in.Contact)
	if err != nil {
		return nil, err
	}
	d, err := a.readAttributes(ctx, in.Body.given(), in.Body.Attributes)
	if err != nil {
		return nil, err
	}
	d.AddTags, d.DropTags, d.Subscribe = in.Body.AddTags, in.Body.RemoveTags, in.Body.Subscribed
	if d.Handover, err = a.handover(in.Body.Conversation); err != nil {
		return nil, err
	}
	bot := botOf(ctx)
	if !d.Empty() {
		if err := a.Store.PatchContact(ctx, bot.ID, c.ID, in.Body.Identity, d, a.Now()); err != nil {
			return nil, err
		}
	}
	if in.Body.DoNotContact != nil {
		if err := a.Store.SetDoNotContact(ctx, bot.ID, c.ID, *in.Body.DoNotContact); err != nil {
			return nil, err
		}
	}
	return a.shownContact(ctx, c.ID)
}

// handoverTime is how long an agent holds a conversation when nobody says.
const handoverTime = 30 * time.Minute

func (a *API) handover(c *conversation) (*engine.Handover, error) {
	if c == nil {
		return nil, nil
	}
	if c.With == "bot" {
		return &engine.Handover{State: engine.ConversationBot}, nil
	}
	length, err := duration("conversation.for", c.For, handoverTime)
	if err != nil {
		return nil, err
	}
	return &engine.Handover{State: engine.ConversationAgent, Until: a.Now().Add(length), Note: c.Note}, nil
}

func (a *API) eraseContact(ctx context.Context, in *OneContact) (*none, error) {
	c, err := a.contact(ctx, in.Contact)
	if err != nil {
		return nil, err
	}
	return nil, a.Store.EraseContact(ctx, botOf(ctx).ID, c.ID)
}

type merging struct {
	OneContact
	Body struct {
		Other int64 `json:"other" minimum:"1" doc:"The id of the contact that becomes a part of this one."`
	}
}

func (a *API) mergeContacts(ctx context.Context, in *merging) (*body[contactAnswer], error) {
	c, err := a.contact(ctx, in.Contact)
	if err != nil {
		return nil, err
	}
	if err := a.Store.MergeContacts(ctx, botOf(ctx).ID, c.ID, in.Body.Other); err != nil {
		return nil, err
	}
	return a.shownContact(ctx, c.ID)
}

// timelineAnswer is one thing that happened with a person.
type timelineAnswer struct {
	At         time.Time `json:"at"`
	Kind       string    `json:"kind" enum:"in,out,event"`
	Text       string    `json:"text"`
	ID         int64     `json:"id,omitempty" doc:"Of the interaction, or of the delivery."`
	IdentityID int64     `json:"identity_id,omitempty"`
	Status     string    `json:"status,omitempty"`
}

func (a *API) timeline(ctx context.Context, in *struct {
	OneContact
	Paging
}) (*body[list[timelineAnswer]], error) {
	c, err := a.contact(ctx, in.Contact)
	if err != nil {
		return nil, err
	}
	rows, next, err := a.Store.Timeline(ctx, botOf(ctx).ID, c.ID, in.page())
	return listed(rows, next, err, func(t engine.TimelineItem) timelineAnswer { return timelineAnswer(t) })
}
