package line

// What LINE takes. Texts count in UTF-16 units where the name ends in Units,
// else in grapheme clusters, what a reader sees as one character.
const (
	pushPerSecond      = 2000 // a channel, per endpoint
	multicastPerSecond = 200
	multicastSize      = 500 // people in one call
	inFlight           = 200 // ours: enough for 2,000 calls a second of 100 ms each

	maxObjects      = 5  // message objects of one call
	maxQuickReplies = 13 // buttons under the last message
	maxBubbles      = 12 // of a Flex carousel
	maxBubbleBytes  = 30 << 10
	maxFlexBytes    = 50 << 10 // of a whole carousel

	maxTextUnits     = 5000 // of a text message
	maxAltUnits      = 1500 // what notifications and the list of chats show
	maxLocationUnits = 100  // title and address, each

	maxButtonsText      = 160 // of a buttons template
	maxButtonsImageText = 60  // of one with a picture or title
	maxButtonsActions   = 4
	maxColumns          = 10 // of a template carousel, of cards or pictures
	maxColumnText       = 120
	maxColumnImageText  = 60
	maxColumnActions    = 3
	maxTemplateTitle    = 40

	maxTemplateLabel   = 20
	maxImageLabel      = 12 // in a template carousel of pictures
	maxFlexLabel       = 40
	maxQuickReplyLabel = 20
	maxSaid            = 300 // what a tap writes into the chat

	maxActionURI = 1000
	maxMediaURL  = 2000
	maxData      = 300 // of a postback
)

// Limits of ours, where LINE has none but a size in bytes.
const (
	maxFlexTextUnits  = 2000 // a longer text becomes a text message beside the buttons
	maxFlexTitleUnits = 400
	maxFlexButtons    = 10  // in one bubble: more are no longer read
	maxLabelUnits     = 400 // one grapheme cluster may hold any number of characters
	maxBadge          = 20
)

// Seconds of the loading animation: 5 to 60 in steps of 5, 20 unless said.
const (
	minTyping     = 5
	maxTyping     = 60
	stepTyping    = 5
	defaultTyping = 20
)
