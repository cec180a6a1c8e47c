package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/sandbox/linerules"
)

// LINE's endpoints, as faults, rates and records name them. Method and path
// make an endpoint, each with a bucket of its own.
const (
	LINEReply       Endpoint = "reply"
	LINEPush        Endpoint = "push"
	LINEMulticast   Endpoint = "multicast"
	LINENarrowcast  Endpoint = "narrowcast"
	LINEBroadcast   Endpoint = "broadcast"
	LINEProgress    Endpoint = "progress"
	LINEQuota       Endpoint = "quota"
	LINEConsumption Endpoint = "consumption"
	LINEProfile     Endpoint = "profile"
	LINEFollowers   Endpoint = "followers"
	LINEInfo        Endpoint = "info"
	LINELoading     Endpoint = "loading"
	LINEMarkAsRead  Endpoint = "mark_as_read"
	LINEContent     Endpoint = "content"
	LINEPreview     Endpoint = "preview"
	LINETranscoding Endpoint = "transcoding"
	LINEGetWebhook  Endpoint = "get_webhook"
	LINESetWebhook  Endpoint = "set_webhook"
	LINETestWebhook Endpoint = "test_webhook"
	// Validation is validate_push and so on, statistics delivery_push and so on.
	lineValidate = "validate_"
	lineDelivery = "delivery_"
)

const (
	maxLINEBody = 2 << 20 // more is 413
	// LINE's months and days are those of Japan.
	lineZone = 9 * 60 * 60
	// The newest of these are kept; older ones are as if they never were.
	keptReplyTokens = 200_000
	keptRetryKeys   = 2_000_000
	keptLINEEvents  = 10_000
	keptMedia       = 1_000
	keptNarrowcasts = 1_000
)

// LINEAccount is a LINE Official Account with a Messaging API channel.
type LINEAccount struct {
	Name          string // as this sandbox knows it; unique
	Title         string // as people see it. Default: Name
	UserID        string // the destination of its webhooks. Default: made from Name
	Picture       string // https URL of its profile picture
	BasicID       string // "@" and up to 20 characters. Default: made from Name
	ChannelSecret string // signs its webhooks. Required
	AccessToken   string // authorises its calls. Required
	WebhookURL    string // may be set later, also by the API
	Quota         int64  // counted messages a month. 0: no limit
	// IgnoreUnknown lets a multicast pass that names people LINE does not
	// know, and reaches only the others. LINE's reference says both this and
	// what is the default: the whole call is refused, naming to[n].
	IgnoreUnknown bool
}

// lineAccount is an account and what LINE remembers of it.
type lineAccount struct {
	account
	LINEAccount
	buckets     map[Endpoint]*bucket
	replyTokens *recent[string, *replyToken]
	retryKeys   *recent[retryKey, accepted]
	events      *recent[string, *lineEvent]
	media       *recent[string, *media]
	narrowcasts *recent[string, *Call]
	month       string // of usage, as 2026-01
	usage       int64
	days        map[string]int64 // reached people by endpoint and day
}

// AddLINEAccount adds an account. Its name and token must be new.
func (s *Sandbox) AddLINEAccount(a LINEAccount) error {
	if a.UserID == "" {
		a.UserID = LINEUserID("account\x00" + a.Name)
	}
	if a.BasicID == "" {
		a.BasicID = "@" + LINEUserID(a.Name)[1:9]
	}
	if a.Title == "" {
		a.Title = a.Name
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case a.Name == "":
		return errors.New("name: an account needs one")
	case s.account(a.Name) != nil:
		return fmt.Errorf("name: there already is an account %q", a.Name)
	case !isLINEID("U", a.UserID):
		return fmt.Errorf("user_id: %q is not U and 32 hex digits", a.UserID)
	case a.ChannelSecret == "":
		return errors.New("channel_secret: webhooks cannot be signed without")
	case a.AccessToken == "":
		return errors.New("access_token: calls cannot be authorised without")
	case s.bearers[a.AccessToken] != nil:
		return errors.New("access_token: another account has it")
	}
	l := &lineAccount{
		account: account{
			name: a.Name, title: a.Title, picture: a.Picture, channel: channels.LINE, people: map[string]*person{},
		},
		LINEAccount: a,
		buckets:     map[Endpoint]*bucket{},
		replyTokens: newRecent[string, *replyToken](keptReplyTokens),
		retryKeys:   newRecent[retryKey, accepted](keptRetryKeys),
		events:      newRecent[string, *lineEvent](keptLINEEvents),
		media:       newRecent[string, *media](keptMedia),
		narrowcasts: newRecent[string, *Call](keptNarrowcasts),
		days:        map[string]int64{},
	}
	s.accounts = append(s.accounts, &l.account)
	s.line[a.Name], s.bearers[a.AccessToken] = l, l
	return nil
}

// SetWebhook points an account's webhooks somewhere, as its console would.
func (s *Sandbox) SetWebhook(account, url string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.messenger[account]; m != nil {
		m.app.callback, m.app.fields, m.subscribed = url, pageFields[:], pageFields[:]
		return nil
	}
	a := s.line[account]
	if a == nil {
		return fmt.Errorf("account: there is none named %q", account)
	}
	a.WebhookURL = url
	return nil
}

// lineRoutes lists the API. https://api.line.me and https://api-data.line.me
// are both played under /line.
func (s *Sandbox) lineRoutes(mux *http.ServeMux) {
	route := func(pattern string, e Endpoint, answer func(*Sandbox, *lineCall) lineAnswer) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" /line"+path, func(w http.ResponseWriter, r *http.Request) {
			s.serveLINE(w, r, e, answer)
		})
	}
	for _, e := range []Endpoint{LINEReply, LINEPush, LINEMulticast, LINENarrowcast, LINEBroadcast} {
		route("POST /v2/bot/message/"+string(e), e, (*Sandbox).lineSend)
		route("POST /v2/bot/message/validate/"+string(e), lineValidate+e, (*Sandbox).lineValidate)
		route("GET /v2/bot/message/delivery/"+string(e), lineDelivery+e, (*Sandbox).lineDelivered)
	}
	route("GET /v2/bot/message/progress/narrowcast", LINEProgress, (*Sandbox).lineProgress)
	route("GET /v2/bot/message/quota", LINEQuota, (*Sandbox).lineQuota)
	route("GET /v2/bot/message/quota/consumption", LINEConsumption, (*Sandbox).lineConsumption)
	route("GET /v2/bot/message/{id}/content", LINEContent, (*Sandbox).lineContent)
	route("GET /v2/bot/message/{id}/content/preview", LINEPreview, (*Sandbox).lineContent)
	route("GET /v2/bot/message/{id}/content/transcoding", LINETranscoding, (*Sandbox).lineTranscoding)
	route("GET /v2/bot/profile/{id}", LINEProfile, (*Sandbox).lineProfile)
	route("GET /v2/bot/followers/ids", LINEFollowers, (*Sandbox).lineFollowers)
	route("GET /v2/bot/info", LINEInfo, (*Sandbox).lineInfo)
	route("POST /v2/bot/chat/loading/start", LINELoading, (*Sandbox).lineLoading)
	route("POST /v2/bot/chat/markAsRead", LINEMarkAsRead, (*Sandbox).lineMarkAsRead)
	route("GET /v2/bot/channel/webhook/endpoint", LINEGetWebhook, (*Sandbox).lineGetWebhook)
	route("PUT /v2/bot/channel/webhook/endpoint", LINESetWebhook, (*Sandbox).lineSetWebhook)
	route("POST /v2/bot/channel/webhook/test", LINETestWebhook, (*Sandbox).lineTestWebhook)
	mux.HandleFunc("/line/", func(w http.ResponseWriter, r *http.Request) {
		s.serveLINE(w, r, "unknown", func(*Sandbox, *lineCall) lineAnswer { return lineError(http.StatusNotFound, "Not found") })
	})
}

// lineRate is what LINE allows of an endpoint.
// https://developers.line.biz/en/reference/messaging-api/#rate-limits
func lineRate(e Endpoint) Rate {
	switch e {
	case LINENarrowcast, LINEBroadcast, LINETestWebhook,
		lineDelivery + LINEReply, lineDelivery + LINEPush, lineDelivery + LINEMulticast, lineDelivery + LINEBroadcast:
		return Rate{60, time.Hour}
	case LINEGetWebhook, LINESetWebhook:
		return Rate{1000, time.Minute}
	case LINEMulticast:
		return Rate{200, time.Second}
	case LINELoading:
		return Rate{100, time.Second}
	}
	return Rate{2000, time.Second}
}

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
	s.countFault(c)
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
	allowed := c.account != nil && s.allow(c.account, c.endpoint)
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

func (s *Sandbox) allow(a *lineAccount, e Endpoint) bool {
	if s.config.Unlimited {
		return true
	}
	b := a.buckets[e]
	if b == nil {
		rate, ok := s.config.Rates[e]
		if !ok {
			rate = lineRate(e)
		}
		b = newBucket(rate, s.config.Now())
		a.buckets[e] = b
	}
	return b.take(s.config.Now())
}

func (s *Sandbox) countsOf(c *lineCall) *Counts {
	if c.account == nil {
		return &s.stray
	}
	return &c.account.counts
}

func (s *Sandbox) countFault(c *lineCall) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.account.counts.Faults++
	s.notify()
}

// writeLINE answers a call, and counts it when it is refused.
func (s *Sandbox) writeLINE(w http.ResponseWriter, c *lineCall, a lineAnswer) {
	if a.status >= http.StatusBadRequest {
		s.mu.Lock()
		s.countsOf(c).refused(a.status)
		s.notify()
		s.mu.Unlock()
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
