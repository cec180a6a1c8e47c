package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// omnichat is a client as programs for Omnichat are written: a host, a team's
// token, and the vendor's JSON.
type omnichat struct {
	w     *world
	token string
	line  string // the channel's id in the old system
}

// moves imports a team's token and gives the account its old id, as somebody
// does who moves here.
func (w *world) moves() *omnichat {
	w.t.Helper()
	c := &omnichat{w, "omnichat-team-token-" + randomHex(12), "1657703186"}
	w.cli("tokens", "import", "omnichat", c.token, "--scope", "send,read,broadcasts,contacts")
	w.cli("aliases", "set", "account", c.line, w.account)
	return c
}

// call makes a call and decodes what came with the wanted status.
func (c *omnichat) call(method, path, key, body string, status int, into any) {
	c.w.t.Helper()
	r, err := http.NewRequestWithContext(c.w.t.Context(), method, c.w.base+path, strings.NewReader(body))
	c.w.must(err)
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	res, err := http.DefaultClient.Do(r)
	c.w.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	c.w.must(err)
	if res.StatusCode != status {
		c.w.t.Fatalf("%s %s is answered %d %s, want %d", method, path, res.StatusCode, text, status)
	}
	if told := res.Header.Get("RateLimit-Policy"); told != `"bot";q=40;w=1` { // the vendor counts by team
		c.w.t.Fatalf("%s %s tells the rate as %q", method, path, told)
	}
	if into == nil {
		if len(text) > 0 {
			c.w.t.Fatalf("%s %s is answered with %s, want nothing", method, path, text)
		}
		return
	}
	if err := json.Unmarshal(text, into); err != nil {
		c.w.t.Fatalf("%s: %v", text, err)
	}
}

// job is a broadcast as the vendor's clients read it.
type job struct {
	ID, Platform, ChannelID, Subject string
	Type, Status                     int
	RecipientCount, Success, Failed  int
	SuccessRate, ClickRate           string
	ReadRate                         *string
	Clicked, MessageSuccess          int
	Tags                             []string
}

// refusal is the vendor's error.
type refusal struct{ ErrorCode, Message string }

// completed asks for a broadcast until it is.
func (c *omnichat) completed(id string) job {
	c.w.t.Helper()
	const completed = 1
	var got job
	for range polls {
		got = job{}
		c.call(http.MethodGet, "/v1/broadcast/"+id, "", "", http.StatusOK, &got)
		if got.Status == completed {
			return got
		}
		c.w.pause()
	}
	c.w.t.Fatalf("the broadcast stays at %+v", got)
	return got
}

// A program for Omnichat finds its channel and a block, sends it to three
// people of whom one has unsubscribed and to a stranger, watches it complete,
// and reads who got it and what they tapped. Said again with its key it is sent
// once.
func TestOmnichatBroadcast(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.cli("flows", "push", w.file(coupon), "--publish")
		mai, lin := w.knows(0), w.knows(1)
		lan, err := w.line.AddPerson(sandbox.Person{Account: shop, Name: "Lan", Friend: true})
		w.must(err)
		gone := lan.ID
		_, err = w.line.Follow(t.Context(), shop, gone)
		w.must(err)
		w.got(gone, 1)
		status, _ := w.calls(http.MethodPatch, "/v1/bots/"+w.bot+"/contacts/"+w.contactOf(gone), w.token, `{"subscribed":false}`)
		if status != http.StatusOK {
			t.Fatalf("the unsubscribing is answered %d", status)
		}
		c := w.moves()
		var channels []struct{ Platform, ChannelID string }
		c.call(http.MethodGet, "/v1/channels", "", "", http.StatusOK, &channels)
		if len(channels) != 1 || channels[0].Platform != "line" || channels[0].ChannelID != c.line {
			t.Fatalf("the channels are %+v", channels)
		}
		body := fmt.Sprintf(`{"platform":"line","channelId":%q,"subject":"Coupons","to":[%q,%q,%q,"Ustranger"],"messages":[{"type":"block","blockId":%q}],"tags":["coupons"],"scheduledAt":null}`,
			c.line, mai, lin, gone, c.block("coupon"))
		var made, again struct{ BroadcastID string }
		c.call(http.MethodPost, "/v1/broadcast", "coupons-1", body, http.StatusOK, &made)
		c.call(http.MethodPost, "/v1/broadcast", "coupons-1", body, http.StatusOK, &again)
		if made.BroadcastID == "" || again != made {
			t.Fatalf("the same call twice made %q and %q", made.BroadcastID, again.BroadcastID)
		}
		got := c.completed(made.BroadcastID)
		if got.RecipientCount != 4 || got.Success != 2 || got.Failed != 2 || got.SuccessRate != "50.00%" || got.ReadRate != nil || got.Type != 3 || got.ChannelID != c.line {
			t.Errorf("the broadcast is %+v", got)
		}
		for _, person := range []string{mai, lin} {
			if said := w.got(person, 2); !strings.HasSuffix(said[1], "Ten percent off.") {
				t.Errorf("%s got %q", person, said)
			}
		}
		if said := said(w.line.AcceptedFor(gone)); len(said) != 1 {
			t.Errorf("who has unsubscribed got %q", said)
		}
		c.tapped(made.BroadcastID, mai)

		var people struct {
			Content []struct {
				Success   bool
				Clicked   bool
				MessageID *string
				Error     *string
			}
			TotalElements int
		}
		c.call(http.MethodGet, "/v1/broadcast/"+made.BroadcastID+"/recipients?status=failed&pageSize=1&page=2", "", "", http.StatusOK, &people)
		if people.TotalElements != 2 || len(people.Content) != 1 || people.Content[0].Error == nil || !strings.HasPrefix(*people.Content[0].Error, "Ustranger: ") {
			t.Errorf("the second who failed is %+v", people)
		}
		c.call(http.MethodGet, "/v1/broadcast/"+made.BroadcastID+"/recipients?status=success", "", "", http.StatusOK, &people)
		if people.TotalElements != 2 || !people.Content[0].Success || people.Content[0].MessageID == nil {
			t.Errorf("those it reached are %+v", people)
		}
		var list struct {
			Content       []job
			TotalElements int
		}
		c.call(http.MethodGet, "/v1/broadcast?type=3&status=completed&platform=line&channelId="+c.line, "", "", http.StatusOK, &list)
		if list.TotalElements != 1 || list.Content[0].ID != made.BroadcastID || list.Content[0].Tags[0] != "coupons" {
			t.Errorf("the list is %+v", list)
		}
		if out := w.cli("contacts", "show", w.contactOf(mai)); !strings.Contains(out, "coupons") {
			t.Errorf("who was reached has no tag: %s", out)
		}
		if out := w.cli("contacts", "show", w.contactOf(gone)); strings.Contains(out, "coupons") {
			t.Errorf("who was not reached has the tag: %s", out)
		}
	})
}

// coupon is a flow with a module that has a button.
const coupon = `{"format": 1, "flow": "coupons", "modules": [
	{"name": "coupon", "steps": [{"type": "text", "text": "Ten percent off.", "buttons": [{"title": "Take it", "goto": "taken"}]}]},
	{"name": "taken", "steps": [{"type": "text", "text": "It is yours."}]}]}`

// block finds the id of a block in the vendor's way, by its chatbot.
func (c *omnichat) block(name string) string {
	c.w.t.Helper()
	type named struct{ ID, Name string }
	var bots, blocks struct{ Content []named }
	c.call(http.MethodGet, "/v1/chatbots", "", "", http.StatusOK, &bots)
	for _, b := range bots.Content {
		c.call(http.MethodGet, "/v1/chatbots/"+b.ID+"/message-blocks", "", "", http.StatusOK, &blocks)
		for _, v := range blocks.Content {
			if v.Name == name {
				return v.ID
			}
		}
	}
	c.w.t.Fatalf("no chatbot has the block %q", name)
	return ""
}

// tapped lets a person tap the button and waits until it is counted.
func (c *omnichat) tapped(broadcast, person string) {
	c.w.t.Helper()
	_, err := c.w.line.Tap(c.w.t.Context(), shop, person, "Take it")
	c.w.must(err)
	type button struct {
		MessageIndex, CardIndex, ButtonIndex, ClickedCount int
		ClickedPercentage                                  string
	}
	var got struct{ Content []button }
	for range polls {
		got.Content = nil
		c.call(http.MethodGet, "/v1/broadcast/"+broadcast+"/buttons", "", "", http.StatusOK, &got)
		if len(got.Content) > 0 {
			break
		}
		c.w.pause()
	}
	if len(got.Content) != 1 || got.Content[0] != (button{0, 0, 1, 1, "100.00%"}) {
		c.w.t.Errorf("the buttons are %+v", got.Content)
	}
	var now job
	c.call(http.MethodGet, "/v1/broadcast/"+broadcast, "", "", http.StatusOK, &now)
	if now.Clicked != 1 || now.ClickRate != "50.00%" {
		c.w.t.Errorf("after a tap the broadcast is %+v", now)
	}
}

// Direct messages: what is written, a block, the same call again, and who does
// not want any; another team's calls reach nothing of this one.
func TestOmnichatDirectMessage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mai := w.knows(0)
		c := w.moves()
		body := func(track, message string) string {
			return fmt.Sprintf(`{"trackId":%q,"platform":"line","channelId":%q,"to":%q,"tags":["remarketing"],"customAttributes":[{"key":"order_code","value":"A7"},{"key":"total","value":12}],"messages":[%s]}`, track, c.line, mai, message)
		}
		var sent, again struct {
			Content struct {
				TrackID   string
				MessageID []string
			}
		}
		const text = `{"type":"text","text":"Last day {{ 1 }}"}`
		c.call(http.MethodPost, "/v1/direct-messages", "", body("sale", text), http.StatusOK, &sent)
		c.call(http.MethodPost, "/v1/direct-messages", "", body("sale", text), http.StatusOK, &again)
		if len(sent.Content.MessageID) != 1 || fmt.Sprint(sent) != fmt.Sprint(again) || sent.Content.TrackID != "sale" {
			t.Fatalf("the same call twice is answered %+v and %+v", sent, again)
		}
		w.hearsLast(mai, "push: Last day {{ 1 }}")
		// One trackId for a whole campaign, as the vendor's examples have it.
		c.call(http.MethodPost, "/v1/direct-messages", "", body("sale", `{"type":"block","blockId":"order shipped"}`), http.StatusOK, &sent)
		w.hearsLast(mai, "push: Order A7 (12\u00a0₫) is on its way.")
		if got := w.got(mai, 3); len(got) != 3 {
			t.Errorf("they got %q", got)
		}
		if out := w.cli("contacts", "show", w.contactOf(mai)); !strings.Contains(out, "remarketing") {
			t.Errorf("the tag is missing: %s", out)
		}
		var no refusal
		status, _ := w.calls(http.MethodPatch, "/v1/bots/"+w.bot+"/contacts/"+w.contactOf(mai), w.token, `{"subscribed":false}`)
		if status != http.StatusOK {
			t.Fatalf("the unsubscribing is answered %d", status)
		}
		c.call(http.MethodPost, "/v1/direct-messages", "", body("sale 2", text), http.StatusConflict, &no)
		if no.ErrorCode != "CONTACT_UNSUBSCRIBED" {
			t.Errorf("who has unsubscribed: %+v", no)
		}
		rival := w.field(w.cli("bots", "create", "rival", "--time-zone", "Asia/Taipei", "--region", "TW", "--json"), "id")
		theirs := &omnichat{w, "rival-team-token-" + randomHex(12), c.line}
		w.cli("tokens", "import", "omnichat", theirs.token, "--scope", "send,read,broadcasts,contacts", "--bot", rival)
		theirs.call(http.MethodPost, "/v1/direct-messages", "", body("sale 3", text), http.StatusNotFound, &no)
		if no.ErrorCode != "CHANNEL_NOT_FOUND" {
			t.Errorf("another team on this one's channel: %+v", no)
		}
		var channels []any
		theirs.call(http.MethodGet, "/v1/channels", "", "", http.StatusOK, &channels)
		if len(channels) != 0 {
			t.Errorf("another team sees the channels %v", channels)
		}
	})
}

// Contacts: a person is added with what is known of them, changed and found; who
// is added with their consent can be broadcast to.
func TestOmnichatContacts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.moves()
		lan := w.person(1)
		type contact struct {
			ID, Name         string
			Status           bool
			MemberID, Phone  *string
			Tags             []string
			CustomAttributes []struct {
				Key, Type string
				Value     any
			}
		}
		put := func(body string) {
			t.Helper()
			c.call(http.MethodPut, "/v1/contacts/line?channelId="+c.line+"&userId="+lan, "", body, http.StatusNoContent, nil)
		}
		find := func(query string) contact {
			t.Helper()
			var got struct {
				Content       []contact
				TotalElements int
			}
			c.call(http.MethodGet, "/v1/contacts?platform=line&"+query, "", "", http.StatusOK, &got)
			if got.TotalElements != 1 || len(got.Content) != 1 {
				t.Fatalf("%s finds %+v", query, got)
			}
			return got.Content[0]
		}
		put(`{"name":"Lan","status":true,"phone":"0912345602","memberId":"M-7","tags":["VIP","old"],"customAttributes":[{"key":"total","value":12.50},{"key":"size","value":"L"}]}`)
		got := find("userId=" + lan)
		if !got.Status || got.MemberID == nil || *got.MemberID != "M-7" || got.Phone == nil || *got.Phone != "84912345602" || !slices.Equal(slices.Sorted(slices.Values(got.Tags)), []string{"VIP", "old"}) || got.Name != "Lan" {
			t.Errorf("they are %+v", got)
		}
		if len(got.CustomAttributes) != 2 || got.CustomAttributes[1].Value != 12.5 || got.CustomAttributes[1].Type != "number" {
			t.Errorf("their attributes are %+v", got.CustomAttributes)
		}
		put(`{"tags":["vip","new"],"customAttributes":[{"key":"size","value":""}]}`)
		if got = find("memberId=M-7"); !slices.Equal(slices.Sorted(slices.Values(got.Tags)), []string{"VIP", "new"}) || len(got.CustomAttributes) != 1 {
			t.Errorf("changed they are %+v", got)
		}
		if got = find("phone=0912345602"); got.ID != lan {
			t.Errorf("the number is %s's", got.ID)
		}
		var made struct{ BroadcastID string }
		c.call(http.MethodPost, "/v1/broadcast", "", fmt.Sprintf(`{"platform":"line","channelId":%q,"subject":"Hello","to":[%q],"messages":[{"type":"text","text":"Hello {{ you }}"}]}`, c.line, lan), http.StatusOK, &made)
		w.hearsLast(lan, "push: Hello {{ you }}")
		if got := c.completed(made.BroadcastID); got.SuccessRate != "100.00%" || got.MessageSuccess != 1 {
			t.Errorf("the broadcast is %+v", got)
		}
		if status, text := w.calls(http.MethodPost, "/v1/bots/"+w.bot+"/attributes", w.token, `{"name":"bought","type":"date"}`); status != http.StatusCreated {
			t.Fatalf("declaring is answered %d %s", status, text)
		}
		for body, want := range map[string]string{
			`{"customAttributes":[{"key":"total","value":"12.50"}]}`: "MISMATCH_TYPE",
			`{"status":"true"}`: "MISMATCH_TYPE",
			`{"phone":"12"}`:    "INVALID_FORMAT",
			`{"customAttributes":[{"key":"bought","value":"1st of May"}]}`: "INVALID_FORMAT",
		} {
			var no refusal
			c.call(http.MethodPut, "/v1/contacts/line?channelId="+c.line+"&userId="+lan, "", body, http.StatusBadRequest, &no)
			if no.ErrorCode != want {
				t.Errorf("%s is %+v", body, no)
			}
		}
		var no refusal
		c.call(http.MethodGet, "/v1/contacts?platform=line&userId=Unobody", "", "", http.StatusNotFound, &no)
		if no.ErrorCode != "USER_ID_NOT_FOUND" {
			t.Errorf("nobody is %+v", no)
		}
	})
}
