package sandbox

import (
	"encoding/json"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

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
