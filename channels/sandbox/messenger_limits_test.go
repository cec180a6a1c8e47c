package sandbox

import (
	"strings"
	"testing"
	"time"
)

// What may be sent hangs on when the person last wrote.
func TestMessengerWindow(t *testing.T) {
	t.Parallel()
	const (
		agent   = `"messaging_type":"MESSAGE_TAG","tag":"HUMAN_AGENT","message":{"text":"a"}`
		utility = ready
		typing  = `"sender_action":"typing_on"`
	)
	p := setupPage(t)
	check := func(when string, to string, want map[string]string) {
		t.Helper()
		for rest, fault := range want {
			if got := faultOf(t, p.send(to, rest)); got != fault {
				t.Errorf("%s, %s: %q, want %q", when, rest, got, fault)
			}
		}
	}
	const closed = "10/2018278"
	check("an hour later", p.mai, map[string]string{said: "", agent: "", utility: "", typing: ""})
	p.clock.pass(22*time.Hour + 59*time.Minute)
	check("a minute before a day", p.mai, map[string]string{said: "", agent: "", utility: "", typing: ""})
	p.clock.pass(time.Minute)
	check("after a day", p.mai, map[string]string{said: closed, agent: "", utility: "", typing: closed})
	p.clock.pass(6 * 24 * time.Hour)
	check("after a week", p.mai, map[string]string{said: closed, agent: closed, utility: ""})
	p.connect()
	p.write(p.mai, "hi")
	check("after they wrote", p.mai, map[string]string{said: "", agent: ""})
	p.clock.pass(2 * 24 * time.Hour)
	if _, err := p.Edit(t.Context(), "shop", p.mai, "m_1", "hello"); err != nil {
		t.Fatal(err)
	}
	check("after an edit", p.mai, map[string]string{said: closed})
	if _, err := p.React(t.Context(), "shop", p.mai, "m_2", "❤"); err != nil {
		t.Fatal(err)
	}
	check("after a reaction", p.mai, map[string]string{said: ""})
	never := p.person(Person{Name: "Vy"})
	check("who never wrote", never, map[string]string{said: closed, agent: closed, utility: ""})

	barred := setupPage(t, func(_ *Config, a *MessengerAccount) { a.NoHumanAgent = true })
	if got := faultOf(t, barred.send(barred.mai, agent)); got != "10/0" {
		t.Errorf("without the feature: %q", got)
	}
}

// A blocked Page is not told of it; its calls are refused until they write.
func TestMessengerBlocked(t *testing.T) {
	t.Parallel()
	p := setupPage(t).connect()
	if _, err := p.Unfollow(t.Context(), "shop", p.mai); err != nil {
		t.Fatal(err)
	}
	if got := faultOf(t, p.send(p.mai, said)); got != "551/1545041" {
		t.Errorf("got %q", got)
	}
	if _, err := p.Write(t.Context(), "shop", p.mai, "hi"); err == nil {
		t.Error("somebody who blocked the Page wrote to it")
	}
	if n := p.Counts().Events; n != 0 {
		t.Errorf("the Page was told: %d events", n)
	}
	if _, err := p.Follow(t.Context(), "shop", p.mai); err != nil {
		t.Fatal(err)
	}
	if got := p.send(p.mai, said); got.status != 200 {
		t.Errorf("after they came back: %s", got.body)
	}
}

func TestMessengerRates(t *testing.T) {
	t.Parallel()
	const film = `"messaging_type":"RESPONSE","message":{"attachment":{"type":"video","payload":{"url":"https://ex.example/a.mp4"}}}`
	p := setupPage(t, func(c *Config, _ *MessengerAccount) {
		c.Rates = map[Endpoint]Rate{MessengerSend: {2, time.Second}, messengerMedia: {1, time.Second}}
	})
	for i, c := range []struct{ rest, fault string }{{said, ""}, {said, ""}, {said, "80006/0"}, {film, ""}, {film, "80006/0"}} {
		got := p.send(p.mai, c.rest)
		if fault := faultOf(t, got); fault != c.fault {
			t.Errorf("call %d: %q, want %q", i, fault, c.fault)
		}
		if c.fault != "" && !strings.Contains(got.header.Get("X-Business-Use-Case-Usage"), "estimated_time_to_regain_access") {
			t.Errorf("call %d does not say when to come back", i)
		}
	}
	p.clock.pass(time.Second)
	if got := p.send(p.mai, said); got.status != 200 {
		t.Errorf("a second later: %s", got.body)
	}
}

func TestMessengerFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault    Fault
		status   int // 0: the connection ended
		code     string
		accepted int
	}{
		"throttle":       {Fault{Kind: Throttle}, 400, "80006/0", 0},
		"quota":          {Fault{Kind: OverQuota}, 400, "80006/0", 0},
		"revoked":        {Fault{Kind: Revoked}, 400, "190/0", 0},
		"malformed":      {Fault{Kind: Malformed}, 400, "100/0", 0},
		"error":          {Fault{Kind: ServerError}, 500, "2/0", 0},
		"bare error":     {Fault{Kind: ServerError, Status: 502, Bare: true}, 502, "", 0},
		"error after it": {Fault{Kind: ServerError, Accepted: true, Bare: true}, 500, "", 1},
		"lost":           {Fault{Kind: Lost}, 0, "", 1},
		"reset":          {Fault{Kind: Reset}, 0, "", 0},
		"latency":        {Fault{Kind: Latency, Min: Duration(time.Millisecond)}, 200, "", 1},
		"other endpoint": {Fault{Kind: ServerError, Endpoint: MessengerAction}, 200, "", 1},
		"other account":  {Fault{Kind: ServerError, Account: "else"}, 200, "", 1},
		"this endpoint":  {Fault{Kind: ServerError, Endpoint: MessengerSend, Account: "shop"}, 500, "2/0", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := setupPage(t)
			if err := p.SetFaults(c.fault); err != nil {
				t.Fatal(err)
			}
			got, err := p.try("POST", "/graph/v25.0/me/messages", `{"recipient":{"id":"`+p.mai+`"},`+said+`}`, "Authorization", "Bearer "+pageToken)
			if (err != nil) != (c.status == 0) {
				t.Fatalf("got %+v, %v", got, err)
			}
			if err == nil && (got.status != c.status || faultOf(t, got) != c.code) {
				t.Errorf("answered %d %s", got.status, got.body)
			}
			if n := len(p.Accepted()); n != c.accepted {
				t.Errorf("accepted %d", n)
			}
		})
	}
	p := setupPage(t)
	if err := p.SetFaults(Fault{Kind: Refuse, Users: []string{p.lan}}); err != nil {
		t.Fatal(err)
	}
	if got := faultOf(t, p.send(p.lan, said)); got != "551/1545041" {
		t.Errorf("a refused person: %q", got)
	}
	if got := p.send(p.mai, said); got.status != 200 {
		t.Errorf("another: %s", got.body)
	}
}

// A Page that broke a rule is told so, and sends nothing until it is forgiven.
func TestMessengerPolicy(t *testing.T) {
	t.Parallel()
	p := setupPage(t).connect()
	for _, c := range []struct {
		action, fault string
		barred        bool
	}{{PolicyWarning, "", false}, {PolicyBlock, "10/1893063", true}, {PolicyUnblock, "", false}} {
		if err := p.Enforce(t.Context(), "shop", c.action, "spam"); err != nil {
			t.Fatal(err)
		}
		got := p.next()
		if len(got.Notices) != 1 || got.Notices[0].Message != c.action+": spam" || got.Notices[0].Barred != c.barred || got.Notices[0].Account != pageID {
			t.Errorf("%s was told as %+v", c.action, got.Notices)
		}
		if fault := faultOf(t, p.send(p.mai, `"messaging_type":"RESPONSE","message":{"text":"a"}`)); fault != c.fault {
			t.Errorf("after a %s a message is answered %q, want %q", c.action, fault, c.fault)
		}
		if c.fault == "" {
			p.next() // its echo
			p.next() // its delivery
		}
	}
}
