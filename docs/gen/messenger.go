package main

import (
	"errors"
	"regexp"

	"github.com/blockcast/blockcast/channels/messenger"
)

// messengerLimits is the table of what Messenger takes.
func messengerLimits(s *source) (string, error) {
	return s.limits("channels/messenger", []limit{
		{"maxText", "a text", " UTF-16 units", "it is cut into several messages between paragraphs, sentences or words"},
		{"maxButtonText", "a text with buttons under it", " UTF-16 units", "its beginning is a message of its own"},
		{"maxButtons", "buttons under a text or on a card", "", "the text or the card is repeated with the rest"},
		{"maxTitle", "title of a button or quick reply", " UTF-16 units", "it is cut"},
		{"maxQuickReplies", "quick replies of a turn", "", "the rest is left out, with a warning"},
		{"maxElements", "cards of a carousel", "", "the rest follows as another carousel"},
		{"maxCardTitle", "title of a card", " UTF-16 units", "it is cut"},
		{"maxCardSubtitle", "text of a card", " UTF-16 units", "it is cut"},
		{"maxURL", "an address", " characters", "it is said as text"},
		{"pushPerSecond", "messages a second from one Page", "", "they wait. Meta takes more, and then the Page's inbox stops showing new ones"},
	})
}

// messengerCredentials is the table of what connecting a Page takes.
func messengerCredentials(*source) (string, error) {
	t := newTable("credential", "is")
	for _, f := range new(messenger.Channel).Fields() {
		t.add(code(f.Name), sentence(f.Help))
	}
	return t.String(), nil
}

// subscribedEvents is where the Messenger channel lists what it subscribes to.
var (
	subscribedEvents = regexp.MustCompile(`(?s)var subscribed = \[\.\.\.\]string\{(.*?)\n\}`)
	quotedName       = regexp.MustCompile(`"([a-z_]+)"`)
)

// messengerEvents is the table of the webhook's fields.
func messengerEvents(s *source) (string, error) {
	text, err := s.text("channels/messenger")
	if err != nil {
		return "", err
	}
	found := subscribedEvents.FindStringSubmatch(text)
	if found == nil {
		return "", errors.New("channels/messenger has no list of subscribed events")
	}
	var list []named
	for _, m := range quotedName.FindAllStringSubmatch(found[1], -1) {
		list = append(list, named{value: m[1]})
	}
	t := newTable("field", "brings")
	err = described(list, map[string]string{
		"messages":                     "What people write and send, and taps on quick replies.",
		"messaging_postbacks":          "Taps on buttons, and Get Started, which is a `follow`.",
		"messaging_referrals":          "Who comes by an `m.me` link or an ad: the trigger `referral`.",
		"messaging_optins":             "Who comes by a plugin on a web page: `referral` too.",
		"message_deliveries":           "What has arrived: deliveries become `delivered`.",
		"message_reads":                "What has been seen: deliveries become `read`.",
		"message_echoes":               "What the Page sends. Ours settles a lost answer; somebody else's hands the conversation over for half an hour.",
		"message_edits":                "What people correct afterwards. It is kept and starts nothing.",
		"message_reactions":            "Reactions. They are kept and start nothing; one that is made opens the 24 hours, as a message does.",
		"messaging_handovers":          "That another app of the Page takes a conversation or gives it back. It is kept.",
		"standby":                      "What happens while another app leads the conversation. It is kept, and not answered.",
		"messaging_policy_enforcement": "Meta's word that the Page broke a rule. It stands beside the account; a Page that is barred is paused.",
	}, func(c named, text string) { t.add(code(c.value), text) })
	return t.String(), err
}
