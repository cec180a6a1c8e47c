package sandbox

import (
	"bufio"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func (b *bundle) page(path string) map[string]any {
	b.t.Helper()
	a := b.call("GET", "/sandbox/"+path, "")
	if a.status != 200 {
		b.t.Fatalf("%s answered %d %s", path, a.status, a.body)
	}
	var v map[string]any
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		b.t.Fatal(err)
	}
	return v
}

// people lists the names the page shows for a search, in order.
func (b *bundle) people(query string) string {
	b.t.Helper()
	var names []string
	for _, p := range b.page("accounts/shop/people" + query)["people"].([]any) {
		names = append(names, p.(map[string]any)["name"].(string))
	}
	return strings.Join(names, ", ")
}

func TestPageHasAllItsParts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	page := b.call("GET", "/sandbox", "")
	if page.status != 200 || !strings.Contains(page.header.Get("Content-Security-Policy"), "default-src 'self'") {
		t.Errorf("page %d, policy %q", page.status, page.header.Get("Content-Security-Policy"))
	}
	for _, path := range []string{"/", "/sandbox/"} {
		if got := b.call("GET", path, ""); got.body != page.body {
			t.Errorf("%s does not lead to the page", path)
		}
	}
	parts := page.body
	for _, name := range []string{"sandbox.js", "chat.js", "line.js", "messenger.js", "flex.js", "inspector.js", "dom.js"} {
		parts += b.call("GET", "/sandbox/static/"+name, "").body
	}
	for _, m := range regexp.MustCompile(`(?:"/sandbox/static/|from "\./)([^"]+)"`).FindAllStringSubmatch(parts, -1) {
		if got := b.call("GET", "/sandbox/static/"+m[1], ""); got.status != 200 {
			t.Errorf("%s: %d", m[1], got.status)
		}
	}
	b.want(b.call("GET", "/sandbox/static/nothing.js", ""), 404, "")
}

// Texts of others become text nodes: nothing on the page parses them as HTML.
func TestPageNeverParsesHTML(t *testing.T) {
	t.Parallel()
	forbidden := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser`)
	err := fs.WalkDir(static, "static", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".js") {
			return err
		}
		source, err := static.ReadFile(path)
		if m := forbidden.Find(source); m != nil {
			t.Errorf("%s uses %s", path, m)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPictures(t *testing.T) {
	t.Parallel()
	b := setup(t)
	drawn, err := fs.Glob(static, "static/pictures/*.svg")
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{"any/where/spring-sale.jpg", "x%3Cscript%3E.png", "%E5%84%AA%E6%83%A0.png", "%ff.png", ""}
	for _, name := range drawn {
		paths = append(paths, strings.TrimSuffix(strings.TrimPrefix(name, "static/pictures/"), ".svg")+".png")
	}
	for _, path := range paths {
		got := b.call("GET", "/sandbox/media/"+path, "")
		if got.status != 200 || got.header.Get("Content-Type") != "image/svg+xml" {
			t.Errorf("%s: %d %s", path, got.status, got.header.Get("Content-Type"))
		}
		for d := xml.NewDecoder(strings.NewReader(got.body)); ; {
			token, err := d.Token()
			if err == io.EOF {
				break
			} else if err != nil {
				t.Errorf("%s is no XML: %v", path, err)
				break
			}
			if e, ok := token.(xml.StartElement); ok && e.Name.Local == "script" {
				t.Errorf("%s holds a script", path)
			}
		}
	}
}

// TestPicturesAreThoseOfTheExamples holds that the pictures of the example flows
// are drawn, and that no other is but the sticker that the page sends.
func TestPicturesAreThoseOfTheExamples(t *testing.T) {
	t.Parallel()
	flows, err := filepath.Glob("../../flows/examples/*.json")
	if err != nil || len(flows) == 0 {
		t.Fatalf("examples %v, %v", flows, err)
	}
	named := map[string]bool{"sticker": true}
	picture := regexp.MustCompile(regexp.QuoteMeta(MediaHost) + `/([\w-]+)\.png`)
	for _, flow := range flows {
		text, err := os.ReadFile(flow)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range picture.FindAllSubmatch(text, -1) {
			named[string(m[1])] = true
		}
	}
	drawn, err := fs.Glob(static, "static/pictures/*.svg")
	if err != nil {
		t.Fatal(err)
	}
	for i := range drawn {
		drawn[i] = strings.TrimSuffix(path.Base(drawn[i]), ".svg")
	}
	if want := slices.Sorted(maps.Keys(named)); !slices.Equal(drawn, want) {
		t.Errorf("drawn are %v, named %v", drawn, want)
	}
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

func TestFaultsByHTTP(t *testing.T) {
	t.Parallel()
	b := setup(t)
	set := func(body string) answer { return b.call("POST", "/sandbox/faults", body) }
	b.want(set(`{"faults":[{"kind":"latency","min":"1ms","max":"2ms"},{"kind":"error","endpoint":"push","count":1,"status":503}]}`), 200,
		`{"faults":[{"kind":"latency","min":"1ms","max":"2ms","seen":0,"hits":0},{"kind":"error","endpoint":"push","count":1,"status":503,"seen":0,"hits":0}]}`)
	b.want(b.push(b.mai), 503, "")
	b.want(b.push(b.mai), 200, "")
	b.want(set(`{"faults":[{"kind":"gloom"}]}`), 400, "")
	b.want(set(`{"faults":[{"kind":"latency","min":"soon"}]}`), 400, "")
	b.want(set(`{"fault":[]}`), 400, "")
	if n := len(b.Faults()); n != 2 {
		t.Errorf("a refused script left %d faults", n)
	}
	b.want(b.call("DELETE", "/sandbox/faults", ""), 200, `{"faults":[]}`)
}

func TestStatusAndAccepted(t *testing.T) {
	t.Parallel()
	b := setup(t, func(_ *Config, a *LINEAccount) { a.Quota = 100 })
	b.push(b.mai)
	b.push(b.lan)
	account := b.page("status")["accounts"].([]any)[0].(map[string]any)
	if account["used"] != 2.0 || account["quota"] != 100.0 || account["people"] != 2.0 || account["webhook"] != b.hook.URL {
		t.Errorf("status %v", account)
	}
	if raw, _ := json.Marshal(account); strings.Contains(string(raw), secret) || strings.Contains(string(raw), bearer) {
		t.Error("status tells a secret")
	}
	calls := b.page("accepted?person=" + b.lan)["calls"].([]any)
	call := calls[0].(map[string]any)
	if len(calls) != 1 || call["endpoint"] != "push" || call["messages"].([]any)[0].(map[string]any)["text"] != "Xin chào" {
		t.Errorf("accepted %v", calls)
	}
	if got := b.page("accepted?limit=1")["calls"].([]any); len(got) != 1 {
		t.Errorf("accepted %d", len(got))
	}
	if got := b.page(fmt.Sprintf("accepted?after=%.0f", call["seq"]))["calls"].([]any); len(got) != 0 {
		t.Errorf("accepted %d after the last", len(got))
	}
	b.want(b.call("GET", "/sandbox/accepted?limit=x", ""), 400, "")
}

func TestEventStream(t *testing.T) {
	t.Parallel()
	b := setup(t)
	res, err := http.Get(b.server.URL + "/sandbox/events")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("content type %q", got)
	}
	lines := bufio.NewScanner(res.Body)
	if !lines.Scan() || lines.Text() != "retry: 1000" {
		t.Fatalf("began with %q", lines.Text())
	}
	b.push(b.mai)
	var told change
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			if err := json.Unmarshal([]byte(data), &told); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	if len(told.People) != 1 || told.People[0].ID != b.mai || told.People[0].Account != "shop" || told.People[0].Unread != 1 {
		t.Errorf("told %+v", told)
	}
	b.Sandbox.Close()
	for lines.Scan() { // ends, or the test does not
	}
	if err := lines.Err(); err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestStreamOfABroadcastTellsToLookAgain(t *testing.T) {
	t.Parallel()
	s := New(Config{})
	if err := s.AddLINEAccount(LINEAccount{Name: "a", ChannelSecret: "s", AccessToken: "t"}); err != nil {
		t.Fatal(err)
	}
	st := &stream{changed: map[*person]bool{}, ring: make(chan struct{}, 1)}
	s.streams[st] = struct{}{}
	for i := range maxTold + 1 {
		p, err := s.AddPerson(Person{Account: "a", Phone: fmt.Sprint(i), Friend: true})
		if err != nil {
			t.Fatal(err)
		}
		s.mu.Lock()
		s.touch(s.line["a"].people[p.ID])
		s.mu.Unlock()
	}
	var told change
	if err := json.Unmarshal([]byte(strings.TrimPrefix(string(s.told(st)), "data: ")), &told); err != nil {
		t.Fatal(err)
	}
	if len(told.People) != maxTold || !told.All {
		t.Errorf("told of %d, all %v", len(told.People), told.All)
	}
}

// FuzzSend looks for bodies that a sending call answers with a crash, or
// accepts without recording a message.
func FuzzSend(f *testing.F) {
	mai := LINEUserID("mai")
	f.Add("push", []byte(`{"to":"`+mai+`","messages":[`+hello+`]}`))
	f.Add("multicast", []byte(`{"to":["`+mai+`"],"messages":[`+hello+`],"customAggregationUnits":["a"]}`))
	f.Add("reply", []byte(`{"replyToken":7,"messages":null}`))
	f.Add("broadcast", []byte(`{"messages":[{}],"notificationDisabled":1}`))
	f.Fuzz(func(t *testing.T, endpoint string, body []byte) {
		if !regexp.MustCompile(`^[a-z]{1,12}$`).MatchString(endpoint) {
			return
		}
		s := New(Config{Now: func() time.Time { return time.UnixMilli(1767582000000) }})
		if err := s.AddLINEAccount(LINEAccount{Name: "a", ChannelSecret: "s", AccessToken: "t"}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.AddPerson(Person{Account: "a", ID: mai, Friend: true}); err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("POST", "/line/v2/bot/message/"+endpoint, strings.NewReader(string(body)))
		r.Header.Set("Authorization", "Bearer t")
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if !json.Valid(w.Body.Bytes()) || w.Code >= 500 {
			t.Fatalf("answered %d %q", w.Code, w.Body)
		}
		if accepted := len(s.Accepted()) > 0; accepted != (w.Code < 300) {
			t.Errorf("answered %d and accepted %v", w.Code, accepted)
		}
	})
}

func BenchmarkPush(b *testing.B) {
	s := New(Config{Unlimited: true, Keep: -1, History: -1})
	if err := s.AddLINEAccount(LINEAccount{Name: "a", ChannelSecret: "s", AccessToken: "t"}); err != nil {
		b.Fatal(err)
	}
	p, err := s.AddPerson(Person{Account: "a", Name: "Mai", Friend: true})
	if err != nil {
		b.Fatal(err)
	}
	body := `{"to":"` + p.ID + `","messages":[` + hello + `]}`
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("POST", "/line/v2/bot/message/push", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer t")
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
}
