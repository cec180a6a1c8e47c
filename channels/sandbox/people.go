package sandbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/blockcast/blockcast/channels"
)

// Person is somebody with the platform's app on their phone. The same person
// may be added to several accounts.
type Person struct {
	Account string // the name of the account they are seen by
	// ID is the platform's id of them. Default: made from account, phone and
	// name, so that a person seeded again has the same id.
	ID       string
	Name     string
	Phone    string // LINE tells no phone; Messenger when they share it
	Picture  string // https URL of their profile picture
	Language string // BCP 47
	Friend   bool   // they added the account; on Messenger: they have begun a chat
	// Wrote is when they last wrote, on Messenger: its window opens then.
	Wrote time.Time
}

// person is a Person and their chat.
type person struct {
	Person
	account *account
	order   int // as they were added
	friend  bool
	blocked bool
	wroteAt time.Time // their last message
	loading time.Time // until when the loading animation shows
	unread  int
	history []*Entry
	last    *Entry
	folded  string // what a search looks into
}

// reachWindow is how long after their last message somebody who is no friend
// can be sent to (LINE: 7 days).
const reachWindow = 7 * 24 * time.Hour

func (p *person) reachable(now time.Time) bool {
	return !p.blocked && (p.friend || now.Sub(p.wroteAt) < reachWindow)
}

// AddPerson adds a person, or changes what is known of them but their chat,
// and returns them with their id.
func (s *Sandbox) AddPerson(p Person) (Person, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.add(p)
	s.notify()
	return p, err
}

// AddPeople adds many people at once. An error names the first that cannot be
// added; those before it are.
func (s *Sandbox) AddPeople(people []Person) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.notify()
	for i, p := range people {
		if _, err := s.add(p); err != nil {
			return fmt.Errorf("person %d: %w", i, err)
		}
	}
	return nil
}

func (s *Sandbox) add(p Person) (Person, error) {
	a := s.account(p.Account)
	if a == nil {
		return p, fmt.Errorf("account: there is none named %q", p.Account)
	}
	if err := p.identify(a.channel); err != nil {
		return p, err
	}
	known := a.people[p.ID]
	if known == nil {
		known = &person{account: a, order: len(a.list)}
		a.people[p.ID] = known
		a.list = append(a.list, known)
	}
	known.Person, known.friend, known.folded = p, p.Friend, ""
	if p.Friend {
		known.blocked = false
	}
	if p.Wrote.After(known.wroteAt) {
		known.wroteAt = p.Wrote
	}
	return p, nil
}

// identify gives a person an id of the platform's form, or checks theirs.
func (p *Person) identify(kind channels.Kind) error {
	seed := p.Account + "\x00" + p.Phone + "\x00" + p.Name
	if kind == channels.Messenger {
		p.ID = cmp.Or(p.ID, MessengerUserID(seed))
		if !isPSID(p.ID) {
			return fmt.Errorf("id: %q is not made of digits", p.ID)
		}
		return nil
	}
	p.ID = cmp.Or(p.ID, LINEUserID(seed))
	if !isLINEID("U", p.ID) {
		return fmt.Errorf("id: %q is not U and 32 hex digits", p.ID)
	}
	return nil
}

// isLINEID tells whether an id is one of the letters and 32 hex digits: U is a
// user, C a group, R a room.
func isLINEID(letters, id string) bool {
	if len(id) != 33 || strings.IndexByte(letters, id[0]) < 0 {
		return false
	}
	for _, c := range []byte(id[1:]) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// LINEUserID makes a user id of LINE's form from any text, the same each time.
func LINEUserID(seed string) string {
	sum := sha256.Sum256([]byte(seed))
	return "U" + hex.EncodeToString(sum[:16])
}

// matches tells whether the person's name, phone or id contains what somebody
// looks for; letters match without their marks, phones in national form too.
func (p *person) matches(query string) bool {
	if p.folded == "" {
		p.folded = fold(p.Name) + "\n" + p.Phone + "\n" + digits(p.Phone) + "\n" + strings.ToLower(p.ID)
	}
	query = strings.TrimSpace(query)
	if strings.Contains(p.folded, fold(query)) {
		return true
	}
	number := strings.TrimPrefix(digits(query), "0")
	return len(number) >= 3 && len(number)+3 >= len(query)/2 && strings.Contains(digits(p.Phone), number)
}

// fold writes a text without case and marks: "Đặng Thị Hà" as "dang thi ha".
func fold(s string) string {
	s = norm.NFD.String(strings.ToLower(s))
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r == 'đ':
			return 'd'
		}
		return r
	}, s)
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
