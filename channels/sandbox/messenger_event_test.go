package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// The vectors of our sheet: what Meta signs is the escaped form.
func TestMessengerSignsTheEscapedForm(t *testing.T) {
	t.Parallel()
	const (
		plain   = `{"object":"page","entry":[{"id":"100200300400500","time":1795000000500,"messaging":[{"sender":{"id":"700800900100200"},"recipient":{"id":"100200300400500"},"timestamp":1795000000123,"message":{"mid":"m_TEST-0001","text":"Café ☕ ok?"}}]}]}`
		escaped = `{"object":"page","entry":[{"id":"100200300400500","time":1795000000500,"messaging":[{"sender":{"id":"700800900100200"},"recipient":{"id":"100200300400500"},"timestamp":1795000000123,"message":{"mid":"m_TEST-0001","text":"Caf\u00e9 \u2615 ok?"}}]}]}`
		want    = "sha256=f32a6f1b8a5c332eac470c86a5166d2c7d575a0c3a7024ba06849919b81fed62"
	)
	if got := string(escapeUnicode([]byte(plain))); got != escaped {
		t.Errorf("escaped is %s", got)
	}
	if got := SignMessenger(appSecret, []byte(escaped)); got != want {
		t.Errorf("signed is %s", got)
	}
	if got := string(escapeUnicode([]byte(`"👋 /"`))); got != `"\ud83d\udc4b \/"` {
		t.Errorf("escaped is %s", got)
	}
	const proof = "e2ab8062fee3b29dc0b141e33445c0314d860eebf10f0c4b71bd92dc4f4c769e"
	if got := AppSecretProof(appSecret, pageToken); got != proof {
		t.Errorf("proof is %s", got)
	}
}

// Whatever is escaped is pure ASCII and means the same.
func FuzzEscapeUnicode(f *testing.F) {
	for _, text := range []string{"Café ☕ ok?", "👋/", "\u2028<&>\\\"", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		plain, err := encode(text)
		if err != nil {
			t.Fatal(err)
		}
		escaped := escapeUnicode(plain)
		var back string
		if err := json.Unmarshal(escaped, &back); err != nil || back != text {
			t.Fatalf("%q came back as %q, %v", text, back, err)
		}
		for _, c := range escaped {
			if c >= utf8.RuneSelf {
				t.Fatalf("%q is not ASCII", escaped)
			}
		}
	})
}

// The channel connects, hears and speaks, all by Meta's own forms.
func TestMessengerAndItsChannel(t *testing.T) {
	t.Parallel()
	p := setupPage(t, func(_ *Config, a *MessengerAccount) { a.RequireProof = true })
	found, err := p.channel.Identify(t.Context(), p.account)
	if err != nil || found.ExternalID != pageID || found.Name != "Tiệm Vải Mây" {
		t.Fatalf("Identify = %+v, %v", found, err)
	}
	p.connect()

	e := p.write(p.mai, "Xin chào 👋")
	u := p.next().Updates
	if len(u) != 1 || u[0].Kind != channels.Message || u[0].Text != "Xin chào 👋" || u[0].From != p.mai || u[0].Account != pageID || u[0].MessageID != e.MessageID {
		t.Fatalf("heard %+v", u)
	}
	if !u[0].At.Equal(p.clock.now()) {
		t.Errorf("at %v", u[0].At)
	}

	message := blocks.Message{
		Part:         &blocks.Text{Text: "Chị cần gì ạ?", Buttons: []blocks.Button{{Title: "Theo dõi đơn", Action: blocks.ActionGoto, Payload: "b1.x.0.y"}}},
		QuickReplies: []blocks.Button{{Title: "Thôi", Action: blocks.ActionGoto, Payload: "b1.x.1.y"}, {Action: blocks.ActionAskPhone}},
	}
	payloads := p.channel.Render([]blocks.Message{message})
	to := channels.Target{Account: p.account, To: p.mai, Route: channels.RoutePush, Answer: true}
	sent, err := p.channel.Send(t.Context(), to, payloads[0], channels.Key{Metadata: "d:42.0"})
	if err != nil || len(sent.MessageIDs) != 1 {
		t.Fatalf("Send = %+v, %v", sent, err)
	}
	echo, delivery := p.next().Receipts, p.next().Receipts
	if len(echo) != 1 || echo[0].Kind != channels.Echo || echo[0].Foreign || echo[0].Metadata != "d:42.0" || echo[0].MessageID != sent.MessageIDs[0] || echo[0].To != p.mai {
		t.Errorf("echo %+v", echo)
	}
	if len(delivery) != 2 || delivery[0].Kind != channels.Delivered || delivery[0].MessageID != sent.MessageIDs[0] || delivery[1].Watermark.IsZero() {
		t.Errorf("delivery %+v", delivery)
	}
	if err := p.See("shop", p.mai); err != nil {
		t.Fatal(err)
	}
	if read := p.next().Receipts; len(read) != 1 || read[0].Kind != channels.Read || read[0].Watermark.Before(p.Accepted()[0].At) {
		t.Errorf("read %+v", read)
	}

	for title, want := range map[string]channels.Update{
		"Theo dõi đơn":      {Kind: channels.Postback, Data: "b1.x.0.y", Text: "Theo dõi đơn"},
		"Thôi":              {Kind: channels.Postback, Data: "b1.x.1.y", Text: "Thôi"},
		"user_phone_number": {Kind: channels.Message, Text: "+84901234567"},
	} {
		if _, err := p.channel.Send(t.Context(), to, payloads[0], channels.Key{}); err != nil {
			t.Fatal(err)
		}
		if echo := p.next().Receipts; !echo[0].Foreign {
			t.Error("an echo without our mark is not foreign")
		}
		p.next() // its delivery
		if _, err := p.Tap(t.Context(), "shop", p.mai, title); err != nil {
			t.Fatal(err)
		}
		if u := p.next().Updates; len(u) != 1 || u[0].Kind != want.Kind || u[0].Data != want.Data || u[0].Text != want.Text {
			t.Errorf("%s gave %+v", title, u)
		}
	}
	if err := p.channel.Typing(t.Context(), p.account, p.mai, 3); err != nil {
		t.Errorf("Typing = %v", err)
	}
	profile, err := p.channel.Profile(t.Context(), p.account, p.mai)
	if err != nil || profile.Name != "Nguyễn Mai" || profile.FirstName != "Mai" || profile.LastName != "Nguyễn" {
		t.Errorf("Profile = %+v, %v", profile, err)
	}
	var refused *channels.SendError
	if _, err := p.channel.Profile(t.Context(), p.account, "1"); !errors.As(err, &refused) || refused.Kind != channels.KindBlocked {
		t.Errorf("Profile of nobody = %v", err)
	}
	p.clock.pass(25 * time.Hour)
	if _, err := p.channel.Send(t.Context(), to, payloads[0], channels.Key{}); !errors.As(err, &refused) || refused.Kind != channels.KindWindowClosed {
		t.Errorf("Send after a day = %v", err)
	}
	template := p.channel.Render([]blocks.Message{{Part: &blocks.ApprovedTemplate{Name: "order_ready", Language: "vi", Body: []string{"Mai"},
		Buttons: []blocks.Button{{Action: blocks.ActionGoto, Payload: "b1.x.2.y"}, {Action: blocks.ActionNone}, {Action: blocks.ActionURLTail, Value: "A-17"}}}}})
	to.Route = channels.RouteTemplate
	if _, err := p.channel.Send(t.Context(), to, template[0], channels.Key{}); err != nil {
		t.Errorf("Send by template = %v", err)
	}
	p.next() // its echo
	p.next() // its delivery
	if _, err := p.Tap(t.Context(), "shop", p.mai, "Track it"); err != nil {
		t.Fatal(err)
	}
	if u := p.next().Updates; len(u) != 1 || u[0].Kind != channels.Postback || u[0].Data != "b1.x.2.y" {
		t.Errorf("a tap on the template gave %+v", u)
	}
	for title, uri := range map[string]string{"Our shop": "https://ex.example/", "Invoice": "https://ex.example/A-17"} {
		if e, err := p.Tap(t.Context(), "shop", p.mai, title); err != nil || e.URI != uri {
			t.Errorf("%s opens %+v, %v", title, e, err)
		}
	}
	if calls := p.Accepted(); calls[0].Route != "RESPONSE" || calls[len(calls)-1].Route != "UTILITY" || p.Counts().Unanswered != 0 {
		t.Errorf("accepted %+v, counted %+v", calls, p.Counts())
	}
}

func TestMessengerBeginnings(t *testing.T) {
	t.Parallel()
	p := setupPage(t).connect()
	vy := p.person(Person{Name: "Vy"})
	thu := p.person(Person{Name: "Thu"})
	do := func(e *Event, err error) []channels.Update {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p.next().Updates
	}
	if u := do(p.Follow(t.Context(), "shop", vy)); len(u) != 1 || u[0].Kind != channels.Follow {
		t.Errorf("Get Started gave %+v", u)
	}
	if u := do(p.Refer(t.Context(), "shop", thu, "spring")); len(u) != 2 || u[0].Kind != channels.Follow || u[1].Kind != channels.Referral || u[1].Data != "spring" {
		t.Errorf("a first chat by a link gave %+v", u)
	}
	if u := do(p.Refer(t.Context(), "shop", vy, "autumn")); len(u) != 1 || u[0].Kind != channels.Referral || u[0].Data != "autumn" {
		t.Errorf("a link gave %+v", u)
	}
	if u := do(p.React(t.Context(), "shop", vy, "m_1", "❤")); len(u) != 1 || u[0].Kind != channels.OtherEvent || u[0].MessageID != "m_1" {
		t.Errorf("a reaction gave %+v", u)
	}
	if u := do(p.Edit(t.Context(), "shop", vy, "m_1", "hello!")); len(u) != 1 || u[0].Kind != channels.Edited || u[0].Text != "hello!" {
		t.Errorf("an edit gave %+v", u)
	}
	if u := do(p.SendImage(t.Context(), "shop", vy, nil)); len(u) != 1 || u[0].Media == nil || u[0].Media.Type != blocks.Image {
		t.Errorf("a picture gave %+v", u)
	}
	if u := do(p.SendSticker(t.Context(), "shop", vy, "", thumbsUpSticker)); len(u) != 1 || u[0].Kind != channels.StickerSent || u[0].Text != "👍" {
		t.Errorf("a sticker gave %+v", u)
	}
	first := do(p.Write(t.Context(), "shop", vy, "hi"))
	chat := p.Chat("shop", vy)
	if again := do(p.Redeliver(t.Context(), "shop", chat[len(chat)-1].EventID)); again[0].Key != first[0].Key {
		t.Errorf("redelivered as %s, was %s", again[0].Key, first[0].Key)
	}
	if _, err := p.SendLocation(t.Context(), "shop", vy, home()); err == nil {
		t.Error("a place was sent by Messenger")
	}
	if err := p.AgentWrites("shop", vy, "A colleague here"); err != nil {
		t.Fatal(err)
	}
	if r := p.next().Receipts; len(r) != 1 || r[0].Kind != channels.Echo || !r[0].Foreign || r[0].To != vy {
		t.Errorf("a colleague gave %+v", r)
	}
}

// An echo may overtake the answer of the call: while it is on its way, the
// call has none.
func TestMessengerEchoFirst(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan bool), make(chan bool)
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); strings.Contains(string(body), "is_echo") {
			arrived <- true
			<-release
		}
	}))
	t.Cleanup(slow.Close)
	p := setupPage(t, func(_ *Config, a *MessengerAccount) { a.EchoFirst, a.WebhookURL = true, slow.URL })
	answered := make(chan int, 1)
	go func() { answered <- p.send(p.mai, said).status }()
	<-arrived
	select {
	case status := <-answered:
		close(release)
		t.Fatalf("answered %d before the echo was taken", status)
	default:
	}
	close(release)
	if status := <-answered; status != http.StatusOK {
		t.Errorf("answered %d", status)
	}
}

// The address must know the verify token before it is taken.
func TestMessengerVerifiesTheAddress(t *testing.T) {
	t.Parallel()
	p := setupPage(t)
	wrong := p.account
	wrong.Secrets = map[string]string{"page_access_token": pageToken, "app_secret": appSecret, "verify_token": "another"}
	err := p.channel.SetWebhook(t.Context(), wrong, p.hook.URL)
	if err == nil || !strings.Contains(err.Error(), "verification failed") || !strings.Contains(err.Error(), "403") {
		t.Errorf("SetWebhook = %v", err)
	}
	if err := p.channel.SetWebhook(t.Context(), p.account, "http://bots.example.com"); err == nil || !strings.Contains(err.Error(), "callback_url") {
		t.Errorf("SetWebhook = %v", err)
	}
	if _, err := p.Write(t.Context(), "shop", p.mai, "hi"); err == nil || !strings.Contains(err.Error(), "no webhook URL") {
		t.Errorf("Write = %v", err)
	}
	p.connect()
	if got := p.graph("GET", "me/subscribed_apps", ""); !strings.Contains(got.body, "1517776481860111") || !strings.Contains(got.body, "message_echoes") {
		t.Errorf("subscribed: %s", got.body)
	}
	if got := p.graph("GET", "me/messenger_profile?fields=get_started", ""); !strings.Contains(got.body, "GET_STARTED") {
		t.Errorf("profile: %s", got.body)
	}
	if got := p.graph("DELETE", "me/subscribed_apps", ""); got.status != 200 {
		t.Errorf("unsubscribed: %s", got.body)
	}
	if _, err := p.Write(t.Context(), "shop", p.mai, "hi"); err == nil || !strings.Contains(err.Error(), "does not tell its app") {
		t.Errorf("Write = %v", err)
	}
}

// Pages of one app share their webhook, and one post may hold events of both.
func TestMessengerPagesOfOneApp(t *testing.T) {
	t.Parallel()
	p := setupPage(t).connect()
	second := MessengerAccount{Name: "branch", PageID: "100200300400501", AppID: "1517776481860111", AppSecret: appSecret, AccessToken: "EAAother"}
	if err := p.AddMessengerAccount(second); err != nil {
		t.Fatal(err)
	}
	vy, err := p.AddPerson(Person{Account: "branch", Name: "Vy"})
	if err != nil {
		t.Fatal(err)
	}
	account := channels.Account{ExternalID: second.PageID, Secrets: map[string]string{
		"page_access_token": "EAAother", "app_secret": appSecret, "verify_token": "not asked for again",
	}}
	if err := p.channel.SetWebhook(t.Context(), account, p.hook.URL+"/webhooks/messenger/acc_2"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Write(t.Context(), "branch", vy.ID, "hi"); err != nil {
		t.Fatal(err)
	}
	if u := p.next().Updates; len(u) != 1 || u[0].Account != second.PageID {
		t.Errorf("heard %+v", u)
	}
	one, _ := p.TextEvent("shop", p.mai, "một")
	two, _ := p.TextEvent("branch", vy.ID, "hai")
	body := fmt.Sprintf(`{"object":"page","entry":[{"id":%q,"time":1,"messaging":[%s]},{"id":%q,"time":1,"messaging":[%s]}]}`, pageID, one.Raw, second.PageID, two.Raw)
	if _, err := p.PostMessenger(t.Context(), "shop", escapeUnicode([]byte(body))); err != nil {
		t.Fatal(err)
	}
	if u := p.next().Updates; len(u) != 2 || u[0].Account != pageID || u[0].Text != "một" || u[1].Account != second.PageID || u[1].Text != "hai" {
		t.Errorf("heard %+v", u)
	}
}

// What the page does, it does by the same calls.
func TestMessengerOnThePage(t *testing.T) {
	t.Parallel()
	p := setupPage(t).connect()
	deed := func(id, deed, body string) answer {
		t.Helper()
		return p.call("POST", "/sandbox/accounts/shop/people/"+id+"/"+deed, body)
	}
	account := p.page("status")["accounts"].([]any)[0].(map[string]any)
	if account["channel"] != "messenger" || account["basic_id"] != "Page "+pageID || account["webhook"] == "" {
		t.Errorf("status %v", account)
	}
	if got := deed(p.mai, "tap", `{"action":{"type":"postback","title":"Mua","payload":"buy"}}`); got.status != 200 {
		t.Errorf("tap: %s", got.body)
	}
	if u := p.next().Updates; u[0].Data != "buy" {
		t.Errorf("heard %+v", u)
	}
	for name, want := range map[string]int{"write": 400, "image": 200, "sticker": 200, "location": 400, "follow": 200, "unfollow": 200, "dance": 404} {
		if name == "write" {
			if got := deed(p.lan, name, `{"text":""}`); got.status != want {
				t.Errorf("%s: %d %s", name, got.status, got.body)
			}
			continue
		}
		who := p.person(Person{Name: name, Phone: "+84900000001", Friend: name != "follow"})
		if got := deed(who, name, `{}`); got.status != want {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	p.send(p.mai, said)
	chat := p.page("accounts/shop/people/" + p.mai) // reads it
	if window := chat["person"].(map[string]any)["window_until"]; window != "2026-11-06T03:00:00Z" {
		t.Errorf("window until %v", window)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for {
		select {
		case got := <-p.heard:
			if len(got.Receipts) == 1 && got.Receipts[0].Kind == channels.Read {
				return
			}
		case <-ctx.Done():
			t.Fatal("the app is not told that the chat was read")
		}
	}
}
