package app

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// visits goes through the doors that have secrets of their own: outgoing
// webhooks, the page's sign-in, Omnichat's calls and counted links. It returns
// the secrets, and what was said behind the doors.
func (s *trial) visits(imported, guessed string) (secrets map[string]string, said string) {
	s.t.Helper()
	made := s.does("webhooks", "create", "http://127.0.0.1:1/hook", "--topic", "*", "--json")
	hook, first := s.field(made, "id"), s.field(made, "secret")
	second := s.field(s.does("webhooks", "rotate", hook, "--json"), "secret")
	_, errs, _ := typedIn(s.t, s.env, "webhooks", "test", hook) // nobody listens there
	said = errs + s.does("webhooks", "list") + s.does("webhooks", "deliveries", hook)

	link, cookie, page := s.signsIn()
	said += page
	for _, token := range []string{imported, guessed} {
		for _, path := range []string{"/v1/direct-message", "/v1/broadcast", "/v1/channels"} {
			_, text := s.calls("POST", path+"?token="+token, token, `{"token":"`+token+`"`)
			said += text
		}
	}
	const tap = "AZ-made-up-end-of-a-link-that-counts-7c1e"
	for _, path := range []string{"/c/" + tap, "/c/" + tap + "/more"} {
		_, text := s.calls("GET", path, "", "")
		said += text
	}
	return map[string]string{
		"webhook's secret": strings.TrimPrefix(first, "whsec_"), "webhook's next secret": strings.TrimPrefix(second, "whsec_"),
		"link that signs in": link, "session": cookie, "counted link": tap,
	}, said
}

// broadcasts sends to many what asks a system with the flow's secret, once as it
// goes and once for its check, and returns all that is told of both.
func (s *trial) broadcasts() (said string) {
	s.t.Helper()
	for _, fetchNow := range []string{"false", "true"} {
		plan := write(s.t, "plan.json", `{"content": {"block": "look up"}, "audience": {"all": true}, "intent": "utility", "allow_questions": true, "allow_requests": true, "fetch_now": `+fetchNow+`}`)
		id := s.field(s.does("broadcasts", "create", "Orders", "--plan", plan, "--json"), "id")
		if fetchNow == "true" {
			said += s.does("broadcasts", "prepare", id, "--json")
		}
		s.does("broadcasts", "start", id, "--follow")
		for _, what := range []string{"show", "report", "recipients", "why"} {
			args := []string{"broadcasts", what, id}
			if what == "why" {
				args = append(args, "1")
			}
			said += s.does(args...) + s.does(append(args, "--json")...)
		}
		for _, path := range []string{"", "/preflight", "/report", "/recipients/export", "/recipients/1"} {
			_, text := s.calls("GET", "/v1/bots/"+s.bot+"/broadcasts/"+id+path, s.token, "")
			said += text
		}
	}
	if n := strings.Count(said, "\n1 = 1 sent\n"); n != 2 {
		s.t.Errorf("%d of 2 broadcasts went out: %s", n, said)
	}
	return said
}

// signsIn opens the page by a link, looks around, and writes without the page's
// own word that it may.
func (s *trial) signsIn() (link, session, said string) {
	s.t.Helper()
	address, err := url.Parse(s.field(s.does("console", "--json", "--url", s.base, "--token", s.token), "url"))
	s.must(err)
	link = address.Fragment
	address.Fragment = ""
	jar, err := cookiejar.New(nil)
	s.must(err)
	browser := &http.Client{Jar: jar}
	for _, open := range []func() (*http.Response, error){
		func() (*http.Response, error) { return browser.Get(address.String()) },
		func() (*http.Response, error) {
			return browser.PostForm(address.String(), url.Values{"token": {link}})
		},
		func() (*http.Response, error) { return browser.Get(s.base + "/broadcasts") },
		func() (*http.Response, error) {
			return browser.PostForm(address.String(), url.Values{"token": {link}}) // it is used up
		},
		func() (*http.Response, error) {
			return browser.PostForm(s.base+"/broadcasts/sign-out", url.Values{"csrf": {"guessed"}})
		},
	} {
		answer, err := open()
		s.must(err)
		said += s.read(answer)
	}
	for _, c := range jar.Cookies(&url.URL{Scheme: address.Scheme, Host: address.Host, Path: "/broadcasts"}) {
		session = c.Value
	}
	if link == "" || len(session) < 40 || !strings.Contains(said, "shop") {
		s.t.Fatalf("nobody was signed in by %q: %q\n%s", link, session, said)
	}
	return link, session, said
}

// Log lines of counted links do not tell the links' ends.
func TestALinksEndIsNotLogged(t *testing.T) {
	trials(t, func(t *testing.T, s *trial) {
		s.serve()
		s.calls("GET", "/c/an-end-that-counts", "", "")
		if log := s.log.String(); !strings.Contains(log, `"path":"/c/…"`) || strings.Contains(log, "an-end-that-counts") {
			t.Errorf("the log says %s", log)
		}
	})
}
