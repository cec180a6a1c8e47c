package sandbox

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		fault    Fault
		status   int // 0: the connection ended
		body     string
		accepted int
	}{
		{"throttle", Fault{Kind: Throttle}, 429, message(lineTooFast), 0},
		{"quota", Fault{Kind: OverQuota}, 429, message(lineOverQuota), 0},
		{"revoked", Fault{Kind: Revoked}, 401, message(lineBadToken), 0},
		{"malformed", Fault{Kind: Malformed}, 400, message(lineMalformed), 0},
		{"error", Fault{Kind: ServerError}, 500, message(lineInternal), 0},
		{"error_bare", Fault{Kind: ServerError, Status: 502, Bare: true}, 502, "<html><body><h1>Bad Gateway</h1></body></html>", 0},
		{"error_accepted", Fault{Kind: ServerError, Accepted: true, Bare: true}, 500, "", 1},
		{"lost", Fault{Kind: Lost}, 0, "", 1},
		{"reset", Fault{Kind: Reset}, 0, "", 0},
		{"latency", Fault{Kind: Latency, Min: Duration(time.Millisecond), Max: Duration(2 * time.Millisecond)}, 200, "", 1},
		{"other_endpoint", Fault{Kind: ServerError, Endpoint: LINEMulticast}, 200, "", 1},
		{"other_account", Fault{Kind: ServerError, Account: "else"}, 200, "", 1},
		{"endpoint", Fault{Kind: ServerError, Endpoint: LINEPush, Account: "shop"}, 500, "", 0},
		{"skip", Fault{Kind: ServerError, Skip: 1}, 200, "", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if err := b.SetFaults(tt.fault); err != nil {
				t.Fatal(err)
			}
			got, err := b.try("POST", "/line/v2/bot/message/push", `{"to":"`+b.mai+`","messages":[`+hello+`]}`)
			if (err != nil) != (tt.status == 0) {
				t.Fatalf("got %+v, %v", got, err)
			}
			if err == nil {
				b.want(got, tt.status, tt.body)
			}
			if n := len(b.Accepted()); n != tt.accepted {
				t.Errorf("accepted %d", n)
			}
			if c := b.Counts(); c.Requests != 1 {
				t.Errorf("counted %+v", c)
			}
		})
	}
}

func TestFaultsOfChosenPeople(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.SetFaults(Fault{Kind: Refuse, Users: []string{b.lan}}); err != nil {
		t.Fatal(err)
	}
	b.want(b.push(b.mai), 200, "")
	b.want(b.push(b.lan), 400, message(failedToSend))
	b.want(b.multicast(b.mai, b.lan), 400, faultAt("to[1]", "The user does not exist"))
	b.want(b.reply(b.write(b.lan, "hi").ReplyToken), 400, message(badReplyToken))
	b.want(b.call("GET", "/line/v2/bot/profile/"+b.lan, ""), 404, "")

	if err := b.SetFaults(Fault{Kind: ServerError, Users: []string{b.lan}}); err != nil {
		t.Fatal(err)
	}
	b.want(b.push(b.mai), 200, "")
	b.want(b.push(b.lan), 500, "")
	b.want(b.reply(b.write(b.lan, "hi").ReplyToken), 500, "")
	b.want(b.multicast(b.mai, b.lan), 500, "")
}

func TestFaultsEndAndAreCounted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.SetFaults(Fault{Kind: ServerError, Skip: 1, Count: 2}, Fault{Kind: Throttle, Count: 1}); err != nil {
		t.Fatal(err)
	}
	// The first listed strikes; one that does not strike lets the next.
	for i, want := range []int{429, 500, 500, 200, 200} {
		if got := b.push(b.mai); got.status != want {
			t.Errorf("call %d: %d, want %d", i, got.status, want)
		}
	}
	states := b.Faults()
	if states[0].Hits != 2 || states[0].Seen != 5 || states[1].Hits != 1 {
		t.Errorf("states %+v", states)
	}
	if c := b.Counts(); c.Faults != 3 || c.Requests != 5 || c.Refused[500] != 2 {
		t.Errorf("counted %+v", c)
	}
}

func TestChanceIsTheSameWithTheSameSeed(t *testing.T) {
	t.Parallel()
	outcome := func(seed uint64) string {
		b := setup(t, func(c *Config, _ *LINEAccount) { c.Seed = seed })
		if err := b.SetFaults(Fault{Kind: ServerError, Probability: 0.5}); err != nil {
			t.Fatal(err)
		}
		var s strings.Builder
		for range 40 {
			if b.push(b.mai).status == 200 {
				s.WriteByte('.')
			} else {
				s.WriteByte('x')
			}
		}
		return s.String()
	}
	one, again, other := outcome(1), outcome(1), outcome(2)
	if one != again || one == other || !strings.Contains(one, ".") || !strings.Contains(one, "x") {
		t.Errorf("seed 1 %s\nagain  %s\nseed 2 %s", one, again, other)
	}
}

func TestFaultsAreChecked(t *testing.T) {
	t.Parallel()
	s := New(Config{})
	for want, f := range map[string]Fault{
		"kind:":        {Kind: "mood"},
		"probability:": {Kind: Lost, Probability: 2},
		"skip:":        {Kind: Lost, Skip: -1},
		"count:":       {Kind: Lost, Count: -1},
		"users:":       {Kind: Refuse},
		"min:":         {Kind: Latency, Min: Duration(time.Hour)},
		"max:":         {Kind: Latency, Min: 2, Max: 1},
		"status:":      {Kind: ServerError, Status: 404},
		"accepted:":    {Kind: Throttle, Accepted: true},
	} {
		if err := s.SetFaults(f); err == nil || !strings.HasPrefix(err.Error(), "faults[0]."+want) {
			t.Errorf("SetFaults(%+v) = %v, want %s", f, err, want)
		}
	}
}

// A caller that gave up does not undo what the platform accepts later.
func TestALateAcceptanceStillHappens(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.SetFaults(Fault{Kind: Latency, Min: Duration(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Timeout: 20 * time.Millisecond}
	req, _ := http.NewRequest("POST", b.server.URL+"/line/v2/bot/message/push", strings.NewReader(`{"to":"`+b.mai+`","messages":[`+hello+`]}`))
	req.Header.Set("Authorization", "Bearer "+bearer)
	req.Header.Set("Content-Type", "application/json")
	if _, err := client.Do(req); err == nil {
		t.Fatal("answered at once")
	}
	b.Sandbox.Close() // ends the delay
	calls, err := b.WaitFor(t.Context(), b.mai, 1)
	if err != nil || len(calls) != 1 {
		t.Errorf("accepted %v, %v", calls, err)
	}
}
