package expression

// Fact is something known of every contact or of the running turn, readable by
// its name.
type Fact struct {
	Name     string
	Type     Type
	Writable bool // by save_to, set, the API and foreign parameters
	Doc      string
}

// facts is the one table of facts. Its order is the order of documentation.
var facts = [...]Fact{
	{"first_name", Text, true, "The contact's first name."},
	{"last_name", Text, true, "The contact's family name."},
	{"name", Text, true, "The contact's name as they show it."},
	{"gender", Text, true, "The contact's gender, as the platform or they say it."},
	{"birthday", Date, true, "The contact's birthday."},
	{"locale", Text, true, "Language and country, such as vi_VN."},
	{"language", Text, true, "The contact's language, such as vi or zh-TW."},
	{"time_zone", Text, true, "The contact's time zone, such as Asia/Taipei."},
	{"profile_pic", Text, true, "The address of the contact's picture."},
	{"phone", Text, true, "The contact's phone number."},
	{"email", Text, true, "The contact's e-mail address."},
	{"external_id", Text, true, "The contact's id in your own system."},
	{"user_id", Text, false, "The contact's id here."},
	{"messenger_user_id", Text, false, "The contact's id on the platform."},
	{"channel", Text, false, "The platform, such as line."},
	{"account", Text, false, "The account the conversation is with."},
	{"tags", List, false, "The names of the contact's tags."},
	{"subscribed", Boolean, false, "Whether the contact agreed to broadcasts on this account."},
	{"last_seen_at", DateTime, false, "When the contact last wrote or tapped."},
	{"subscribed_at", DateTime, false, "When the contact agreed to broadcasts."},
	{"today", Date, false, "The date where the contact is."},
	{"now", DateTime, false, "The time where the contact is."},
	{"input", Text, false, "What the contact wrote or tapped in this turn."},
	{"block", Text, false, "The name of the running block."},
	{"flow", Text, false, "The name of the running flow."},
}

// Facts returns all facts, in the order they are documented.
func Facts() []Fact { return append([]Fact(nil), facts[:]...) }

// FactNamed returns the fact with the name; spaces and underscores are alike.
func FactNamed(name string) (Fact, bool) {
	name = fold(name)
	for i := range facts {
		if facts[i].Name == name {
			return facts[i], true
		}
	}
	return Fact{}, false
}

// Spaces are the names before a dot that open other values: attr["any name"],
// bot.x, answer.x (also ursp.x), send.x and secret.x.
const (
	spaceAttribute = "attr"
	spaceBot       = "bot"
	spaceAnswer    = "answer"
	spaceForeign   = "ursp" // what another product family calls answer
	spaceSend      = "send"
	spaceSecret    = "secret"
)

func isSpace(name string) bool {
	switch name {
	case spaceAttribute, spaceBot, spaceAnswer, spaceForeign, spaceSend, spaceSecret:
		return true
	}
	return false
}

// isKeyword reports whether expr-lang reads the word as part of its grammar.
func isKeyword(word string) bool {
	switch word {
	case "and", "or", "not", "in", "contains", "matches", "startsWith", "endsWith",
		"let", "if", "else", "true", "false", "nil":
		return true
	}
	return false
}
