package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/messenger"
)

const (
	appSecret = "m3ss3nger-t3st-s3cret"
	pageToken = "EAATESTtoken123"
	pageID    = "100200300400500"
	verify    = "verify-of-shop"
)

// pageBundle is a sandbox with one Page, "shop", two people who wrote an hour
// ago, and the messenger channel behind a webhook that it takes for the Page.
type pageBundle struct {
	*bundle
	channel *messenger.Channel
	account channels.Account
	heard   chan *channels.Received
}

// setupPage makes a Page that no webhook has been set for yet.
func setupPage(t *testing.T, change ...func(*Config, *MessengerAccount)) *pageBundle {
	t.Helper()
	b := &bundle{t: t, clock: &clock{at: time.Date(2026, 11, 5, 3, 0, 0, 0, time.UTC)}}
	p := &pageBundle{bundle: b, heard: make(chan *channels.Received, 100)}
	config := Config{Now: b.clock.now}
	account := MessengerAccount{
		Name: "shop", Title: "Tiệm Vải Mây", PageID: pageID, AppID: "1517776481860111", AppSecret: appSecret, AccessToken: pageToken,
		Templates: []string{"order_ready"},
	}
	for _, f := range change {
		f(&config, &account)
	}
	b.Sandbox = New(config)
	if err := b.AddMessengerAccount(account); err != nil {
		t.Fatal(err)
	}
	wrote := b.clock.now().Add(-time.Hour)
	b.mai = b.person(Person{Name: "Nguyễn Mai", Phone: "+84901234567", Language: "vi", Friend: true, Wrote: wrote})
	b.lan = b.person(Person{Name: "林雅婷", Phone: "+886912345678", Friend: true, Wrote: wrote})
	b.server = httptest.NewServer(b.Handler())
	t.Cleanup(b.server.Close)
	t.Cleanup(b.Sandbox.Close)
	p.channel = messenger.New(b.server.Client(), messenger.Config{BaseURL: b.server.URL + "/graph"})
	p.account = channels.Account{ID: "acc_1", ExternalID: pageID, Secrets: map[string]string{
		"page_access_token": pageToken, "app_secret": appSecret, "verify_token": verify,
	}}
	b.hook = &hook{}
	b.hook.Server = httptest.NewServer(http.HandlerFunc(p.receive))
	t.Cleanup(b.hook.Close)
	return p
}

// receive is a webhook as the server has it.
func (p *pageBundle) receive(w http.ResponseWriter, r *http.Request) {
	query := map[string]string{}
	for key := range r.URL.Query() {
		query[key] = r.URL.Query().Get(key)
	}
	body := make([]byte, max(r.ContentLength, 0))
	_, _ = io.ReadFull(r.Body, body)
	got, err := p.channel.Receive(p.account, &channels.Request{Method: r.Method, Header: r.Header, Query: query, Body: body})
	switch {
	case err != nil:
		w.WriteHeader(http.StatusUnauthorized)
	case got.Answer != nil:
		w.WriteHeader(got.Answer.Status)
		_, _ = w.Write(got.Answer.Body)
	default:
		p.heard <- got
	}
}

// connect points the webhook here by the channel's own calls.
func (p *pageBundle) connect() *pageBundle {
	p.t.Helper()
	if err := p.channel.SetWebhook(p.t.Context(), p.account, p.hook.URL+"/webhooks/messenger/acc_1"); err != nil {
		p.t.Fatal(err)
	}
	return p
}

// next is the next webhook that was taken.
func (p *pageBundle) next() *channels.Received {
	p.t.Helper()
	select {
	case got := <-p.heard:
		return got
	case <-time.After(5 * time.Second):
		p.t.Fatal("no webhook came")
		return nil
	}
}

func (p *pageBundle) graph(method, path, body string, headers ...string) answer {
	p.t.Helper()
	return p.call(method, "/graph/v25.0/"+path, body, append([]string{"Authorization", "Bearer " + pageToken}, headers...)...)
}

func (p *pageBundle) send(to, rest string) answer {
	p.t.Helper()
	return p.graph("POST", pageID+"/messages", fmt.Sprintf(`{"recipient":{"id":%q},%s}`, to, rest))
}

// faultOf reads Meta's error: its code and subcode.
func faultOf(t *testing.T, a answer) string {
	t.Helper()
	var body struct {
		Error *struct {
			Code, Subcode int
			Message       string
			Trace         string `json:"fbtrace_id"`
			ErrorSubcode  int    `json:"error_subcode"`
		} `json:"error"`
	}
	if json.Unmarshal([]byte(a.body), &body) != nil || body.Error == nil {
		return ""
	}
	if body.Error.Message == "" || body.Error.Trace == "" {
		t.Errorf("the error lacks its words or trace: %s", a.body)
	}
	return fmt.Sprintf("%d/%d", body.Error.Code, body.Error.ErrorSubcode)
}

const said = `"messaging_type":"RESPONSE","message":{"text":"Xin chào"}`

func TestMessengerRefusesCalls(t *testing.T) {
	t.Parallel()
	proof := AppSecretProof(appSecret, pageToken)
	to := func(rest string) string { return `{"recipient":{"id":"MAI"},` + rest + `}` }
	for name, c := range map[string]struct {
		path, body string
		header     []string
		status     int
		fault      string
	}{
		"a response":              {"100200300400500/messages", to(said), nil, 200, ""},
		"as me":                   {"me/messages", to(said), nil, 200, ""},
		"with proof":              {"me/messages?appsecret_proof=" + proof, to(said), nil, 200, ""},
		"with a wrong proof":      {"me/messages?appsecret_proof=" + strings.Repeat("0", 64), to(said), nil, 400, "100/0"},
		"token in the query":      {"me/messages?access_token=" + pageToken, to(said), []string{"Authorization", ""}, 200, ""},
		"without a token":         {"me/messages", to(said), []string{"Authorization", ""}, 400, "104/0"},
		"with a wrong token":      {"me/messages", to(said), []string{"Authorization", "Bearer nope"}, 400, "190/0"},
		"with the app's token":    {"me/messages", to(said), []string{"Authorization", "Bearer 1517776481860111|" + appSecret}, 400, "100/33"},
		"for another page":        {"100200300400501/messages", to(said), nil, 400, "100/33"},
		"as a form":               {"me/messages", "a=b", []string{"Content-Type", "application/x-www-form-urlencoded"}, 400, "100/0"},
		"no JSON":                 {"me/messages", "{", nil, 400, "100/0"},
		"too large":               {"me/messages", to(`"message":{"text":"` + strings.Repeat("a", 2<<20) + `"}`), nil, 413, "1/0"},
		"no such path":            {"me/shout", "{}", nil, 404, "2500/0"},
		"no recipient":            {"me/messages", `{` + said + `}`, nil, 400, "100/0"},
		"a stranger":              {"me/messages", `{"recipient":{"id":"1"},` + said + `}`, nil, 400, "100/2018001"},
		"a key nobody knows":      {"me/messages", to(said + `,"colour":"red"`), nil, 400, "100/0"},
		"no type":                 {"me/messages", to(`"message":{"text":"a"}`), nil, 400, "100/0"},
		"another type":            {"me/messages", to(`"messaging_type":"NON_PROMOTIONAL_SUBSCRIPTION","message":{"text":"a"}`), nil, 400, "100/0"},
		"an update":               {"me/messages", to(`"messaging_type":"UPDATE","message":{"text":"a"}`), nil, 200, ""},
		"a tag without its type":  {"me/messages", to(`"messaging_type":"UPDATE","tag":"HUMAN_AGENT","message":{"text":"a"}`), nil, 400, "100/0"},
		"a type without its tag":  {"me/messages", to(`"messaging_type":"MESSAGE_TAG","message":{"text":"a"}`), nil, 400, "100/0"},
		"a removed tag":           {"me/messages", to(`"messaging_type":"MESSAGE_TAG","tag":"CONFIRMED_EVENT_UPDATE","message":{"text":"a"}`), nil, 400, "100/0"},
		"a tag of 2018":           {"me/messages", to(`"messaging_type":"MESSAGE_TAG","tag":"SHIPPING_UPDATE","message":{"text":"a"}`), nil, 400, "100/0"},
		"a human agent":           {"me/messages", to(`"messaging_type":"MESSAGE_TAG","tag":"HUMAN_AGENT","message":{"text":"a"}`), nil, 200, ""},
		"no message":              {"me/messages", to(`"messaging_type":"RESPONSE"`), nil, 400, "100/0"},
		"an empty text":           {"me/messages", to(`"messaging_type":"RESPONSE","message":{"text":""}`), nil, 400, "100/0"},
		"media of another host":   {"me/messages", to(`"messaging_type":"RESPONSE","message":{"attachment":{"type":"template","payload":{"template_type":"media","elements":[{"media_type":"image","url":"https://ex.example/a"}]}}}`), nil, 400, "100/2018185"},
		"a template":              {"me/messages", to(`"messaging_type":"UTILITY","message":{"attachment":{"type":"template","payload":{"template_type":"utility_messages","name":"order_ready","language":{"code":"vi"}}}}`), nil, 200, ""},
		"a template nobody knows": {"me/messages", to(`"messaging_type":"UTILITY","message":{"attachment":{"type":"template","payload":{"template_type":"utility_messages","name":"sale","language":{"code":"vi"}}}}`), nil, 400, "100/0"},
		"no template":             {"me/messages", to(`"messaging_type":"UTILITY","message":{"text":"a"}`), nil, 400, "100/0"},
		"typing":                  {"me/messages", to(`"sender_action":"typing_on"`), nil, 200, ""},
		"dancing":                 {"me/messages", to(`"sender_action":"dance"`), nil, 400, "100/0"},
		"typing and talking":      {"me/messages", to(`"sender_action":"typing_on","message":{"text":"a"}`), nil, 400, "100/0"},
		"no button text":          {"me/messenger_profile", `{"get_started":{}}`, nil, 400, "100/0"},
		"a menu first":            {"me/messenger_profile", `{"persistent_menu":[]}`, nil, 400, "100/2018145"},
		"another property":        {"me/messenger_profile", `{"colour":"red"}`, nil, 400, "100/0"},
		"no property":             {"me/messenger_profile", `{}`, nil, 400, "100/0"},
		"no fields":               {"me/subscribed_apps", `{}`, nil, 400, "100/0"},
		"another field":           {"me/subscribed_apps", `{"subscribed_fields":["gossip"]}`, nil, 400, "100/0"},
		"an app's call by a page": {"1517776481860111/subscriptions", `{"object":"page"}`, nil, 400, "15/0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := setupPage(t)
			got := p.graph("POST", c.path, strings.ReplaceAll(c.body, "MAI", p.mai), c.header...)
			if fault := faultOf(t, got); got.status != c.status || fault != c.fault {
				t.Errorf("answered %d %s\nwant %d %s", got.status, got.body, c.status, c.fault)
			}
			if got.header.Get("X-Fb-Trace-Id") == "" {
				t.Error("no trace id")
			}
			if c.status != 200 && len(p.Accepted()) != 0 {
				t.Errorf("accepted %+v", p.Accepted())
			}
			if n := p.Counts(); n.Requests != 1 || c.status != 200 && n.Refused[c.status] != 1 {
				t.Errorf("counted %+v", n)
			}
		})
	}
}

func TestMessengerVersions(t *testing.T) {
	t.Parallel()
	p := setupPage(t)
	for version, status := range map[string]int{"v25.0": 200, "v26.0": 200, "v21.0": 200, "v20.0": 400, "v2.6": 400, "latest": 400} {
		got := p.call("GET", "/graph/"+version+"/me", "", "Authorization", "Bearer "+pageToken)
		if got.status != status {
			t.Errorf("%s answered %d %s", version, got.status, got.body)
		}
	}
}

func TestMessengerRequiresProof(t *testing.T) {
	t.Parallel()
	p := setupPage(t, func(_ *Config, a *MessengerAccount) { a.RequireProof = true })
	if got := p.send(p.mai, said); faultOf(t, got) != "100/0" || !strings.Contains(got.body, "appsecret_proof") {
		t.Errorf("without proof: %d %s", got.status, got.body)
	}
	if _, err := p.channel.Identify(t.Context(), p.account); err != nil {
		t.Errorf("the channel proves nothing: %v", err)
	}
}

// What may be sent hangs on when the person last wrote.
func TestMessengerWindow(t *testing.T) {
	t.Parallel()
	const (
		agent   = `"messaging_type":"MESSAGE_TAG","tag":"HUMAN_AGENT","message":{"text":"a"}`
		utility = `"messaging_type":"UTILITY","message":{"attachment":{"type":"template","payload":{"template_type":"utility_messages","name":"order_ready","language":{"code":"vi"}}}}`
		typing  = `"sender_action":"typing_on"`
	)
	p := setupPage(t)
	check := func(when string, to string, want map[string]string) {
		t.Helper()
		for rest, fault := range want {
			if got := faultOf(t, p.send(to, rest)); got != fault {
				t.Errorf("%s, %s: %q, want %q", when, rest, got, fault)
			}
		}
	}
	const closed = "10/2018278"
	check("an hour later", p.mai, map[string]string{said: "", agent: "", utility: "", typing: ""})
	p.clock.pass(22*time.Hour + 59*time.Minute)
	check("a minute before a day", p.mai, map[string]string{said: "", agent: "", utility: "", typing: ""})
	p.clock.pass(time.Minute)
	check("after a day", p.mai, map[string]string{said: closed, agent: "", utility: "", typing: closed})
	p.clock.pass(6 * 24 * time.Hour)
	check("after a week", p.mai, map[string]string{said: closed, agent: closed, utility: ""})
	p.connect()
	p.write(p.mai, "hi")
	check("after they wrote", p.mai, map[string]string{said: "", agent: ""})
	never := p.person(Person{Name: "Vy"})
	check("who never wrote", never, map[string]string{said: closed, agent: closed, utility: ""})

	barred := setupPage(t, func(_ *Config, a *MessengerAccount) { a.NoHumanAgent = true })
	if got := faultOf(t, barred.send(barred.mai, agent)); got != "10/0" {
		t.Errorf("without the feature: %q", got)
	}
}

// A blocked Page is not told of it; its calls are refused until they write.
func TestMessengerBlocked(t *testing.T) {
	t.Parallel()
	p := setupPage(t).connect()
	if _, err := p.Unfollow(t.Context(), "shop", p.mai); err != nil {
		t.Fatal(err)
	}
	if got := faultOf(t, p.send(p.mai, said)); got != "551/1545041" {
		t.Errorf("got %q", got)
	}
	if _, err := p.Write(t.Context(), "shop", p.mai, "hi"); err == nil {
		t.Error("somebody who blocked the Page wrote to it")
	}
	if n := p.Counts().Events; n != 0 {
		t.Errorf("the Page was told: %d events", n)
	}
	if _, err := p.Follow(t.Context(), "shop", p.mai); err != nil {
		t.Fatal(err)
	}
	if got := p.send(p.mai, said); got.status != 200 {
		t.Errorf("after they came back: %s", got.body)
	}
}

func TestMessengerAccountsAreChecked(t *testing.T) {
	t.Parallel()
	s := New(Config{})
	good := MessengerAccount{Name: "a", PageID: "1", AppID: "9", AppSecret: "s", AccessToken: "t"}
	if err := s.AddMessengerAccount(good); err != nil {
		t.Fatal(err)
	}
	for want, a := range map[string]MessengerAccount{
		"name: an":          {AppSecret: "s", AccessToken: "u"},
		"name: there":       {Name: "a", AppSecret: "s", AccessToken: "u"},
		"page_id: \"shop\"": {Name: "b", PageID: "shop", AppSecret: "s", AccessToken: "u"},
		"page_id: there":    {Name: "b", PageID: "1", AppSecret: "s", AccessToken: "u"},
		"app_secret: web":   {Name: "b", AccessToken: "u"},
		"app_secret: the":   {Name: "b", AppID: "9", AppSecret: "other", AccessToken: "u"},
		"access_token: cal": {Name: "b", AppSecret: "s"},
		"access_token: ano": {Name: "b", AppSecret: "s", AccessToken: "t"},
	} {
		if err := s.AddMessengerAccount(a); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("AddMessengerAccount(%+v) = %v, want %s", a, err, want)
		}
	}
	if err := s.AddMessengerAccount(MessengerAccount{Name: "b", AppID: "9", AppSecret: "s", AccessToken: "u"}); err != nil {
		t.Errorf("a second Page of the app: %v", err)
	}
	if _, err := s.AddPerson(Person{Account: "a", ID: "Uabc"}); err == nil {
		t.Error("a person with an id of another platform was added")
	}
}

func TestMessengerRates(t *testing.T) {
	t.Parallel()
	const film = `"messaging_type":"RESPONSE","message":{"attachment":{"type":"video","payload":{"url":"https://ex.example/a.mp4"}}}`
	p := setupPage(t, func(c *Config, _ *MessengerAccount) {
		c.Rates = map[Endpoint]Rate{MessengerSend: {2, time.Second}, messengerMedia: {1, time.Second}}
	})
	for i, c := range []struct{ rest, fault string }{{said, ""}, {said, ""}, {said, "80006/0"}, {film, ""}, {film, "80006/0"}} {
		got := p.send(p.mai, c.rest)
		if fault := faultOf(t, got); fault != c.fault {
			t.Errorf("call %d: %q, want %q", i, fault, c.fault)
		}
		if c.fault != "" && !strings.Contains(got.header.Get("X-Business-Use-Case-Usage"), "estimated_time_to_regain_access") {
			t.Errorf("call %d does not say when to come back", i)
		}
	}
	p.clock.pass(time.Second)
	if got := p.send(p.mai, said); got.status != 200 {
		t.Errorf("a second later: %s", got.body)
	}
}

func TestMessengerFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault    Fault
		status   int // 0: the connection ended
		code     string
		accepted int
	}{
		"throttle":       {Fault{Kind: Throttle}, 400, "80006/0", 0},
		"quota":          {Fault{Kind: OverQuota}, 400, "80006/0", 0},
		"error":          {Fault{Kind: ServerError}, 500, "2/0", 0},
		"bare error":     {Fault{Kind: ServerError, Status: 502, Bare: true}, 502, "", 0},
		"error after it": {Fault{Kind: ServerError, Accepted: true, Bare: true}, 500, "", 1},
		"lost":           {Fault{Kind: Lost}, 0, "", 1},
		"reset":          {Fault{Kind: Reset}, 0, "", 0},
		"latency":        {Fault{Kind: Latency, Min: Duration(time.Millisecond)}, 200, "", 1},
		"other endpoint": {Fault{Kind: ServerError, Endpoint: MessengerAction}, 200, "", 1},
		"other account":  {Fault{Kind: ServerError, Account: "else"}, 200, "", 1},
		"this endpoint":  {Fault{Kind: ServerError, Endpoint: MessengerSend, Account: "shop"}, 500, "2/0", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := setupPage(t)
			if err := p.SetFaults(c.fault); err != nil {
				t.Fatal(err)
			}
			got, err := p.try("POST", "/graph/v25.0/me/messages", `{"recipient":{"id":"`+p.mai+`"},`+said+`}`, "Authorization", "Bearer "+pageToken)
			if (err != nil) != (c.status == 0) {
				t.Fatalf("got %+v, %v", got, err)
			}
			if err == nil && (got.status != c.status || faultOf(t, got) != c.code) {
				t.Errorf("answered %d %s", got.status, got.body)
			}
			if n := len(p.Accepted()); n != c.accepted {
				t.Errorf("accepted %d", n)
			}
		})
	}
	p := setupPage(t)
	if err := p.SetFaults(Fault{Kind: Refuse, Users: []string{p.lan}}); err != nil {
		t.Fatal(err)
	}
	if got := faultOf(t, p.send(p.lan, said)); got != "551/1545041" {
		t.Errorf("a refused person: %q", got)
	}
	if got := p.send(p.mai, said); got.status != 200 {
		t.Errorf("another: %s", got.body)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, c := range [][4]string{
		{"Nguyễn Thị Mai", "vi", "Mai", "Nguyễn Thị"}, {"林雅婷", "zh-TW", "雅婷", "林"}, {"Ada King Lovelace", "en", "Ada", "King Lovelace"},
		{"Mai", "vi", "Mai", ""}, {"林", "zh", "林", ""}, {"", "vi", "", ""},
	} {
		if first, last := names(c[0], c[1]); first != c[2] || last != c[3] {
			t.Errorf("%q in %s is %q and %q", c[0], c[1], first, last)
		}
	}
}

// The page leads from a person to themselves on another platform.
func TestPageShowsWhereElseAPersonIs(t *testing.T) {
	t.Parallel()
	p := setupPage(t)
	if err := p.AddLINEAccount(LINEAccount{Name: "line", ChannelSecret: "s", AccessToken: "u"}); err != nil {
		t.Fatal(err)
	}
	mai, err := p.AddPerson(Person{Account: "line", Name: "Mai", Phone: "+84 90 123 4567"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.AddPerson(Person{Account: "line", Name: "nobody's phone"}); err != nil {
		t.Fatal(err)
	}
	got := p.call("GET", "/sandbox/accounts/shop/people/"+p.mai, "").body
	if want := `"also":[{"account":"line","channel":"line","id":"` + mai.ID + `"}]`; !strings.Contains(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := p.call("GET", "/sandbox/accounts/shop/people/"+p.lan, "").body; !strings.Contains(got, `"also":[]`) {
		t.Errorf("got %s", got)
	}
}

// Messages have ids as long as Meta's, and none twice.
func TestMessengerIDs(t *testing.T) {
	t.Parallel()
	p := setupPage(t, func(c *Config, _ *MessengerAccount) { n := 0; c.NewID = func() string { n++; return strconv.Itoa(n) } })
	seen := map[string]bool{}
	for range 5 {
		p.send(p.mai, said)
	}
	for _, c := range p.Accepted() {
		if id := c.IDs[0]; seen[id] || len(id) < 100 || !strings.HasPrefix(id, "m_") {
			t.Errorf("id %q", id)
		}
		seen[c.IDs[0]] = true
	}
	if len(seen) != 5 {
		t.Errorf("%d ids", len(seen))
	}
	a, again, b := MessengerUserID("a"), MessengerUserID("a"), MessengerUserID("b")
	if a != again || a == b || len(a) != 16 {
		t.Error("ids of people are not made from their seed")
	}
}
