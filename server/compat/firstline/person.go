package firstline

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// person is a contact as the product shows one.
type person struct {
	ID           int64     `json:"id"`
	Name         string    `json:"name"`
	FirstName    string    `json:"first_name"`
	LastName     string    `json:"last_name"`
	PictureURL   string    `json:"picture_url"`
	PhoneNumber  string    `json:"phone_number"`
	Email        string    `json:"email"`
	MembershipNo string    `json:"membership_no"`
	BirthAt      *string   `json:"birth_at"`
	Tags         []tag     `json:"tags"`
	CreatedAt    time.Time `json:"created_at"`
	Social       []social  `json:"social_data"`
}

type tag struct {
	Name string `json:"name"`
}

// social is a person on one channel: what push is told.
type social struct {
	Type      string    `json:"contactable_type"`
	ID        int64     `json:"contactable_id"`
	UID       string    `json:"uid"` // the platform's id
	Mapped    mapped    `json:"mapped"`
	State     string    `json:"state"`
	Blocked   bool      `json:"is_blocked"`
	CreatedAt time.Time `json:"created_at"`
}

// mapped is the account a person is on.
type mapped struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// States of a conversation. Who talks with a person is all that is known here:
// the vendor's Waiting and Dispatching are part of Processing, and Completed of
// Bot.
const (
	stateBot        = "Bot"
	stateProcessing = "Processing"
)

// persons shows contacts with where they can be reached.
func (s *Surface) persons(ctx context.Context, bot *engine.Bot, list []engine.Contact) ([]person, error) {
	ids := make([]int64, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	identities, err := s.Directory.IdentitiesOf(ctx, bot.ID, ids)
	if err != nil {
		return nil, err
	}
	byContact := map[int64][]social{}
	for i := range identities {
		shown, ok, err := s.social(ctx, bot, &identities[i])
		if err != nil {
			return nil, err
		}
		if ok {
			byContact[identities[i].ContactID] = append(byContact[identities[i].ContactID], shown)
		}
	}
	out := make([]person, len(list))
	for i := range list {
		out[i] = shown(&list[i], byContact[list[i].ID])
	}
	return out, nil
}

// social shows an identity; ok is false for one of a channel the product does
// not know.
func (s *Surface) social(ctx context.Context, bot *engine.Bot, i *engine.Identity) (out social, ok bool, err error) {
	a, err := s.Directory.Account(ctx, i.AccountID)
	if err != nil {
		return out, false, err
	}
	c, ok := contactableFor(a.Channel)
	if !ok {
		return out, false, nil
	}
	id, err := s.contactableID(ctx, bot, i.ID)
	out = social{Type: `App\` + c.class, ID: id, UID: i.ExternalID, Mapped: mapped{a.ID, a.Name}, State: stateBot,
		Blocked: !i.BlockedAt.IsZero(), CreatedAt: i.CreatedAt}
	if i.HandedOver(s.Now()) {
		out.State = stateProcessing
	}
	return out, true, err
}

func shown(c *engine.Contact, on []social) person {
	p := person{ID: c.ID, Name: cmp.Or(c.Name, strings.TrimSpace(c.FirstName+" "+c.LastName)), FirstName: c.FirstName, LastName: c.LastName,
		PictureURL: c.ProfilePic, PhoneNumber: c.Phone(), Email: c.Email, MembershipNo: c.ExternalID, Tags: []tag{}, CreatedAt: c.CreatedAt, Social: on}
	if c.Birthday != "" {
		p.BirthAt = &c.Birthday
	}
	for _, name := range c.Tags {
		p.Tags = append(p.Tags, tag{name})
	}
	if p.Social == nil {
		p.Social = []social{}
	}
	return p
}
