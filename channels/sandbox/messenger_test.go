package sandbox

import (
	"strconv"
	"strings"
	"testing"
)

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
		"a response":               {"100200300400500/messages", to(said), nil, 200, ""},
		"as me":                    {"me/messages", to(said), nil, 200, ""},
		"with proof":               {"me/messages?appsecret_proof=" + proof, to(said), nil, 200, ""},
		"with a wrong proof":       {"me/messages?appsecret_proof=" + strings.Repeat("0", 64), to(said), nil, 400, "100/0"},
		"token in the query":       {"me/messages?access_token=" + pageToken, to(said), []string{"Authorization", ""}, 200, ""},
		"without a token":          {"me/messages", to(said), []string{"Authorization", ""}, 400, "104/0"},
		"with a wrong token":       {"me/messages", to(said), []string{"Authorization", "Bearer nope"}, 400, "190/0"},
		"with the app's token":     {"me/messages", to(said), []string{"Authorization", "Bearer 1517776481860111|" + appSecret}, 400, "100/33"},
		"for another page":         {"100200300400501/messages", to(said), nil, 400, "100/33"},
		"as a form":                {"me/messages", "a=b", []string{"Content-Type", "application/x-www-form-urlencoded"}, 400, "100/0"},
		"no JSON":                  {"me/messages", "{", nil, 400, "100/0"},
		"too large":                {"me/messages", to(`"message":{"text":"` + strings.Repeat("a", 2<<20) + `"}`), nil, 413, "1/0"},
		"no such path":             {"me/shout", "{}", nil, 404, "2500/0"},
		"no recipient":             {"me/messages", `{` + said + `}`, nil, 400, "100/0"},
		"a stranger":               {"me/messages", `{"recipient":{"id":"1"},` + said + `}`, nil, 400, "100/2018001"},
		"a key nobody knows":       {"me/messages", to(said + `,"colour":"red"`), nil, 400, "100/0"},
		"no type":                  {"me/messages", to(`"message":{"text":"a"}`), nil, 400, "100/0"},
		"another type":             {"me/messages", to(`"messaging_type":"NON_PROMOTIONAL_SUBSCRIPTION","message":{"text":"a"}`), nil, 400, "100/0"},
		"an update":                {"me/messages", to(`"messaging_type":"UPDATE","message":{"text":"a"}`), nil, 200, ""},
		"a tag without its type":   {"me/messages", to(`"messaging_type":"UPDATE","tag":"HUMAN_AGENT","message":{"text":"a"}`), nil, 400, "100/0"},
		"a type without its tag":   {"me/messages", to(`"messaging_type":"MESSAGE_TAG","message":{"text":"a"}`), nil, 400, "100/0"},
		"a removed tag":            {"me/messages", to(`"messaging_type":"MESSAGE_TAG","tag":"CONFIRMED_EVENT_UPDATE","message":{"text":"a"}`), nil, 400, "100/0"},
		"a tag of 2018":            {"me/messages", to(`"messaging_type":"MESSAGE_TAG","tag":"SHIPPING_UPDATE","message":{"text":"a"}`), nil, 400, "100/0"},
		"a human agent":            {"me/messages", to(`"messaging_type":"MESSAGE_TAG","tag":"HUMAN_AGENT","message":{"text":"a"}`), nil, 200, ""},
		"no message":               {"me/messages", to(`"messaging_type":"RESPONSE"`), nil, 400, "100/0"},
		"an empty text":            {"me/messages", to(`"messaging_type":"RESPONSE","message":{"text":""}`), nil, 400, "100/0"},
		"media of another host":    {"me/messages", to(`"messaging_type":"RESPONSE","message":{"attachment":{"type":"template","payload":{"template_type":"media","elements":[{"media_type":"image","url":"https://ex.example/a"}]}}}`), nil, 400, "100/2018185"},
		"a template":               {"me/messages", to(ready), nil, 200, ""},
		"a template nobody knows":  {"me/messages", to(strings.Replace(ready, "order_ready", "sale", 1)), nil, 400, "100/0"},
		"in another language":      {"me/messages", to(strings.Replace(ready, `"vi"`, `"vi_VN"`, 1)), nil, 400, "100/0"},
		"a value too few":          {"me/messages", to(strings.Replace(ready, `{"type":"body","parameters":[{"type":"text","text":"Mai"}]},`, "", 1)), nil, 400, "100/0"},
		"a value too many":         {"me/messages", to(strings.Replace(ready, `{"type":"text","text":"Mai"}`, `{"type":"text","text":"Mai"},{"type":"text","text":"A1"}`, 1)), nil, 400, "100/0"},
		"a header there is not":    {"me/messages", to(strings.Replace(ready, `[{"type":"body"`, `[{"type":"header","parameters":[{"type":"text","text":"x"}]},{"type":"body"`, 1)), nil, 400, "100/0"},
		"a button there is not":    {"me/messages", to(strings.Replace(ready, `"index":0`, `"index":3`, 1)), nil, 400, "100/0"},
		"a button of another kind": {"me/messages", to(strings.Replace(ready, `"index":0`, `"index":1`, 1)), nil, 400, "100/0"},
		"an address not finished":  {"me/messages", to(strings.Replace(ready, `"sub_type":"url","index":2,"parameters":[{"type":"text","text":"A-17"}]`, `"sub_type":"quick_reply","index":0,"parameters":[{"type":"payload","payload":"p"}]`, 1)), nil, 400, "100/0"},
		"a template as an answer":  {"me/messages", to(strings.Replace(ready, "UTILITY", "RESPONSE", 1)), nil, 400, "100/0"},
		"no template":              {"me/messages", to(`"messaging_type":"UTILITY","message":{"text":"a"}`), nil, 400, "100/0"},
		"typing":                   {"me/messages", to(`"sender_action":"typing_on"`), nil, 200, ""},
		"dancing":                  {"me/messages", to(`"sender_action":"dance"`), nil, 400, "100/0"},
		"typing and talking":       {"me/messages", to(`"sender_action":"typing_on","message":{"text":"a"}`), nil, 400, "100/0"},
		"no button text":           {"me/messenger_profile", `{"get_started":{}}`, nil, 400, "100/0"},
		"a menu first":             {"me/messenger_profile", `{"persistent_menu":[]}`, nil, 400, "100/2018145"},
		"another property":         {"me/messenger_profile", `{"colour":"red"}`, nil, 400, "100/0"},
		"no property":              {"me/messenger_profile", `{}`, nil, 400, "100/0"},
		"no fields":                {"me/subscribed_apps", `{}`, nil, 400, "100/0"},
		"another field":            {"me/subscribed_apps", `{"subscribed_fields":["gossip"]}`, nil, 400, "100/0"},
		"an app's call by a page":  {"1517776481860111/subscriptions", `{"object":"page"}`, nil, 400, "15/0"},
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
