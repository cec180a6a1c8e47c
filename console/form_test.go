package console

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/blockcast/blockcast/engine"
)

// A plan that the page shows and saves again says what it said, also where the
// page has no field for it.
func TestAFormKeepsAPlan(t *testing.T) {
	t.Parallel()
	bot := &engine.Bot{TimeZone: "Asia/Taipei"}
	for name, p := range map[string]engine.Plan{
		"a block to everyone": {Subject: "a", Intent: engine.IntentUtility, Content: engine.Content{Block: "hello"}, Audience: engine.Audience{All: true}},
		"an expression with an exclusion": {Subject: "a", Intent: engine.IntentPromotional, Category: "c", Content: engine.Content{Block: "hello"},
			Audience: engine.Audience{Where: `"vip" in tags`, Exclude: &engine.Audience{Where: "blocked"}, First: 5, Accounts: []string{"x"}, EveryIdentity: true}},
		"a segment without a list": {Subject: "a", Intent: engine.IntentDirect, Content: engine.Content{Block: "hello"},
			Audience: engine.Audience{Segment: "s", Exclude: &engine.Audience{List: "l"}}, Attributes: map[string]any{"city": "Huế"}},
		"a list at a time": {Subject: "a", Intent: engine.IntentDirect, Content: engine.Content{Block: "hello"}, Audience: engine.Audience{List: "l"},
			When: engine.When{At: "2026-12-24T09:00", TimeZone: "Asia/Tokyo", Local: true, MaxLateness: "2h"}, Tags: []string{"a", "b"}, AllowQuestions: true, AllowRequests: true},
		"again and again": {Subject: "a", Intent: engine.IntentPromotional, Content: engine.Content{Block: "hello"}, Audience: engine.Audience{All: true}, Unsubscribe: true,
			When: engine.When{At: "2026-12-24T09:00", TimeZone: "Asia/Taipei", Repeat: &engine.Repeat{Weekdays: []string{"mon", "fri"}, Until: "2027-01-01", Times: 4}}},
		"daily, awaited": {Subject: "a", Intent: engine.IntentUtility, Content: engine.Content{Block: "hello"}, Audience: engine.Audience{All: true}, Transactional: true,
			When: engine.When{At: "2026-12-24T09:00", TimeZone: "Asia/Taipei", Repeat: &engine.Repeat{EveryDays: 1}}},
		"what is held out and noted": {Subject: "a", Intent: engine.IntentPromotional, HoldOut: 7, Track: engine.TrackCount, Content: engine.Content{Block: "hello"}, Audience: engine.Audience{All: true},
			Tags: []string{"t"}, Attributes: map[string]any{"city": "Huế", "points": 7.0, "vip": true, "more": []any{"a", 1.0}}},
		"who is on several": {Subject: "a", Intent: engine.IntentPromotional, Content: engine.Content{Block: "hello"}, Audience: engine.Audience{All: true, Accounts: []string{"x", "y", "z"},
			Exclude: &engine.Audience{Segment: "s", Exclude: &engine.Audience{Where: "blocked"}}}},
		"as it was checked": {Subject: "a", Intent: engine.IntentPromotional, Content: engine.Content{Block: "hello"}, Audience: engine.Audience{All: true}, Frozen: true, Tolerance: 5,
			AllowRequests: true, FetchNow: true, When: engine.When{At: "2026-12-24T09:00", TimeZone: "Asia/Tokyo", MaxLateness: "30m"}},
		"variants of all kinds": {Subject: "a", Intent: engine.IntentPromotional, Audience: engine.Audience{All: true},
			Variants: []engine.Variant{{Name: "x", Weight: 1, Content: engine.Content{Block: "hello"}},
				{Name: "y", Weight: 2, Content: engine.Content{Messages: json.RawMessage(`[{"type":"text","text":"Hi"}]`)}},
				{Name: "z", Weight: 3, Content: engine.Content{Messages: json.RawMessage(`[{"type":"text","text":"Hi"},{"type":"text","text":"again"}]`)}},
				{Name: "t", Weight: 4, Content: engine.Content{Template: json.RawMessage(`{"name":"n","language":"vi"}`)}}}},
		"a template with values": {Subject: "a", Intent: engine.IntentUtility, Audience: engine.Audience{All: true},
			Content: engine.Content{Template: json.RawMessage(`{"name":"order_ready","language":"en_US","body":["{{ first_name }}","A-17"]}`)}},
		"a template with buttons": {Subject: "a", Intent: engine.IntentUtility, Audience: engine.Audience{All: true},
			Content: engine.Content{Template: json.RawMessage(`{"name":"n","language":"vi","buttons":[{"none":true}]}`)}},
		"variants": {Subject: "a", Intent: engine.IntentPromotional, Audience: engine.Audience{All: true}, HoldOut: 10,
			Variants: []engine.Variant{{Name: "x", Weight: 1, Content: engine.Content{Block: "hello"}}, {Name: "y", Weight: 2, Content: engine.Content{Block: "other"}}}},
		"a template": {Subject: "a", Intent: engine.IntentUtility, Audience: engine.Audience{All: true}, Content: engine.Content{Template: json.RawMessage(`{"name":"t"}`)}},
		"messages with fields": {Subject: "a", Intent: engine.IntentPromotional, Audience: engine.Audience{All: true},
			Content: engine.Content{Messages: json.RawMessage(`[{"type":"text","text":"Hi","buttons":[{"title":"Look","url":"https://x.example"}]},{"type":"image","url":"https://x.example/a.png"}]`)}},
		"messages without": {Subject: "a", Intent: engine.IntentPromotional, Audience: engine.Audience{All: true},
			Content: engine.Content{Messages: json.RawMessage(`[{"type":"text","text":"Hi","quick_replies":[{"title":"Yes","goto":"x"}]}]`)}},
	} {
		f := formOf(&engine.Broadcast{Plan: p, Version: 3}, bot)
		got, err := f.plan()
		if err != nil || !reflect.DeepEqual(got, p) {
			t.Errorf("%s: became %+v, %v", name, got, err)
		}
	}
}

// A moment that a call named with its offset stands in the page's field, which
// knows no offsets, and stays that moment unless another time is chosen.
func TestAFormShowsAMoment(t *testing.T) {
	t.Parallel()
	bot := &engine.Bot{TimeZone: "Europe/Berlin"}
	for name, c := range map[string]struct{ at, zone, shown, then, want string }{
		"on the bot's clock":           {at: "2026-12-24T09:00:00+08:00", shown: "2026-12-24T02:00", want: "2026-12-24T09:00:00+08:00"},
		"on the plan's":                {at: "2026-12-24T09:00:30Z", zone: "Asia/Tokyo", shown: "2026-12-24T18:00:30", want: "2026-12-24T09:00:30Z"},
		"the second of two equal ones": {at: "2026-10-25T01:30:00Z", shown: "2026-10-25T02:30", want: "2026-10-25T01:30:00Z"},
		"another one":                  {at: "2026-12-24T09:00:00+08:00", shown: "2026-12-24T02:00", then: "2026-12-24T08:00", want: "2026-12-24T08:00"},
		"a clock's":                    {at: "2026-12-24T09:00", shown: "2026-12-24T09:00", want: "2026-12-24T09:00"},
	} {
		p := engine.Plan{Subject: "a", Content: engine.Content{Block: "hello"}, Audience: engine.Audience{All: true}, When: engine.When{At: c.at, TimeZone: c.zone}}
		f := formOf(&engine.Broadcast{Plan: p}, bot)
		if f.At != c.shown {
			t.Errorf("%s: shown as %s, want %s", name, f.At, c.shown)
		}
		if c.then != "" {
			f.At = c.then
		}
		if got, err := f.plan(); err != nil || got.When.At != c.want {
			t.Errorf("%s: became %s, %v, want %s", name, got.When.At, err, c.want)
		}
	}
}

func FuzzReadMessages(f *testing.F) {
	for _, seed := range []string{`[]`, `[{"type":"text","text":"Hi"}]`, `{"type":"text"}`, `[{"type":"image","url":"u","buttons":[]}]`, `[{"type":"text","buttons":[{"title":"a"}]}]`, `[null]`, `[1`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fields, raw := readMessages(json.RawMessage(text))
		if raw == "" && text != "" {
			var said []formMessage
			for _, m := range fields {
				if !m.Empty() {
					said = append(said, m)
				}
			}
			back, err := writeMessages("", said)
			if len(said) > 0 && (err != nil || !sameJSON(back, json.RawMessage(text))) {
				t.Fatalf("%s became %s, %v", text, back, err)
			}
		}
		if raw != "" && raw != text {
			t.Fatalf("%q became %q", text, raw)
		}
	})
}

func FuzzCookie(f *testing.F) {
	k := New(Config{Keys: [][]byte{[]byte("key")}})
	for _, seed := range []string{"", ".", "e30.QUJD", "x.y.z", "\x00.\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cookie string) {
		var got ticket
		if k.opened(cookie, &got) {
			t.Fatalf("%q was believed", cookie)
		}
	})
}
