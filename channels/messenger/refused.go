package messenger

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/blockcast/blockcast/channels"
)

// maxErrorText keeps Meta's words readable in a table.
const maxErrorText = 500

// problem is Meta's own error body.
type problem struct {
	Error *struct {
		Message   string `json:"message"`
		Code      number `json:"code"`
		Subcode   number `json:"error_subcode"`
		Transient flag   `json:"is_transient"`
		UserTitle string `json:"error_user_title"`
		UserText  string `json:"error_user_msg"`
		TraceID   text   `json:"fbtrace_id"`
	} `json:"error"`
}

func status(code int) string { return strconv.Itoa(code) }

// isRefusal tells whether an answer holds an error, whatever its status says.
func isRefusal(answer *channels.Answer) bool {
	var p problem
	return json.Unmarshal(channels.CleanJSON(answer.Body), &p) == nil && p.Error != nil
}

// refused classes an answer that is no success. Nothing was sent, except where
// a broken gateway answered in Meta's place, or Meta is known to err: then
// nobody knows.
func refused(answer *channels.Answer, to channels.Target) *channels.SendError {
	var p problem
	if json.Unmarshal(channels.CleanJSON(answer.Body), &p) != nil || p.Error == nil {
		return unsaid(answer)
	}
	e := p.Error
	out := &channels.SendError{
		Code:      status(int(e.Code)),
		Message:   p.text(answer.Status, to.Account),
		RequestID: string(e.TraceID),
	}
	if e.Subcode != 0 {
		out.Code += "/" + status(int(e.Subcode))
	}
	if out.RequestID == "" {
		out.RequestID = requestID(answer)
	}
	c := classify(fault{
		code: int(e.Code), subcode: int(e.Subcode), transient: bool(e.Transient), status: answer.Status,
		template: to.Route == channels.RouteTemplate,
		ofPage:   isID(to.Account.ExternalID) && strings.Contains(e.Message, to.Account.ExternalID),
		ofToken:  strings.Contains(e.Message, "appsecret_proof") || strings.Contains(e.Message, "Invalid OAuth"), // both have come as a 100
	})
	out.Kind, out.Scope, out.Retry = c.kind, c.scope, c.retry
	if out.Kind == channels.KindThrottled {
		out.RetryAfter = regain(answer)
	}
	return out
}

// unsaid classes an answer that is not Meta's own.
func unsaid(answer *channels.Answer) *channels.SendError {
	e := &channels.SendError{
		Kind: channels.KindDown, Scope: channels.ScopeAccount, Retry: channels.RetryLater,
		Code: status(answer.Status), Message: "the answer is not Meta's: " + statusText(answer.Status), RequestID: requestID(answer),
	}
	switch {
	case answer.Status == http.StatusTooManyRequests:
		e.Kind, e.RetryAfter = channels.KindThrottled, regain(answer)
	case answer.Status == http.StatusRequestTimeout, answer.Status >= 500:
		e.Retry = channels.RetryUnknown
	}
	return e
}

func statusText(code int) string {
	if t := http.StatusText(code); t != "" {
		return t
	}
	return "status " + status(code)
}

// text is what Meta said, in one line and without the account's secrets.
func (p *problem) text(code int, a channels.Account) string {
	said := channels.Flat(p.Error.Message)
	if more := channels.Flat(channels.Join(": ", p.Error.UserTitle, p.Error.UserText)); more != "" && more != said {
		said = channels.Join("; ", said, more)
	}
	if said == "" {
		said = statusText(code)
	}
	for _, secret := range a.Secrets {
		if secret = strings.TrimSpace(secret); secret != "" {
			said = strings.ReplaceAll(said, secret, "***")
		}
	}
	return cut(said, maxErrorText)
}

// Waits a platform may ask for.
const maxRegain = time.Hour

// regain is how long Meta asks to wait: by the usual header, else by the usage
// header, in minutes; 0 when it does not say.
func regain(answer *channels.Answer) time.Duration {
	if d := answer.RetryAfter(); d > 0 {
		return d
	}
	var usage map[string][]struct {
		Type    string `json:"type"`
		Minutes number `json:"estimated_time_to_regain_access"`
	}
	if json.Unmarshal([]byte(answer.Header.Get("X-Business-Use-Case-Usage")), &usage) != nil {
		return 0
	}
	longest := time.Duration(0)
	for _, uses := range usage {
		for _, u := range uses {
			if u.Type == "messenger" || u.Type == "" {
				longest = max(longest, time.Duration(min(int(u.Minutes), int(maxRegain/time.Minute)))*time.Minute)
			}
		}
	}
	return longest
}

// number is a whole number Meta may write as a text; 0 for what is none.
type number int

// UnmarshalJSON never fails.
func (n *number) UnmarshalJSON(data []byte) error {
	var t text
	_ = t.UnmarshalJSON(data)
	v, err := strconv.Atoi(string(t))
	if err == nil {
		*n = number(v)
	}
	return nil
}

// refusal is our own: the call is not made.
func refusal(kind channels.ErrorKind, code, message string) *channels.SendError {
	return &channels.SendError{Kind: kind, Scope: channels.ScopeRecipient, Code: code, Message: message}
}
