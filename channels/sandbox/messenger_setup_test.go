package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
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

// orderReady is a template with a place in its text and one button of each kind.
func orderReady() MessengerTemplate {
	return MessengerTemplate{Name: "order_ready", Languages: []string{"vi", "en_US"}, Text: "{{1}}, your order is ready.",
		Buttons: []MessengerTemplateButton{{Title: "Track it"}, {Title: "Our shop", URL: "https://ex.example/"}, {Title: "Invoice", URL: "https://ex.example/{{1}}"}}}
}

// setupPage makes a Page that no webhook has been set for yet.
func setupPage(t *testing.T, change ...func(*Config, *MessengerAccount)) *pageBundle {
	t.Helper()
	b := &bundle{t: t, clock: &clock{at: time.Date(2026, 11, 5, 3, 0, 0, 0, time.UTC)}}
	p := &pageBundle{bundle: b, heard: make(chan *channels.Received, 100)}
	config := Config{Now: b.clock.now}
	account := MessengerAccount{
		Name: "shop", Title: "Tiệm Vải Mây", PageID: pageID, AppID: "1517776481860111", AppSecret: appSecret, AccessToken: pageToken,
		Templates: []MessengerTemplate{orderReady()},
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

// ready is the rest of a call that sends orderReady as it wants to be.
const ready = `"messaging_type":"UTILITY","message":{"attachment":{"type":"template","payload":{"template_type":"utility_messages","name":"order_ready","language":{"code":"vi"},"components":[` +
	`{"type":"body","parameters":[{"type":"text","text":"Mai"}]},` +
	`{"type":"button","sub_type":"quick_reply","index":0,"parameters":[{"type":"payload","payload":"b1.x.0.y"}]},` +
	`{"type":"button","sub_type":"url","index":2,"parameters":[{"type":"text","text":"A-17"}]}]}}}`
