package sandbox

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

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
