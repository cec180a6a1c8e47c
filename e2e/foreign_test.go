package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
)

// BotBonnie's call: a message whose button opens a block, a module by its old
// id, and a refusal that is answered in the body.
func TestBotBonniePush(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mai := w.knows(0)
		push := func(user, content string) map[string]any {
			status, answer := w.calls(http.MethodPost, "/v1/api/message/push", w.token,
				fmt.Sprintf(`{"bot_id":%q,"bot_raw_uid":%q,"bot_pid":%q,"bot_channel":"1",%s}`, w.bot, user, w.account, content))
			if status != http.StatusOK {
				t.Fatalf("%d %v", status, answer)
			}
			return answer
		}
		if got := push(mai, `"message":{"type":"text","text":"到貨 {{ 1 }}","buttons":[{"title":"Pick","type":"postback","value":"ask size"}]}`); got["res"] != "ok" {
			t.Fatalf("%v", got)
		}
		w.hears(mai, "reply: Welcome friend.", "push: 到貨 {{ 1 }}")
		_, err := w.line.Tap(t.Context(), shop, mai, "Pick")
		w.must(err)
		if got := w.got(mai, 3); got[2] != "reply: Which size?" {
			t.Errorf("the button is answered by %q", got[2])
		}
		if got := push("U00000000000000000000000000000000", `"bot_mid":"module-PTfLM4wQ"`); got["res"] != nil || got["errorCode"] != float64(http.StatusNotFound) {
			t.Errorf("a stranger: %v", got)
		}
		_, err = w.line.Unfollow(t.Context(), shop, mai)
		w.must(err)
		if got := push(mai, `"bot_mid":"module-PTfLM4wQ"`); got["res"] != nil || got["errorCode"] != float64(http.StatusConflict) {
			t.Errorf("who has left: %v", got)
		}
	})
}

// FIRST LINE's calls: the search finds whom to push to; 200 means sent; while
// an agent talks the push is refused unless it is forced.
func TestFirstLinePush(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mai := w.knows(0)
		id := w.contactable("line_uid=" + mai)
		if byPhone := w.contactable("phone_number=0912345601"); byPhone != id {
			t.Errorf("by phone it is %d, by LINE id %d", byPhone, id)
		}
		push := func(want int, rest string) map[string]any {
			t.Helper()
			status, answer := w.calls(http.MethodPost, "/api/v1/message/push?token="+w.token, "",
				fmt.Sprintf(`{"contactable_type":"App\\LineContact","contactable_id":%d,%s}`, id, rest))
			if status != want {
				t.Fatalf("%d %v, want %d", status, answer, want)
			}
			return answer
		}
		const said = `"type":"quickreply","message":{"explain_text":"選一個","options":[{"label":"大","value":null,"type":"text"}]}`
		push(http.StatusOK, said)
		w.hears(mai, "reply: Welcome friend.", "push: 選一個")
		w.settled("sent", 2)

		status, answer := w.calls(http.MethodPatch, "/v1/bots/"+w.bot+"/contacts/"+w.contact(0), w.token, `{"conversation":{"with":"agent"}}`)
		if status != http.StatusOK {
			t.Fatalf("%d %v", status, answer)
		}
		if got := push(http.StatusConflict, said); got["message"] != "The conversation is being handled by an agent." {
			t.Errorf("%v", got)
		}
		push(http.StatusOK, said+`,"is_force":1`)
		w.hears(mai, "reply: Welcome friend.", "push: 選一個", "push: 選一個")
	})
}

// contactable searches for one person on LINE and returns what a push takes
// for them.
func (w *world) contactable(query string) int64 {
	w.t.Helper()
	return w.contactableOn(query, `App\LineContact`)
}

func (w *world) contactableOn(query, class string) int64 {
	w.t.Helper()
	res, err := http.Get(w.base + "/api/v1/contact?token=" + w.token + "&" + query)
	w.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	w.must(err)
	var people []struct {
		Social []struct {
			Type string `json:"contactable_type"`
			ID   int64  `json:"contactable_id"`
		} `json:"social_data"`
	}
	w.must(json.Unmarshal(text, &people))
	if len(people) != 1 || len(people[0].Social) != 1 || people[0].Social[0].Type != class {
		w.t.Fatalf("%s finds %s", query, text)
	}
	return people[0].Social[0].ID
}
