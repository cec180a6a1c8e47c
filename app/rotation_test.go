package app

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/blockcast/blockcast/app/keys"
)

// The instance's key is changed while servers work: they run with the new one
// in front of the old, everything is sealed again under them, and the old one
// is dropped.
func TestTheKeyIsRotatedUnderARunningServer(t *testing.T) {
	t.Parallel()
	s := newTrial(t, production(t))
	old, fresh := s.env["BLOCKCAST_SECRET_KEY"], keys.New()
	stop := s.serve()
	s.open(trialFlow)
	s.does("secrets", "set", "crm", "a value that is sealed")
	stop()
	s.env["BLOCKCAST_SECRET_KEY"] = fresh + "," + old
	stop = s.serve()
	people := s.people(8)
	over := make(chan struct{})
	var load sync.WaitGroup
	sent := make([]int, len(people))
	for n, person := range people {
		load.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				if status, text := s.sends(person, "news"); status != http.StatusAccepted {
					t.Errorf("a send while keys are changed: %d %s", status, text)
					return
				}
				sent[n]++
				if sent[n] == 40 {
					return
				}
			}
		})
	}
	before := s.asks(`SELECT secrets FROM accounts`)
	if out := s.does("secrets", "rotate"); !strings.Contains(out, "may be dropped") {
		t.Errorf("rotate says %s", out)
	}
	if after := s.asks(`SELECT secrets FROM accounts`); fmt.Sprint(after) == fmt.Sprint(before) {
		t.Error("nothing was sealed again")
	}
	load.Wait()
	close(over)
	for n, person := range people {
		s.hears(person, sent[n])
	}
	stop()
	s.env["BLOCKCAST_SECRET_KEY"] = fresh
	s.serve()
	if _, err := s.line.Write(t.Context(), "shop", people[0], "hello"); err != nil { // verified with a secret that was sealed again
		t.Fatal(err)
	}
	s.hears(people[0], sent[0]+1)
}

// The platform's token is changed: the account is paused with what it owes,
// loudly; new credentials let everything go out.
func TestAPlatformsTokenIsRotatedUnderARunningServer(t *testing.T) {
	trials(t, func(t *testing.T, s *trial) {
		s.serve()
		s.open(trialFlow)
		mai := s.people(1)[0]
		s.sends(mai, "news")
		s.hears(mai, 1)
		const fresh = "shop-access-token-of-next-year"
		s.goodToken.Store(fresh)
		if status, text := s.sends(mai, "news"); status != http.StatusAccepted {
			t.Fatalf("%d %s", status, text)
		}
		s.waits(`SELECT state FROM accounts`, "paused")
		out := s.does("status")
		for _, want := range []string{"SILENT ACCOUNT", s.account, "1 line paused", "1 queued"} {
			if !strings.Contains(out, want) {
				t.Errorf("the status does not say %q:\n%s", want, out)
			}
		}
		if !strings.Contains(s.log.String(), `"msg":"account paused"`) {
			t.Error("the log does not say it")
		}
		if _, metrics := s.calls("GET", "/metrics", "", ""); !strings.Contains(metrics, `blockcast_platform_errors_total{channel="line",kind="auth"} `) {
			t.Error("the metrics do not say it")
		}
		path := "/v1/bots/" + s.bot + "/accounts/" + s.account
		if status, text := s.calls("PATCH", path, s.token, `{"credentials":{"channel_access_token":"still wrong"},"state":"active"}`); status < 400 {
			t.Errorf("a wrong token was taken: %d %s", status, text)
		}
		if status, text := s.calls("PATCH", path, s.token, `{"credentials":{"channel_access_token":"`+fresh+`"},"state":"active"}`); status != http.StatusOK {
			t.Fatalf("the new token: %d %s", status, text)
		}
		s.hears(mai, 2)
	})
}

// A token of the API is rotated: both secrets open for the overlap, then the new
// one alone; without overlap the old one ends at once, for all servers.
func TestAnAPITokenIsRotatedUnderARunningServer(t *testing.T) {
	trials(t, func(t *testing.T, s *trial) {
		s.serve()
		s.open(trialFlow)
		path := "/v1/bots/" + s.bot
		rotate := func(token, overlap string) string {
			status, text := s.calls("POST", path+"/tokens/ops/rotate", token, `{"overlap":"`+overlap+`"}`)
			if status >= 300 {
				t.Fatalf("rotate: %d %s", status, text)
			}
			return s.field(text, "token")
		}
		opens := func(token string, want int) {
			t.Helper()
			if status, text := s.calls("GET", path, token, ""); status != want {
				t.Errorf("%d %s, want %d", status, text, want)
			}
		}
		second := rotate(s.token, "1h")
		opens(s.token, http.StatusOK)
		opens(second, http.StatusOK)
		third := rotate(second, "0s")
		opens(second, http.StatusUnauthorized)
		opens(third, http.StatusOK)
	})
}
