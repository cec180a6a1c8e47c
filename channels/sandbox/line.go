package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/blockcast/blockcast/channels"
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
			name: a.Name, title: a.Title, picture: a.Picture, channel: channels.LINE, people: map[string]*person{}, buckets: map[Endpoint]*bucket{},
		},
		LINEAccount: a,
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
