package sandbox

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// busy answers 503 to the first posts, then 200, and keeps what came.
type busy struct {
	mu    sync.Mutex
	times int
	got   []string
}

func (h *busy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.got = append(h.got, string(body))
	if len(h.got) <= h.times {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func TestABusyServerIsToldAgain(t *testing.T) {
	t.Parallel()
	for name, account := range map[string]string{"LINE": "line", "Messenger": "page"} {
		for _, c := range []struct {
			name  string
			times int
			again time.Duration
			posts int
			taken bool
		}{
			{"until it takes it", 1, time.Minute, 2, true},
			{"once, where nobody delivers again", 1, 0, 1, false},
			{"until the time is over", 9, 2 * firstPause, 3, false}, // after 100 and 200 ms
		} {
			t.Run(name+" "+c.name, func(t *testing.T) {
				t.Parallel()
				told := &busy{times: c.times}
				server := httptest.NewServer(told)
				t.Cleanup(server.Close)
				s := New(Config{Redeliver: c.again})
				if err := s.AddLINEAccount(LINEAccount{Name: "line", ChannelSecret: "s", AccessToken: "t", WebhookURL: server.URL}); err != nil {
					t.Fatal(err)
				}
				if err := s.AddMessengerAccount(MessengerAccount{Name: "page", AppSecret: "s", AccessToken: "p", WebhookURL: server.URL}); err != nil {
					t.Fatal(err)
				}
				p, err := s.AddPerson(Person{Account: account, Name: "Mai", Friend: true})
				if err != nil {
					t.Fatal(err)
				}
				e, err := s.Write(t.Context(), account, p.ID, "hi")
				if (err == nil) != c.taken || (e.Status == http.StatusOK) != c.taken {
					t.Errorf("it is answered %d, %v", e.Status, err)
				}
				if len(told.got) != c.posts {
					t.Fatalf("it was told %d times, want %d", len(told.got), c.posts)
				}
				for n, body := range told.got {
					if !strings.Contains(body, e.ID) {
						t.Errorf("event %s is not in post %d: %s", e.ID, n, body)
					}
					if account == "line" && strings.Contains(body, `"isRedelivery":true`) != (n > 0) {
						t.Errorf("post %d says %s", n, body)
					}
				}
			})
		}
	}
}
