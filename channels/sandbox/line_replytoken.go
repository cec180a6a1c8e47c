package sandbox

import "time"

// replyToken is a token that answers one event.
type replyToken struct {
	person *person
	until  time.Time
	event  time.Time // when the event happened
	used   bool
}

// Lives of reply tokens: a minute from the webhook, or from a redelivery no
// later than 20 minutes after the event.
const (
	replyTokenLife  = time.Minute
	redeliveredLife = 20 * time.Minute
)

// replyToken finds a token that may be used now.
func (a *lineAccount) replyToken(text string, now time.Time) *replyToken {
	t, ok := a.replyTokens.get(text)
	if !ok || t.used || now.After(t.until) {
		return nil
	}
	return t
}

func (a *lineAccount) spendReplyToken(text string) {
	if t, ok := a.replyTokens.get(text); ok {
		t.used = true
	}
}
