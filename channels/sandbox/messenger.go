package sandbox

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/blockcast/blockcast/channels"
)

// The Graph API's endpoints, as faults, rates and records name them.
const (
	MessengerSend          Endpoint = "messages"
	MessengerUpload        Endpoint = "message_attachments"
	MessengerAction        Endpoint = "sender_action"
	MessengerProfile       Endpoint = "user_profile"
	MessengerMe            Endpoint = "me"
	MessengerApp           Endpoint = "app"
	MessengerPageProfile   Endpoint = "messenger_profile"
	MessengerSubscribed    Endpoint = "subscribed_apps"
	MessengerSubscriptions Endpoint = "subscriptions"
	// Audio and video have a rate of their own.
	messengerMedia Endpoint = "messages_media"
)

const (
	maxGraphBody = 2 << 20
	// The newest of these are kept; older ones are as if they never were.
	keptGraphEvents = 10_000
	// typing_on fades by itself after this time, or with the next message.
	typingLife = 20 * time.Second
	// What a person did opens these windows.
	standardWindow = 24 * time.Hour
	agentWindow    = 7 * 24 * time.Hour
)

// MessengerAccount is a Facebook Page, connected by an app of Meta's.
type MessengerAccount struct {
	Name        string // as this sandbox knows it; unique
	Title       string // as people see it. Default: Name
	Picture     string // https URL of its picture
	PageID      string // Default: made from Name
	AccessToken string // authorises its calls. Required
	AppID       string // Pages of one app share webhook and secret. Default: made from Name
	AppSecret   string // signs webhooks. Required
	// WebhookURL subscribes the Page to everything there, as somebody in the
	// App Dashboard would, who need not be verified.
	WebhookURL string
	// RequireProof refuses calls without appsecret_proof, as the app's setting
	// "Require App Secret" does.
	RequireProof bool
	// NoHumanAgent says that the app may not use the tag HUMAN_AGENT.
	NoHumanAgent bool
	// Templates are its approved utility templates.
	Templates []MessengerTemplate
	// EchoFirst lets the echo of a message arrive before its call is answered,
	// which Meta's do at times.
	EchoFirst bool
}

// graphApp is an app and where its webhooks go.
type graphApp struct {
	id, secret string
	callback   string
	fields     []string
}

// messengerAccount is a Page and what Meta remembers of it.
type messengerAccount struct {
	account
	MessengerAccount
	barred     bool // it may send nothing
	app        *graphApp
	subscribed []string // fields the Page's webhooks are about
	profile    map[string]any
	events     *recent[string, []byte] // items of webhooks
	queue      []graphItem             // told in the background, in order
	telling    bool

	attachments map[string]string // addresses of its uploads, by their ids
	uploads     int               // how many there ever were
}

// AddMessengerAccount adds a Page. Its name, id and token must be new; an app
// that is known must come with the same secret.
func (s *Sandbox) AddMessengerAccount(a MessengerAccount) error {
	if a.PageID == "" {
		a.PageID = MessengerUserID("page\x00" + a.Name)
	}
	if a.AppID == "" {
		a.AppID = MessengerUserID("app\x00" + a.Name)
	}
	if a.Title == "" {
		a.Title = a.Name
	}
	if err := checkTemplates(a.Templates); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.apps[a.AppID]
	switch {
	case a.Name == "":
		return errors.New("name: an account needs one")
	case s.account(a.Name) != nil:
		return fmt.Errorf("name: there already is an account %q", a.Name)
	case !isPSID(a.PageID):
		return fmt.Errorf("page_id: %q is not made of digits", a.PageID)
	case s.pages[a.PageID] != nil:
		return fmt.Errorf("page_id: there already is a Page %s", a.PageID)
	case a.AppSecret == "":
		return errors.New("app_secret: webhooks cannot be signed without")
	case app != nil && app.secret != a.AppSecret:
		return fmt.Errorf("app_secret: the app %s has another", a.AppID)
	case a.AccessToken == "":
		return errors.New("access_token: calls cannot be authorised without")
	case s.pageOf(a.AccessToken) != nil:
		return errors.New("access_token: another account has it")
	}
	if app == nil {
		app = &graphApp{id: a.AppID, secret: a.AppSecret}
		s.apps[a.AppID] = app
	}
	m := &messengerAccount{
		account: account{
			name: a.Name, title: a.Title, picture: a.Picture, channel: channels.Messenger, people: map[string]*person{}, buckets: map[Endpoint]*bucket{},
		},
		MessengerAccount: a,
		app:              app,
		profile:          map[string]any{},
		attachments:      map[string]string{},
		events:           newRecent[string, []byte](keptGraphEvents),
	}
	if a.WebhookURL != "" {
		app.callback, app.fields, m.subscribed = a.WebhookURL, pageFields[:], pageFields[:]
		m.profile["get_started"] = map[string]any{"payload": "GET_STARTED"}
	}
	s.accounts = append(s.accounts, &m.account)
	s.messenger[a.Name], s.pages[a.PageID] = m, m
	return nil
}

// pageFields are what a Page's webhooks can be about, of what is played here.
var pageFields = [...]string{
	"messages", "messaging_postbacks", "messaging_referrals", "messaging_optins", "message_deliveries", "message_reads",
	"message_echoes", "message_edits", "message_reactions", "messaging_handovers", "standby", "messaging_policy_enforcement",
	"messaging_account_linking", "message_context", "response_feedback",
}

// pageOf finds whose token it is. The caller holds the lock.
func (s *Sandbox) pageOf(token string) *messengerAccount {
	for _, m := range s.messenger {
		if m.AccessToken == token {
			return m
		}
	}
	return nil
}

// messengerRoutes lists the API: https://graph.facebook.com is played under
// /graph.
func (s *Sandbox) messengerRoutes(mux *http.ServeMux) {
	route := func(method, path string, e Endpoint, answer func(*Sandbox, *graphCall) graphAnswer) {
		mux.HandleFunc(method+" /graph/{version}/"+path, func(w http.ResponseWriter, r *http.Request) {
			s.serveGraph(w, r, e, answer)
		})
	}
	route("POST", "{node}/messages", MessengerSend, (*Sandbox).graphSend)
	route("POST", "{node}/message_attachments", MessengerUpload, (*Sandbox).graphAttach)
	route("GET", "{node}", MessengerProfile, (*Sandbox).graphNode)
	route("GET", "{node}/subscribed_apps", MessengerSubscribed, (*Sandbox).graphSubscribedApps)
	route("POST", "{node}/subscribed_apps", MessengerSubscribed, (*Sandbox).graphSubscribe)
	route("DELETE", "{node}/subscribed_apps", MessengerSubscribed, (*Sandbox).graphUnsubscribe)
	route("GET", "{node}/messenger_profile", MessengerPageProfile, (*Sandbox).graphPageProfile)
	route("POST", "{node}/messenger_profile", MessengerPageProfile, (*Sandbox).graphSetPageProfile)
	route("DELETE", "{node}/messenger_profile", MessengerPageProfile, (*Sandbox).graphClearPageProfile)
	route("GET", "{node}/subscriptions", MessengerSubscriptions, (*Sandbox).graphSubscriptions)
	route("POST", "{node}/subscriptions", MessengerSubscriptions, (*Sandbox).graphSetSubscription)
	mux.HandleFunc("/graph/", func(w http.ResponseWriter, r *http.Request) {
		s.serveGraph(w, r, "unknown", func(*Sandbox, *graphCall) graphAnswer {
			return graphError(http.StatusNotFound, 2500, 0, "Unknown path components: "+r.URL.Path)
		})
	})
}

// graphRate is what Meta allows of a Page.
// https://developers.facebook.com/docs/graph-api/overview/rate-limiting#messenger
func graphRate(e Endpoint) Rate {
	if e == messengerMedia {
		return Rate{10, time.Second}
	}
	return Rate{300, time.Second}
}

// MessengerUserID makes an id of Meta's form, 16 digits, from any text, the
// same each time.
func MessengerUserID(seed string) string {
	sum := sha256.Sum256([]byte(seed))
	const least = 1_000_000_000_000_000
	return strconv.FormatUint(least+binary.BigEndian.Uint64(sum[:8])%(9*least), 10)
}

// maxPSID is more digits than any id of Meta has.
const maxPSID = 20

// isPSID tells whether an id is made of digits.
func isPSID(id string) bool {
	for _, c := range []byte(id) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return id != "" && len(id) <= maxPSID
}
