package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// door is a platform as the foreign calls name it, with somebody on it whom
// the bot knows, and whose chat is free of other messages.
type door struct {
	name    string
	account string // the sandbox's
	person  string
	pid     string // BotBonnie's bot_pid
	channel int    // BotBonnie's bot_channel
	class   string // FIRST LINE's contactable_type
	uid     string // FIRST LINE's filter
	phone   string
}

// onBoth runs a case on LINE and on Messenger.
func onBoth(t *testing.T, f func(t *testing.T, w *world, d *door)) {
	for n, name := range []string{"LINE", "Messenger"} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				w.allChannels()
				w.connectPage()
				d := &door{name: name, account: shop, person: w.person(0), pid: w.account, channel: 1, class: "LineContact", uid: "line_uid", phone: people[0].Phone}
				account := w.account
				if n == 1 {
					d.account, d.person, d.pid, d.channel, d.class, d.uid = page, w.onPage(0), pageID(page), 0, "FbContact", "fb_uid"
					account = w.page
				}
				w.imports(map[string]string{"account": account, "user": d.person, "phone": d.phone, "external_id": "crm-0"})
				f(t, w, d)
			})
		})
	}
}

// gets waits until the person of the door got texts, in this order.
func (w *world) gets(d *door, want ...string) {
	w.t.Helper()
	var got []string
	for _, s := range w.got(d.person, len(want)) {
		_, text, _ := strings.Cut(s, ": ")
		got = append(got, text)
	}
	if !slices.Equal(got, want) {
		w.t.Fatalf("on %s they got\n  %s\nwant\n  %s", d.name, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

const shipped = "Order A7 (5\u00a0₫) is on its way."

// AhaChat and Chatfuel reach people of both platforms by phone and by id.
func TestAhaChatAndChatfuelOnBoth(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world, d *door) {
		const what = "order%20shipped&order_code=A7&total=5"
		w.calling("/api/bots/" + w.bot + "/phones/send?phone=" + d.phone + "&ahachat_token=" + w.token + "&ahachat_block_name=" + what)
		w.gets(d, shipped)
		w.calling("/api/bots/" + w.bot + "/users/" + d.person + "/send?ahachat_message_tag=ACCOUNT_UPDATE&ahachat_token=" + w.token + "&ahachat_block_name=" + what)
		w.gets(d, shipped, shipped)
		w.calling("/bots/" + w.bot + "/users/" + d.person + "/send?chatfuel_token=" + w.token + "&chatfuel_message_tag=NON_PROMOTIONAL_SUBSCRIPTION&chatfuel_block_name=" + what)
		w.gets(d, shipped, shipped, shipped)
	})
}

// calling makes a call of AhaChat's family that has to succeed.
func (w *world) calling(path string) {
	w.t.Helper()
	status, answer := w.calls(http.MethodPost, path, "", "")
	if status != http.StatusOK || answer["success"] != true || answer["result"] != "ok" {
		w.t.Fatalf("%s: %d %v", path, status, answer)
	}
}

// BotBonnie's push says a module by its old id and a message of its own, on
// both platforms.
func TestBotBonnieOnBoth(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world, d *door) {
		w.wrote(d)
		for _, content := range []string{
			`"type":"POST_PURCHASE_UPDATE","bot_mid":"module-Ready"`,
			`"type":"UPDATE","message":{"type":"text","text":"到貨 {{ 1 }}","buttons":[{"title":"Pick","type":"postback","value":"ask size"},{"title":"Web","type":"web_url","value":"https://shop.example/"}]}`,
			`"category":"product_arrived","message":{"type":"gallery","cards":[{"title":"新品","subtitle":"到貨","imageUrl":"https://shop.example/a.png"}]}`,
		} {
			status, answer := w.calls(http.MethodPost, "/v1/api/message/push", w.token,
				fmt.Sprintf(`{"bot_id":%q,"bot_raw_uid":%q,"bot_pid":%q,"bot_channel":%d,%s}`, w.bot, d.person, d.pid, d.channel, content))
			if status != http.StatusOK || answer["res"] != "ok" || answer["errorCode"] != nil {
				t.Fatalf("%s: %d %v", content, status, answer)
			}
		}
		got := w.got(d.person, 4)[1:]
		for i, want := range []string{"Order  is ready.", "到貨 {{ 1 }}", "新品"} {
			if !strings.HasSuffix(got[i], want) && i < 2 || i == 2 && !strings.Contains(got[i], want) {
				t.Errorf("push %d came as %q, want %q", i, got[i], want)
			}
		}
	})
}

// wrote lets the person of a door write and waits for the answer, so that what
// platforms allow only then is allowed.
func (w *world) wrote(d *door) {
	w.t.Helper()
	w.writesTo(d.account, d.person, "what?")
	w.gets(d, "Sorry?")
}

// fiveTypes are FIRST LINE's kinds of messages, as its manual shows them, with
// what a person sees first of each.
var fiveTypes = []struct{ kind, message, seen string }{
	{"text", `"親愛的顧客您好"`, "親愛的顧客您好"},
	{"button", `{"explain_text":"請選擇","options":[{"label":"是","value":"yes","type":"text"},{"label":"撥打","type":"phonenumber","number":"+886223456789"},{"label":"官網","type":"url","url":"https://shop.example/"}]}`, "請選擇"},
	{"quickreply", `{"explain_text":"需要什麼","options":[{"label":"尺寸","value":"size","type":"text"},{"label":"官網","value":null,"type":"url","url":"https://shop.example/"}]}`, "需要什麼"},
	{"carousel", `{"alt_text":"新品","columns":[{"image_url":"https://shop.example/a.png","title":"上衣","text":"棉","actions":[{"text":"看","value":null,"url":"https://shop.example/1","type":"url","label":null},{"text":"買","value":"size","url":null,"type":"text","label":null}]}]}`, "上衣|棉"},
	{"image_carousel", `{"alt_text":"型錄","columns":[{"image_url":"https://shop.example/a.png","action":{"type":"url","url":"https://shop.example/1","value":null},"button":{"text":"看","background_color":"#FFFFFF","border_color":"#000000","color":"#000000"},"badge":{"text":"新","background_color":"#FF0000","border_color":"#FF0000","color":"#FFFFFF"}}]}`, "型錄|看|新"},
}

// FIRST LINE's push: every kind of message, by both ways to bring the token, on
// both platforms; while an agent talks only with is_force.
func TestFirstLineOnBoth(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world, d *door) {
		w.wrote(d)
		id := w.contactableOn(d.uid+"="+d.person, `App\`+d.class)
		push := func(inHeader bool, kind, message, rest string) (int, map[string]any) {
			path, token := "/api/v1/message/push", w.token
			if !inHeader {
				path, token = path+"?token="+w.token, ""
			}
			return w.calls(http.MethodPost, path, token, fmt.Sprintf(`{"contactable_type":"App\\%s","contactable_id":%d,"type":%q,"message":%s%s}`, d.class, id, kind, message, rest))
		}
		for i, m := range fiveTypes {
			if status, answer := push(i%2 == 0, m.kind, m.message, ""); status != http.StatusOK || len(answer) != 0 {
				t.Fatalf("%s: %d %v, want 200 {}", m.kind, status, answer)
			}
			got := w.got(d.person, i+2)[i+1]
			if !slices.ContainsFunc(strings.Split(m.seen, "|"), func(seen string) bool { return strings.Contains(got, seen) }) {
				t.Errorf("%s came as %q, want %s", m.kind, got, m.seen)
			}
		}
		w.takes(d)
		if status, answer := push(true, "text", `"再見"`, ""); status != http.StatusConflict || answer["message"] != "The conversation is being handled by an agent." {
			t.Errorf("while an agent talks: %d %v", status, answer)
		}
		for i, force := range []string{`1`, `"1"`, `true`} {
			if status, answer := push(i%2 == 0, "text", `"再見"`, `,"is_force":`+force); status != http.StatusOK || len(answer) != 0 {
				t.Errorf("with is_force %s: %d %v", force, status, answer)
			}
		}
		if got := w.got(d.person, 9); len(got) != 9 {
			t.Errorf("they got %q", got)
		}
	})
}

// takes lets somebody of the shop take the person's conversation.
func (w *world) takes(d *door) {
	w.t.Helper()
	status, answer := w.calls(http.MethodPost, w.path("/conversations/"+w.identityOf(d.person)+"/take"), w.token, `{"for":"1h","note":"e2e"}`)
	if status != http.StatusOK || answer["with"] != "agent" {
		w.t.Fatalf("take: %d %v", status, answer)
	}
}

// identityOf is our id of a person on a platform.
func (w *world) identityOf(person string) string {
	w.t.Helper()
	identity, _ := w.find(person)
	return identity
}

// contactOf is our id of the person themselves.
func (w *world) contactOf(person string) string {
	w.t.Helper()
	_, contact := w.find(person)
	return contact
}

// find finds a person by the platform's id.
func (w *world) find(person string) (identity, contact string) {
	w.t.Helper()
	_, list := w.calls(http.MethodGet, w.path("/contacts"), w.token, "")
	for _, c := range list["items"].([]any) {
		id := idText(c.(map[string]any)["id"])
		_, shown := w.calls(http.MethodGet, w.path("/contacts/"+id), w.token, "")
		all, _ := shown["identities"].([]any)
		for _, i := range all {
			if i := i.(map[string]any); i["external_id"] == person {
				return idText(i["id"]), id
			}
		}
	}
	w.t.Fatalf("nobody knows %s", person)
	return "", ""
}

// A call by a platform's id that was never seen asks the platform: whom it
// knows becomes known and is sent to, anybody else is 404.
func TestUnknownIDIsAskedForOnBoth(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.allChannels()
		w.connectPage()
		for _, person := range []string{w.person(0), w.onPage(0)} {
			w.calling("/api/bots/" + w.bot + "/users/" + person + "/send?ahachat_token=" + w.token + "&ahachat_block_name=order%20shipped&order_code=A7&total=5")
			if got := w.got(person, 1); !strings.HasSuffix(got[0], shipped) {
				t.Errorf("%s got %q", person, got)
			}
		}
		if _, list := w.calls(http.MethodGet, w.path("/contacts?search=mai"), w.token, ""); len(list["items"].([]any)) != 2 {
			t.Errorf("known are %v", list)
		}
		for _, nobody := range []string{"U00000000000000000000000000000000", "7000000000000000", "nobody"} {
			status, answer := w.calls(http.MethodPost, "/api/bots/"+w.bot+"/users/"+nobody+"/send?ahachat_token="+w.token+"&ahachat_block_name=welcome", "", "")
			if status != http.StatusNotFound || answer["success"] != false || !strings.Contains(fmt.Sprint(answer["result"]), nobody) {
				t.Errorf("%s: %d %v, want 404", nobody, status, answer)
			}
		}
		if _, list := w.calls(http.MethodGet, w.path("/contacts"), w.token, ""); len(list["items"].([]any)) != 2 {
			t.Errorf("somebody was made: %v", list)
		}
	})
}
