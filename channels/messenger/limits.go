package messenger

// What Messenger takes. Meta does not say what a character is; counting UTF-16
// units is never too few.
const (
	// Meta takes 300 calls a second from a Page, but above 40 messages a second
	// the Page's inbox stops showing new ones and sending may be barred.
	pushPerSecond = 40
	inFlight      = 32 // ours: how many calls a crash may leave unsettled

	maxText         = 1999 // "under 2000"
	maxMetadata     = 999  // "under 1000"
	maxQuickReplies = 13
	maxButtons      = 3 // of a template or of one element of it
	maxTitle        = 20
	maxPayload      = 1000 // of a postback or quick reply
	maxButtonText   = 640  // over the buttons of a button template
	maxElements     = 10   // cards of a generic template
	maxCardTitle    = 80
	maxCardSubtitle = 80

	maxTemplateName = 512
	maxLanguage     = 20   // ours: the longest code is zh_Hant_TW or so
	maxParameter    = 1024 // of what is filled into a template's text, which has as much in all
	maxURL          = 2000 // ours: Meta names no limit, and browsers take this much
	maxPhone        = 20   // ours: E.164 has 15 digits
)
