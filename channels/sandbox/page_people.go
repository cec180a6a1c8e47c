package sandbox

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/blockcast/blockcast/channels"
)

// maxListed is how many people the page lists; a search finds the others.
const maxListed = 500

// personSummary is a line of the page's list.
type personSummary struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Phone    string    `json:"phone,omitempty"`
	Picture  string    `json:"picture,omitempty"`
	Language string    `json:"language,omitempty"`
	Friend   bool      `json:"friend"`
	Blocked  bool      `json:"blocked"`
	Unread   int       `json:"unread"`
	Last     *Entry    `json:"last,omitempty"`
	Order    int64     `json:"order"` // higher is nearer to the top
	Loading  time.Time `json:"loading_until,omitzero"`
	Window   time.Time `json:"window_until,omitzero"` // Messenger: until when any message may be sent to them
}

func (p *person) summary() personSummary {
	s := personSummary{
		ID: p.ID, Name: p.Name, Phone: p.Phone, Picture: p.Picture, Language: p.Language,
		Friend: p.friend, Blocked: p.blocked, Unread: p.unread, Order: p.rank(), Loading: p.loading,
	}
	if p.last != nil {
		last := *p.last
		s.Last = &last
	}
	if p.account.channel == channels.Messenger && !p.wroteAt.IsZero() {
		s.Window = p.wroteAt.Add(standardWindow)
	}
	return s
}

// leftRank is below everybody's who has not left without a word.
const leftRank = -1 << 32

// rank puts who had to do with the account last on top, then the rest as they
// were added, and at the end those who have blocked it without a word: there
// is nothing to say to them.
func (p *person) rank() int64 {
	switch {
	case p.blocked && p.wroteAt.IsZero():
		return leftRank - int64(p.order)
	case p.last != nil:
		return p.last.Seq
	}
	return -int64(p.order) - 1
}

// pagePeople lists the people of an account that match ?q=, at most maxListed.
func (s *Sandbox) pagePeople(r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(r.PathValue("account"))
	if a == nil {
		return nil, notFound("there is no account %q", r.PathValue("account"))
	}
	query := r.URL.Query().Get("q")
	found := []*person{}
	for _, p := range a.list {
		if query == "" || p.matches(query) {
			found = append(found, p)
		}
	}
	total := len(found)
	slices.SortFunc(found, func(a, b *person) int { return cmp.Compare(b.rank(), a.rank()) })
	people := []personSummary{}
	for _, p := range found[:min(total, maxListed)] {
		people = append(people, p.summary())
	}
	return map[string]any{"people": people, "total": total}, nil
}

// pageChat is a person and the entries of their chat newer than ?after=.
// Looking at a chat reads it.
func (s *Sandbox) pageChat(r *http.Request) (any, error) {
	after, err := number(r.URL.Query().Get("after"), 0)
	if err != nil {
		return nil, badRequest(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(r.PathValue("account"))
	if a == nil || a.people[r.PathValue("person")] == nil {
		return nil, notFound("there is no such person")
	}
	p := a.people[r.PathValue("person")]
	if m := s.messenger[a.name]; m != nil {
		s.seen(m, p)
	}
	p.unread = 0
	entries := []Entry{}
	for _, e := range p.history {
		if e.Rev > int64(after) {
			entries = append(entries, *e)
		}
	}
	return map[string]any{"person": p.summary(), "entries": entries, "now": s.now(), "also": s.elsewhere(p)}, nil
}

// elsewhere is where a person is seen by another account.
type elsewhere struct {
	Account string        `json:"account"`
	Channel channels.Kind `json:"channel"`
	ID      string        `json:"id"`
}

// elsewhere finds a person on the other accounts by their phone number. The
// caller holds the lock.
func (s *Sandbox) elsewhere(p *person) []elsewhere {
	found := []elsewhere{}
	number := digits(p.Phone)
	if number == "" {
		return found
	}
	for _, a := range s.accounts {
		if a == p.account {
			continue
		}
		for _, other := range a.list {
			if digits(other.Phone) == number {
				found = append(found, elsewhere{a.name, a.channel, other.ID})
			}
		}
	}
	return found
}

// deed is what the page lets a person do; which of its fields count depends
// on the deed.
type deed struct {
	Text   string          `json:"text"`   // write
	Action json.RawMessage `json:"action"` // tap: the action as the message has it
	Picked string          `json:"picked"` // tap: of a date or time picker
	Event  string          `json:"event"`  // redeliver
}

// postDeed lets a person do something. It answers after the webhook did.
func (s *Sandbox) postDeed(w http.ResponseWriter, r *http.Request) {
	var d deed
	if err := readPage(w, r, &d); err != nil {
		writePage(w, nil, err)
		return
	}
	e, err := s.perform(r, d)
	if known := (*pageError)(nil); err != nil && e == nil && !errors.As(err, &known) {
		err = badRequest(err) // nothing was posted: the request is at fault
	}
	writePage(w, e, err)
}

func (s *Sandbox) perform(r *http.Request, d deed) (*Event, error) {
	ctx, account, id := r.Context(), r.PathValue("account"), r.PathValue("person")
	switch r.PathValue("deed") {
	case "write":
		return s.Write(ctx, account, id, d.Text)
	case "tap":
		if s.isMessenger(account) {
			return s.pressed(ctx, account, id, d.Action)
		}
		var a lineAction
		if err := json.Unmarshal(d.Action, &a); err != nil {
			return nil, err
		}
		return s.act(ctx, account, id, a, d.Picked)
	case "follow":
		return s.Follow(ctx, account, id)
	case "unfollow":
		return s.Unfollow(ctx, account, id)
	case "location":
		return s.SendLocation(ctx, account, id, home())
	case "image":
		return s.SendImage(ctx, account, id, nil)
	case "sticker":
		if s.isMessenger(account) {
			return s.SendSticker(ctx, account, id, "", thumbsUpSticker)
		}
		return s.SendSticker(ctx, account, id, "446", "1988", "hello", "wave")
	case "redeliver":
		return s.Redeliver(ctx, account, d.Event)
	}
	return nil, notFound("nobody can %q", r.PathValue("deed"))
}

// pressed lets a person tap a button of a Page's message.
func (s *Sandbox) pressed(ctx context.Context, account, id string, action json.RawMessage) (*Event, error) {
	var b graphButton
	if err := json.Unmarshal(action, &b); err != nil {
		return nil, err
	}
	return s.graphPress(ctx, account, id, b)
}
