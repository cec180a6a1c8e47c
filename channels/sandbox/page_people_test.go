package sandbox

import (
	"fmt"
	"strings"
	"testing"
)

// people lists the names the page shows for a search, in order.
func (b *bundle) people(query string) string {
	b.t.Helper()
	var names []string
	for _, p := range b.page("accounts/shop/people" + query)["people"].([]any) {
		names = append(names, p.(map[string]any)["name"].(string))
	}
	return strings.Join(names, ", ")
}

func TestPeopleAreFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.person(Person{Name: "Đặng Hà", Phone: "+84987654321"})
	for query, want := range map[string]string{
		"":                                  "Nguyễn Thị Mai, 林雅婷, Đặng Hà",
		"?q=nguyen+thi":                     "Nguyễn Thị Mai",
		"?q=dang":                           "Đặng Hà",
		"?q=%C4%91%E1%BA%B7ng":              "Đặng Hà",
		"?q=%E9%9B%85":                      "林雅婷",
		"?q=0901234567":                     "Nguyễn Thị Mai",
		"?q=%2B84+987":                      "Đặng Hà",
		"?q=" + b.lan[:9]:                   "林雅婷",
		"?q=nobody":                         "",
		"?q=" + strings.ToUpper("mai+")[:3]: "Nguyễn Thị Mai",
	} {
		if got := b.people(query); got != want {
			t.Errorf("%s found %q, want %q", query, got, want)
		}
	}
	b.push(b.lan)
	if got := b.people(""); got != "林雅婷, Nguyễn Thị Mai, Đặng Hà" {
		t.Errorf("after a push the order is %s", got)
	}
	if _, err := b.Unfollow(t.Context(), "shop", b.mai); err != nil {
		t.Fatal(err)
	}
	if got := b.people(""); got != "林雅婷, Đặng Hà, Nguyễn Thị Mai" {
		t.Errorf("after one has left the order is %s", got)
	}
	b.want(b.call("GET", "/sandbox/accounts/none/people", ""), 404, `{"error":"there is no account \"none\""}`)
}

func TestChatIsReadAndUnreadIsCounted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.push(b.mai)
	b.reply(b.write(b.mai, "hi").ReplyToken)
	unread := func() float64 {
		return b.page("accounts/shop/people?q=mai")["people"].([]any)[0].(map[string]any)["unread"].(float64)
	}
	if got := unread(); got != 2 {
		t.Errorf("%v unread", got)
	}
	chat := b.page("accounts/shop/people/" + b.mai)
	entries := chat["entries"].([]any)
	var sides []string
	var newest float64
	for _, e := range entries {
		e := e.(map[string]any)
		sides = append(sides, e["from"].(string))
		newest = max(newest, e["rev"].(float64))
	}
	if got := strings.Join(sides, " "); got != "account person account" {
		t.Errorf("chat of %s", got)
	}
	if got := unread(); got != 0 {
		t.Errorf("%v unread after reading", got)
	}
	later := b.page(fmt.Sprintf("accounts/shop/people/%s?after=%.0f", b.mai, newest))
	if got := later["entries"].([]any); len(got) != 0 {
		t.Errorf("nothing happened, and yet %v", got)
	}
	b.want(b.call("GET", "/sandbox/accounts/shop/people/nobody", ""), 404, "")
	b.want(b.call("GET", "/sandbox/accounts/shop/people/"+b.mai+"?after=x", ""), 400, "")
}

func TestDeeds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	do := func(deed, body string) answer {
		return b.call("POST", "/sandbox/accounts/shop/people/"+b.mai+"/"+deed, body)
	}
	for _, tt := range []struct{ deed, body, posts string }{
		{"write", `{"text":"Xin chào"}`, `"text":"Xin chào"`},
		{"tap", `{"action":{"type":"postback","label":"L","data":"d=1"}}`, `"data":"d=1"`},
		{"tap", `{"action":{"type":"datetimepicker","label":"L","data":"d","mode":"time"},"picked":"09:30"}`, `"params":{"time":"09:30"}`},
		{"tap", `{"action":{"type":"message","label":"L","text":"said"}}`, `"text":"said"`},
		{"tap", `{"action":{"type":"location","label":"L"}}`, `"type":"location"`},
		{"tap", `{"action":{"type":"camera","label":"L"}}`, `"type":"image"`},
		{"image", `{}`, `"type":"image"`},
		{"location", `{}`, `"type":"location"`},
		{"sticker", ``, `"type":"sticker"`},
		{"unfollow", `{}`, `"type":"unfollow"`},
		{"follow", `{}`, `"type":"follow"`},
	} {
		b.want(do(tt.deed, tt.body), 200, "")
		if got := string(b.hook.last(t).body); !strings.Contains(got, tt.posts) {
			t.Errorf("%s posted %s", tt.deed, got)
		}
	}
	chat := b.Chat("shop", b.mai)
	b.want(do("redeliver", `{"event":"`+chat[0].EventID+`"}`), 200, "")
	if got := string(b.hook.last(t).body); !strings.Contains(got, `"isRedelivery":true`) {
		t.Errorf("redelivered %s", got)
	}
	posted := len(b.hook.got)
	for _, tt := range []struct {
		deed, body string
		status     int
		want       string
	}{
		{"write", `{}`, 400, "text:"},
		{"write", `{"txt":"a"}`, 400, "txt"},
		{"tap", `{}`, 400, ""},
		{"tap", `{"action":{"type":"dance"}}`, 400, "dance"},
		{"fly", `{}`, 404, "fly"},
	} {
		if got := do(tt.deed, tt.body); got.status != tt.status || !strings.Contains(got.body, tt.want) {
			t.Errorf("%s %s: %d %s", tt.deed, tt.body, got.status, got.body)
		}
	}
	b.want(b.call("POST", "/sandbox/accounts/shop/people/"+b.mai+"/write", `text=a`, "Content-Type", "text/plain"), 415, "")
	b.want(b.call("POST", "/sandbox/accounts/shop/people/nobody/write", `{"text":"a"}`), 400, "")
	if len(b.hook.got) != posted {
		t.Error("a refused deed was posted")
	}
	b.hook.mu.Lock()
	b.hook.status = 503
	b.hook.mu.Unlock()
	b.want(do("write", `{"text":"a"}`), 502, "")
}
