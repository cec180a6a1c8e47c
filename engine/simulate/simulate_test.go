package simulate_test

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/line"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/simulate"
)

// shopFlow asks, waits, calls and shows buttons of every kind.
const shopFlow = `{
  "format": 1, "flow": "shop",
  "attributes": { "points": "number", "order code": "text", "status": "text", "day": "date" },
  "triggers": [
    { "on": "follow", "block": "welcome" },
    { "on": "keyword", "any": ["order"], "block": "orders" },
    { "on": "media", "block": "pictures" }, { "on": "keyword", "any": ["slow"], "block": "slow" },
    { "on": "default", "block": "lost" } ],
  "modules": [ { "name": "shipped", "entry": { "needs": ["order code"] }, "steps": [
    { "type": "text", "text": "{{ first_name ?? 'You' }}: {{ order code }} is on its way" } ] } ],
  "blocks": [
    { "name": "welcome", "steps": [ { "type": "text", "text": "{{ subscribed ? 'Welcome' : 'Hello' }}",
      "buttons": [ { "title": "Look", "url": "https://shop.example.com" }, { "title": "Đặt hàng", "goto": "orders" } ],
      "quick_replies": [ { "title": "Later", "goto": "later" } ] } ] },
    { "name": "orders", "steps": [
      { "type": "request", "url": "https://shop.example.com/orders?p={{ url_encode(phone) }}", "save": { "status": "body.status" }, "on_error": "lost" },
      { "type": "text", "text": "It is {{ status }}" } ] },
    { "name": "later", "steps": [ { "type": "text", "text": "A moment" }, { "type": "wait", "for": "10m" }, { "type": "text", "text": "Now" },
      { "type": "ask", "text": "When?", "expect": "date", "save_to": "day", "timeout": "2h", "on_timeout": "lost", "on_fail": "lost" },
      { "type": "text", "text": "See you on {{ day }}" } ] },
    { "name": "slow", "steps": [ { "type": "typing", "for": "2s" }, { "type": "text", "text": "Here" } ] },
    { "name": "pictures", "steps": [ { "type": "text", "text": "Nice" } ] },
    { "name": "lost", "steps": [ { "type": "text", "text": "Sorry?" } ] } ]
}`

func began() time.Time { return time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC) }

func play(t *testing.T, c simulate.Config, documents ...string) *simulate.Play {
	t.Helper()
	if len(documents) == 0 {
		documents = []string{shopFlow}
	}
	var list []simulate.Document
	for _, d := range documents {
		list = append(list, simulate.Document{File: "flow.json", Text: []byte(d)})
	}
	library, problems := simulate.Publish(list)
	if library == nil {
		t.Fatalf("cannot be published: %+v", problems)
	}
	c.Library, c.Clock = library, simulate.NewClock(began())
	if c.Channels == nil {
		c.Channels = []channels.Channel{line.New(http.DefaultClient, line.Config{})}
	}
	p, err := simulate.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// said is the texts of all scenes.
func said(t *testing.T, p *simulate.Play, a simulate.Act) []string {
	t.Helper()
	scenes, err := p.Do(t.Context(), a)
	if err != nil {
		t.Fatalf("%+v: %v", a, err)
	}
	words := []string{}
	for _, s := range scenes {
		for i := range s.Messages {
			words = append(words, simulate.Words(&s.Messages[i]))
		}
	}
	return words
}

func TestAPersonTalks(t *testing.T) {
	t.Parallel()
	p := play(t, simulate.Config{As: map[string]any{"first_name": "Mai", "phone": "0912 345 678", "tags": "vip, new"},
		Bot: simulate.Bot{TimeZone: "Asia/Ho_Chi_Minh", Region: "vn"}, Stubs: []simulate.Stub{
			{URL: "https://shop.example.com/orders", Body: []byte(`{"status":"packed"}`), Times: 1},
			{URL: "https://shop.example.com/*", Body: []byte(`{"status":"sent"}`), Times: 1}}})
	if got := p.Contact(); got.Phone() != "+84912345678" || !slices.Equal(got.Tags, []string{"vip", "new"}) {
		t.Errorf("the person is %+v", got)
	}
	for _, step := range []struct {
		do   simulate.Act
		want []string
	}{
		{simulate.Follow{}, []string{"Welcome"}},
		{simulate.Tap{Title: "dat hang"}, []string{"It is packed"}},
		{simulate.Say{Text: "my order"}, []string{"It is sent"}},
		{simulate.Say{Text: "my order"}, []string{"Sorry?"}},
		{simulate.Sticker{}, []string{"Nice"}},
		{simulate.Media{Kind: blocks.Image, URL: "https://x.example/a.png"}, []string{"Nice"}},
		{simulate.Place{Location: blocks.Location{Latitude: 1}}, []string{"Nice"}},
		{simulate.Tap{Number: 3}, []string{"A moment"}},
		{simulate.Wait{For: 9 * time.Minute}, []string{}},
		{simulate.Wait{For: 2 * time.Minute}, []string{"Now", "When?"}},
		{simulate.Say{Text: "4/3/2026"}, []string{"See you on 2026-03-04"}},
		{simulate.Tap{Title: "Later"}, []string{"A moment"}},
		{simulate.Wait{For: 24 * time.Hour}, []string{"Now", "When?", "Sorry?"}},
		{simulate.Send{Block: "SHIPPED", With: map[string]any{"order_code": "A1"}}, []string{"Mai: A1 is on its way"}},
		{simulate.Say{Text: "slow"}, []string{"Here"}},
		{simulate.HandOver{For: time.Hour}, []string{}},
		{simulate.Say{Text: "hello?"}, []string{}},
		{simulate.Wait{For: time.Hour}, []string{}},
		{simulate.Say{Text: "hello?"}, []string{"Sorry?"}},
		{simulate.Unfollow{}, []string{}},
		{simulate.Referral{Ref: "x"}, []string{}},
		{simulate.Postback{Data: "x"}, []string{}},
	} {
		if got := said(t, p, step.do); !slices.Equal(got, step.want) {
			t.Errorf("%T %+v: said %q, want %q", step.do, step.do, got, step.want)
		}
	}
	if p.Contact().Attributes["order code"] != "A1" || p.Identity().BlockedAt.IsZero() || p.Now().Sub(began()) < 25*time.Hour {
		t.Errorf("afterwards %+v, %+v at %s", p.Contact(), p.Identity(), p.Now())
	}
}

func TestASceneTellsWhatHappened(t *testing.T) {
	t.Parallel()
	p := play(t, simulate.Config{Bot: simulate.Bot{TimeZone: "Asia/Taipei"}, Stubs: []simulate.Stub{{URL: "https://other.example.com"}}})
	scenes, err := p.Do(t.Context(), simulate.Say{Text: "order"})
	if err != nil || len(scenes) != 1 {
		t.Fatal(scenes, err)
	}
	s := scenes[0]
	if s.Began != "orders" || s.Outcome != engine.OutcomeAnswered || s.At.Hour() != 10 {
		t.Errorf("scene %+v", s)
	}
	if len(s.Requests) != 1 || s.Requests[0].Stubbed || s.Requests[0].URL != "https://shop.example.com/orders?p=" {
		t.Errorf("requests %+v", s.Requests)
	}
	if len(s.Shown) != 1 || s.Shown[0].Channel != channels.LINE || s.Shown[0].Calls != 1 || s.Shown[0].Objects != 1 {
		t.Errorf("shown %+v", s.Shown)
	}
	said(t, p, simulate.Follow{})
	scenes, err = p.Do(t.Context(), simulate.Tap{Title: "Later"})
	if err != nil {
		t.Fatal(err)
	}
	if w := scenes[0].Waits; w == nil || w.For != simulate.Pause || w.Block != "later" || w.Until.Before(began()) {
		t.Errorf("waits %+v", w)
	}
	said(t, p, simulate.Wait{For: time.Hour})
	said(t, p, simulate.Say{Text: "tomorrow-ish"})
	if w, err := p.Waits(); err != nil || w.For != "date" || w.Attempt != 2 {
		t.Errorf("waits %+v, %v", w, err)
	}
}

func TestASendSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	p := play(t, simulate.Config{})
	for _, c := range []struct {
		with map[string]any
		want []string
	}{
		{nil, []string{"order code"}},
		{map[string]any{"order code": "A1"}, nil},
		{nil, nil}, // the person has it by now
	} {
		scenes, err := p.Do(t.Context(), simulate.Send{Block: "shipped", With: c.with})
		if err != nil || !slices.Equal(scenes[0].Missing, c.want) {
			t.Errorf("%v: missing %q, %v", c.with, scenes[0].Missing, err)
		}
	}
}

func TestMistakesOfThePlayer(t *testing.T) {
	t.Parallel()
	p := play(t, simulate.Config{Bot: simulate.Bot{Region: "VN"}})
	said(t, p, simulate.Follow{})
	for want, act := range map[string]simulate.Act{
		"there is no button 4":           simulate.Tap{Number: 4},
		`no button "Lateer" was shown`:   simulate.Tap{Title: "Lateer"},
		"opens https://shop.example.com": simulate.Tap{Number: 1},
		"opens no picker":                simulate.Tap{Number: 2, Picked: "2026-01-01"},
		`called "shiped"`:                simulate.Send{Block: "shiped"},
		`the attribute "pionts"`:         simulate.Send{Block: "shipped", With: map[string]any{"pionts": 1}},
		`attribute "points"`:             simulate.Send{Block: "shipped", With: map[string]any{"points": "many"}},
		`phone "12"`:                     simulate.Send{Block: "shipped", With: map[string]any{"phone": "12"}},
		`"today" is known by itself`:     simulate.Send{Block: "shipped", With: map[string]any{"today": "x"}},
	} {
		scenes, err := p.Do(t.Context(), act)
		var mistake *engine.Error
		if e, ok := err.(*engine.Error); ok {
			mistake = e
		}
		if mistake == nil || scenes != nil || !strings.Contains(mistake.Message, want) {
			t.Errorf("%+v: %v, want %q", act, err, want)
		}
	}
	if p.Contact().Attributes["points"] != nil {
		t.Error("a mistake has left something")
	}
}

func TestWhoCannotBePlayed(t *testing.T) {
	t.Parallel()
	library, _ := simulate.Publish([]simulate.Document{{Text: []byte(shopFlow)}})
	for field, c := range map[string]simulate.Config{
		"time_zone":  {Bot: simulate.Bot{TimeZone: "Mars/Olympus"}},
		"subscribed": {As: map[string]any{"subscribed": "perhaps"}},
		"tags":       {As: map[string]any{"tags": 3}},
		"birthday":   {As: map[string]any{"birthday": "soon"}},
		"pionts":     {As: map[string]any{"pionts": 3}},
	} {
		c.Library, c.Clock = library, simulate.NewClock(began())
		c.Channels = []channels.Channel{line.New(http.DefaultClient, line.Config{})}
		_, err := simulate.New(c)
		e, ok := err.(*engine.Error)
		if !ok || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestFlowsNameEachOthersBlocks(t *testing.T) {
	t.Parallel()
	one := `{"format":1,"flow":"one","triggers":[{"on":"keyword","any":["go"],"block":"a"}],
		"blocks":[{"name":"a","steps":[{"type":"text","text":"A"},{"type":"goto","block":"b"}]}]}`
	two := `{"format":1,"flow":"two","triggers":[{"on":"keyword","any":["back"],"block":"b"}],
		"blocks":[{"name":"b","steps":[{"type":"text","text":"B","buttons":[{"title":"again","goto":"a"}]}]}]}`
	p := play(t, simulate.Config{}, one, two)
	if got := said(t, p, simulate.Say{Text: "go"}); !slices.Equal(got, []string{"A", "B"}) {
		t.Errorf("said %q", got)
	}
	if got := said(t, p, simulate.Tap{Title: "again"}); !slices.Equal(got, []string{"A", "B"}) {
		t.Errorf("said %q", got)
	}
	library, problems := simulate.Publish([]simulate.Document{{File: "1", Text: []byte(shopFlow)}, {File: "2", Text: []byte(strings.Replace(shopFlow, "shop", "copy", 1))}})
	if library != nil || len(problems) < 2 || problems[0].File != "1" || problems[len(problems)-1].File != "2" {
		t.Errorf("two flows with the same blocks: %+v", problems)
	}
}

func TestStubs(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]*simulate.Stub{
		"https://x.example/a":        {URL: "https://x.example/a"},
		" post  https://x.example/a": {Method: "POST", URL: "https://x.example/a"},
		"*/orders?*":                 {URL: "*/orders?*"},
		"x.example/a":                nil,
		"":                           nil,
	} {
		got, err := simulate.ReadStub(address)
		if (err != nil) != (want == nil) || want != nil && !reflect.DeepEqual(got, *want) {
			t.Errorf("%q: %+v, %v", address, got, err)
		}
	}
	lost := play(t, simulate.Config{Stubs: []simulate.Stub{{URL: "*", Method: "post"}, {URL: "*", Lost: true}}})
	scenes, err := lost.Do(t.Context(), simulate.Say{Text: "order"})
	if err != nil || !scenes[0].Requests[0].Stubbed || scenes[0].Requests[0].Status != 0 || scenes[0].Began != "orders" {
		t.Errorf("%+v, %v", scenes, err)
	}
}

func TestLike(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"abc", "abc", true}, {"abc", "abcd", false}, {"", "", true}, {"*", "", true}, {"*", "x", true},
		{"a*c", "abbc", true}, {"a*c", "ac", true}, {"a*c", "acb", false}, {"aa*aa", "aaa", false},
		{"*b*", "abc", true}, {"*b*b*", "abc", false}, {"Mã *, hạn *", "Mã X1, hạn 04/03", true},
		{`5 \* 2`, "5 * 2", true}, {`5 \* 2`, "5 x 2", false},
	} {
		if got := simulate.Like(c.pattern, c.text); got != c.want {
			t.Errorf("%q like %q: %v", c.text, c.pattern, got)
		}
	}
}

func FuzzLike(f *testing.F) {
	f.Add("a*b", "aXb")
	f.Add(`\**`, "*")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if strings.ContainsAny(text, `*\`) {
			return
		}
		if !simulate.Like(text, text) || !simulate.Like(text+"*", text) || !simulate.Like("*"+text, text) || !simulate.Like("*"+text+"*", "x"+text+"y") {
			t.Errorf("%q is not like itself", text)
		}
		simulate.Like(pattern, text)
	})
}

func TestClocks(t *testing.T) {
	t.Parallel()
	at := began()
	running := simulate.RunningClock(func() time.Time { return at })
	running.Advance(time.Hour)
	at = at.Add(time.Minute)
	if got := running.Now(); !got.Equal(began().Add(61 * time.Minute)) {
		t.Errorf("it runs to %s", got)
	}
	standing := simulate.NewClock(began())
	if a, b := standing.Now(), standing.Now(); !b.After(a) || b.Sub(began()) > time.Second {
		t.Errorf("it stands at %s, %s", a, b)
	}
}

// TestPlannedBlocks holds that what later has planned happens while time
// passes, between all else that falls due.
func TestPlannedBlocks(t *testing.T) {
	t.Parallel()
	const flow = `{
  "format": 1, "flow": "visits", "attributes": { "came": "boolean" },
  "triggers": [ { "on": "keyword", "any": ["book"], "block": "book" }, { "on": "keyword", "any": ["drop"], "block": "drop" },
    { "on": "keyword", "any": ["here"], "block": "here" } ],
  "blocks": [
    { "name": "book", "steps": [
      { "type": "later", "for": "3h", "block": "remind", "key": "visit", "cancel_when": "came", "between": "09:00-12:00" },
      { "type": "later", "for": "30m", "block": "thanks" },
      { "type": "ask", "text": "Alone?", "expect": "text", "timeout": "1h", "on_timeout": "alone", "on_fail": "alone" } ] },
    { "name": "drop", "steps": [ { "type": "cancel", "key": "visit" } ] },
    { "name": "here", "steps": [ { "type": "set", "set": { "came": true } } ] },
    { "name": "alone", "steps": [ { "type": "text", "text": "Alone then" } ] },
    { "name": "thanks", "steps": [ { "type": "text", "text": "Thanks" } ] },
    { "name": "remind", "steps": [ { "type": "text", "text": "Soon" } ] } ]
}`
	const plans = `block "remind" in 1d, on Tue 3 Mar 2026, 09:00|block "thanks" in 30m, on Mon 2 Mar 2026, 09:30|`
	for name, c := range map[string]struct {
		acts []simulate.Act
		said string // after a day; it is nine in the morning
	}{
		"all of it, the last in the morning": {nil, plans + "Thanks|Alone then|Soon"},
		"taken back":                         {[]simulate.Act{simulate.Wait{For: 2 * time.Hour}, simulate.Say{Text: "drop"}}, plans + "Thanks|Alone then"},
		"called off":                         {[]simulate.Act{simulate.Wait{For: 2 * time.Hour}, simulate.Say{Text: "here"}}, plans + "Thanks|Alone then"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := play(t, simulate.Config{Bot: simulate.Bot{TimeZone: "Asia/Ho_Chi_Minh"}}, flow)
			var said []string
			for _, a := range append(append([]simulate.Act{simulate.Say{Text: "book"}}, c.acts...), simulate.Wait{For: 24 * time.Hour}) {
				scenes, err := p.Do(t.Context(), a)
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range scenes {
					for _, p := range s.Planned {
						said = append(said, p.Words(s.At))
					}
					for i := range s.Messages {
						if words := simulate.Words(&s.Messages[i]); words != "Alone?" {
							said = append(said, words)
						}
					}
				}
			}
			if got := strings.Join(said, "|"); got != c.said {
				t.Errorf("said %s, want %s", got, c.said)
			}
		})
	}
}
