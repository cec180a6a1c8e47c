package sandbox

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/blockcast/blockcast/channels/sandbox/linerules"
)

// LINE's own words for what befalls a call.
const (
	lineTooFast   = "The API rate limit has been exceeded. Try again later."
	lineOverQuota = "You have reached your monthly limit."
	lineMalformed = "A message (messages[0]) in the request body is invalid"
	lineInternal  = "The error occurred on the server of the API."
	lineNoJSON    = "The request body could not be parsed as JSON (line: 1, column: 1)"
	lineBadToken  = "Authentication failed due to the following reason: invalid token. " +
		"Confirm that the access token in the authorization header is valid."
	lineNoToken = "Authentication failed due to the following reason: missing token. " +
		"Confirm that the access token in the authorization header is valid."
)

// lineCall is one call of the API, authorised and read.
type lineCall struct {
	account   *lineAccount
	endpoint  Endpoint
	r         *http.Request
	requestID string
	body      []byte
	fields    map[string]json.RawMessage // of a JSON body
	refused   []string                   // people a fault refuses
}

// text is a field of the body that must be a text; "" when it is not there.
func (c *lineCall) text(key string) (string, bool) {
	raw, ok := c.fields[key]
	if !ok || string(raw) == "null" {
		return "", true
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

// lineAnswer is how a call is answered.
type lineAnswer struct {
	status int
	body   any
	header map[string]string
	raw    []byte // instead of body, with header's Content-Type
}

type lineErrorBody struct {
	Message string              `json:"message"`
	Details []linerules.Problem `json:"details,omitempty"`
	Sent    []sentMessage       `json:"sentMessages,omitempty"`
}

func lineError(status int, message string) lineAnswer {
	return lineAnswer{status: status, body: lineErrorBody{Message: message}}
}

func lineRefusal(problems ...linerules.Problem) lineAnswer {
	return lineAnswer{status: http.StatusBadRequest, body: linerules.Refuse(problems...)}
}

// serveLINE takes a call through what all calls share: request id,
// authorisation, rate limit, body, scripted faults, and the counters.
func (s *Sandbox) serveLINE(w http.ResponseWriter, r *http.Request, e Endpoint, answer func(*Sandbox, *lineCall) lineAnswer) {
	c := &lineCall{endpoint: e, r: r, requestID: s.uuid()}
	w.Header().Set("X-Line-Request-Id", c.requestID)
	if refusal, ok := s.admit(w, c); !ok {
		s.writeLINE(w, c, refusal)
		return
	}
	t := s.strike(c.account.name, e, func() []string { return s.recipients(c) })
	c.refused = t.refused
	s.hold(t.delay)
	if t.outcome == nil {
		s.writeLINE(w, c, answer(s, c))
		return
	}
	s.countFault(s.countsOf(c))
	switch t.outcome.Kind {
	case Reset:
		hangUp()
	case Lost:
		answer(s, c)
		hangUp()
	case Throttle:
		s.writeLINE(w, c, faultAnswer(t.outcome, http.StatusTooManyRequests, lineTooFast))
	case OverQuota:
		s.writeLINE(w, c, faultAnswer(t.outcome, http.StatusTooManyRequests, lineOverQuota))
	case Revoked:
		s.writeLINE(w, c, faultAnswer(t.outcome, http.StatusUnauthorized, lineBadToken))
	case Malformed:
		s.writeLINE(w, c, faultAnswer(t.outcome, http.StatusBadRequest, lineMalformed))
	case ServerError:
		if t.outcome.Accepted {
			answer(s, c)
		}
		s.writeLINE(w, c, faultAnswer(t.outcome, max(t.outcome.Status, http.StatusInternalServerError), lineInternal))
	}
}

// faultAnswer is a scripted refusal: LINE's, or that of some proxy before it.
func faultAnswer(f *Fault, status int, message string) lineAnswer {
	if !f.Bare {
		return lineError(status, message)
	}
	return lineAnswer{
		status: status,
		raw:    []byte("<html><body><h1>" + http.StatusText(status) + "</h1></body></html>\n"),
		header: map[string]string{"Content-Type": "text/html"},
	}
}

// admit authorises a call, takes it from the rate limit and reads its body.
func (s *Sandbox) admit(w http.ResponseWriter, c *lineCall) (lineAnswer, bool) {
	authorization := c.r.Header.Get("Authorization")
	token, ok := strings.CutPrefix(authorization, "Bearer ")
	s.mu.Lock()
	c.account = s.bearers[token]
	allowed := c.account != nil && s.allow(&c.account.account, c.endpoint, lineRate)
	s.countsOf(c).Requests++
	s.mu.Unlock()
	switch {
	case authorization == "":
		return lineError(http.StatusUnauthorized, lineNoToken), false
	case !ok || c.account == nil:
		return lineError(http.StatusUnauthorized, lineBadToken), false
	case !allowed:
		return lineError(http.StatusTooManyRequests, lineTooFast), false
	case c.r.Method == http.MethodGet:
		return lineAnswer{}, true
	}
	return c.read(w)
}

// read reads a JSON body.
func (c *lineCall) read(w http.ResponseWriter) (lineAnswer, bool) {
	var err error
	c.body, err = io.ReadAll(http.MaxBytesReader(w, c.r.Body, maxLINEBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return lineError(http.StatusRequestEntityTooLarge, "Request body has exceeded the max size limit"), false
	} else if err != nil {
		hangUp() // the caller left in the middle of its own body
	}
	if len(c.body) == 0 && c.endpoint == LINETestWebhook {
		return lineAnswer{}, true // the one call whose body is optional
	}
	kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return lineError(http.StatusUnsupportedMediaType, "The content type is not supported. Use application/json"), false
	}
	if json.Unmarshal(c.body, &c.fields) != nil || c.fields == nil {
		return lineError(http.StatusBadRequest, lineNoJSON), false
	}
	return lineAnswer{}, true
}

func (s *Sandbox) countsOf(c *lineCall) *Counts {
	if c.account == nil {
		return &s.stray
	}
	return &c.account.counts
}

// writeLINE answers a call, and counts it when it is refused.
func (s *Sandbox) writeLINE(w http.ResponseWriter, c *lineCall, a lineAnswer) {
	if a.status >= http.StatusBadRequest {
		s.countRefusal(s.countsOf(c), a.status)
	}
	for key, value := range a.header {
		w.Header().Set(key, value)
	}
	body := a.raw
	if a.body != nil {
		w.Header().Set("Content-Type", "application/json")
		body, _ = json.Marshal(a.body)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(body)
}
