package engine

import "time"

// Contact is a person known to a bot.
type Contact struct {
	ID           int64
	BotID        string
	FirstName    string
	LastName     string
	Name         string // as the platform gives it, else first and last
	Gender       string
	Birthday     string // 2006-01-02
	Locale       string
	Language     string // BCP 47
	TimeZone     string // IANA name, "" when unknown
	ProfilePic   string
	Email        string
	ExternalID   string // the owner's own id for the person
	Attributes   map[string]any
	Tags         []string
	Phones       []Phone
	DoNotContact bool
	LastSeenAt   time.Time
	CreatedAt    time.Time
}

// Phone returns the contact's best number in E.164, "" when none is known.
func (c *Contact) Phone() string {
	best := ""
	rank := -1
	for _, p := range c.Phones {
		if r := p.Source.Rank(); r > rank {
			best, rank = p.E164, r
		}
	}
	return best
}

// Has reports whether the contact has a value for a fact that can be written,
// or an attribute, of this name.
func (c *Contact) Has(name string) bool {
	if name == "phone" {
		return c.Phone() != ""
	}
	if f := c.fact(name); f != nil {
		return *f != ""
	}
	v, ok := c.Attributes[name]
	return ok && v != nil && v != ""
}

// PhoneSource says who told us a number.
type PhoneSource string

const (
	PhoneTyped    PhoneSource = "typed"    // the person only wrote it: serves when it is the only claim to it
	PhoneAPI      PhoneSource = "api"      // a system of the bot's owner
	PhoneImport   PhoneSource = "import"   // a list of the bot's owner
	PhonePlatform PhoneSource = "platform" // the platform vouches for it
)

// Rank orders sources by how far they are believed.
func (s PhoneSource) Rank() int {
	switch s {
	case PhonePlatform:
		return 3
	case PhoneImport:
		return 2
	case PhoneAPI:
		return 1
	}
	return 0
}

// Tag is a label that a bot puts on contacts. It is while somebody has it.
type Tag struct {
	Name     string // as it was first written
	Contacts int64  // how many have it
}

// Phone is one number of a contact.
type Phone struct {
	E164   string
	Raw    string // as it came
	Source PhoneSource
}

// Conversation is who leads the talk with an identity.
type Conversation string

const (
	ConversationBot   Conversation = ""      // flows answer
	ConversationAgent Conversation = "agent" // a person does; the bot is silent until ConversationUntil
)

// Identity is a person's address on one account.
type Identity struct {
	ID                int64
	AccountID         string
	ExternalID        string
	Group             bool
	ContactID         int64
	SubscribedAt      time.Time // zero: never, or unsubscribed since
	UnsubscribedAt    time.Time
	BlockedAt         time.Time // they left; ends with the next thing they do
	LastInboundAt     time.Time // zero: unknown, which is not the same as long ago
	Conversation      Conversation
	ConversationUntil time.Time
	ConversationNote  string
	ProfileAt         time.Time // when the platform was last asked who they are
	CreatedAt         time.Time
}

// HandedOver reports whether a person leads the conversation at t.
func (i *Identity) HandedOver(t time.Time) bool {
	return i.Conversation == ConversationAgent && t.Before(i.ConversationUntil)
}

// Talk is the conversation with one identity, with the name of who it is.
type Talk struct {
	Identity
	ContactName string
}

// Deltas is what a turn, a call or an import changes about a contact. It is
// applied to the row as it is then, never written over it.
type Deltas struct {
	Set       map[string]any // attributes, by name
	Unset     []string
	Facts     map[string]any // first_name, phone, email …
	Bot       map[string]any // the bot's shared attributes; nil values unset
	AddTags   []string
	DropTags  []string
	Phones    []Phone
	Subscribe *bool // consent of the identity
	// Handover of the identity: nil leaves it.
	Handover *Handover
}

// Empty reports whether nothing changes.
func (d *Deltas) Empty() bool {
	return len(d.Set) == 0 && len(d.Unset) == 0 && len(d.Facts) == 0 && len(d.Bot) == 0 && len(d.AddTags) == 0 &&
		len(d.DropTags) == 0 && len(d.Phones) == 0 && d.Subscribe == nil && d.Handover == nil
}

// ChangesTags reports whether tags are given or taken. nil changes none.
func (d *Deltas) ChangesTags() bool { return d != nil && len(d.AddTags)+len(d.DropTags) > 0 }

// Handover moves the conversation to a person, or back.
type Handover struct {
	State Conversation
	Until time.Time
	Note  string
}
