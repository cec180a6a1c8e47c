package line

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/blockcast/blockcast/channels"
)

// maxErrorText keeps LINE's words readable in a table.
const maxErrorText = 500

// problem is LINE's own error body.
type problem struct {
	Message string `json:"message"`
	Details []struct {
		Message  string `json:"message"`
		Property string `json:"property"`
	} `json:"details"`
}

// refused classes an answer that is no success. Nothing was sent, except where
// a broken gateway answered in LINE's place: then nobody knows.
func refused(answer *channels.Answer, a channels.Account) *channels.SendError {
	var p problem
	own := json.Unmarshal(channels.CleanJSON(answer.Body), &p) == nil && p.Message != ""
	e := &channels.SendError{
		Scope:      channels.ScopeRecipient,
		RetryAfter: answer.RetryAfter(),
		Code:       code(answer.Status),
		Message:    p.text(answer.Status, a),
		RequestID:  answer.Header.Get(requestIDHeader),
	}
	switch status := answer.Status; {
	case status == http.StatusBadRequest:
		p.badRequest(e)
	case status == http.StatusUnauthorized:
		e.Kind, e.Scope, e.Retry = channels.KindAuth, channels.ScopeAccount, channels.RetryLater
	case status == http.StatusForbidden:
		e.Kind, e.Scope, e.Retry = channels.KindRestricted, channels.ScopeAccount, channels.RetryLater
	case status == http.StatusTooManyRequests:
		p.tooMany(e)
	case status == http.StatusRequestTimeout, status >= 500 && !own:
		e.Kind, e.Scope, e.Retry = channels.KindDown, channels.ScopeAccount, channels.RetryUnknown
	case status >= 500, status < 400, status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		// Such a path is fixed: not there means that this is not LINE.
		e.Kind, e.Scope, e.Retry = channels.KindDown, channels.ScopeAccount, channels.RetryLater
	default:
		e.Kind = channels.KindContent
	}
	return e
}

// badRequest tells a spent reply token and a person who cannot be reached from
// a message LINE does not take.
func (p *problem) badRequest(e *channels.SendError) {
	e.Recipients = p.recipients()
	switch {
	case strings.Contains(p.Message, "Invalid reply token"):
		e.Kind = channels.KindReplyToken
	case strings.Contains(p.Message, "Failed to send messages"), len(e.Recipients) > 0, p.namesReceiver():
		e.Kind = channels.KindBlocked
	default:
		e.Kind = channels.KindContent
	}
}

// tooMany tells the three meanings of 429 apart: calls too fast, the month's
// messages used up (or reserved by a running narrowcast), too many to one
// person.
func (p *problem) tooMany(e *channels.SendError) {
	e.Kind, e.Scope, e.Retry = channels.KindThrottled, channels.ScopeAccount, channels.RetryLater
	switch said := strings.ToLower(p.Message); {
	case strings.Contains(said, "monthly limit"):
		e.Kind = channels.KindQuota
	case strings.Contains(said, "user"):
		e.Scope = channels.ScopeRecipient
	}
}

var recipient = regexp.MustCompile(`\bto\[(\d{1,3})\]`)

// recipients are the indexes of the receivers a refused multicast names.
func (p *problem) recipients() []int {
	said := p.Message
	for _, d := range p.Details {
		said += " " + d.Property + " " + d.Message
	}
	var indexes []int
	for _, m := range recipient.FindAllStringSubmatch(said, -1) {
		if n, err := strconv.Atoi(m[1]); err == nil && n < multicastSize {
			indexes = append(indexes, n)
		}
	}
	slices.Sort(indexes)
	return slices.Compact(indexes)
}

// namesReceiver tells whether the refusal is about whom the call was for.
func (p *problem) namesReceiver() bool {
	if strings.Contains(p.Message, "The property, 'to',") {
		return true
	}
	for _, d := range p.Details {
		if d.Property == "to" {
			return true
		}
	}
	return false
}

// text is what LINE said, in one line and without the account's secrets.
func (p *problem) text(status int, a channels.Account) string {
	words := []string{p.Message}
	for _, d := range p.Details {
		words = append(words, channels.Join(": ", d.Property, d.Message))
	}
	said := channels.Flat(channels.Join("; ", words...))
	if said == "" {
		said = http.StatusText(status)
	}
	for _, secret := range a.Secrets {
		if secret != "" {
			said = strings.ReplaceAll(said, secret, "***")
		}
	}
	return cut(said, 0, maxErrorText)
}

// refusal is our own: the call is not made.
func refusal(kind channels.ErrorKind, code, message string) *channels.SendError {
	return &channels.SendError{Kind: kind, Scope: channels.ScopeRecipient, Code: code, Message: message}
}
