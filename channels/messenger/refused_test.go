package messenger

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
)

const (
	later   = channels.RetryLater
	never   = channels.RetryNever
	unknown = channels.RetryUnknown

	onPerson  = channels.ScopeRecipient
	onAccount = channels.ScopeAccount
	onApp     = channels.ScopeApp
)

// What follows from each of Meta's codes.
func TestRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status, code, subcode int
		want                  class
	}{
		{403, 10, 2018278, class{channels.KindWindowClosed, onPerson, never}},
		{403, 10, 2018065, class{channels.KindWindowClosed, onPerson, never}},
		{403, 10, 2534022, class{channels.KindWindowClosed, onPerson, never}},
		{403, 10, 2018108, class{channels.KindBlocked, onPerson, never}},
		{403, 10, 1893063, class{channels.KindRestricted, onAccount, later}},
		{403, 10, 0, class{channels.KindAuth, onAccount, later}},
		{403, 10, 2018999, class{channels.KindAuth, onAccount, later}},
		{403, 3, 0, class{channels.KindAuth, onAccount, later}},
		{403, 200, 2018028, class{channels.KindAuth, onAccount, later}},
		{403, 230, 0, class{channels.KindAuth, onAccount, later}},
		{403, 299, 0, class{channels.KindAuth, onAccount, later}},
		{400, 300, 0, class{channels.KindContent, onPerson, never}},
		{400, 551, 1545041, class{channels.KindBlocked, onPerson, never}},
		{400, 551, 0, class{channels.KindBlocked, onPerson, never}},
		{403, 200, 1545041, class{channels.KindBlocked, onPerson, never}},
		{400, 1545041, 0, class{channels.KindWindowClosed, onPerson, never}},
		{400, 100, 2018001, class{channels.KindBlocked, onPerson, never}},
		{400, 100, 33, class{channels.KindBlocked, onPerson, never}},
		{400, 100, 2018109, class{channels.KindContent, onPerson, never}},
		{400, 100, 2018008, class{channels.KindContent, onPerson, never}},
		{400, 100, 2018074, class{channels.KindContent, onPerson, never}},
		{400, 100, 0, class{channels.KindContent, onPerson, never}},
		{400, 2018173, 0, class{channels.KindContent, onPerson, never}},
		{400, 100, 2018188, class{channels.KindContent, onPerson, never}},
		{400, 190, 460, class{channels.KindAuth, onAccount, later}},
		{401, 190, 0, class{channels.KindAuth, onAccount, later}},
		{401, 0, 0, class{channels.KindAuth, onAccount, later}},
		{400, 102, 0, class{channels.KindAuth, onAccount, later}},
		{403, 4, 0, class{channels.KindThrottled, onApp, later}},
		{400, 17, 0, class{channels.KindThrottled, onAccount, later}},
		{400, 32, 0, class{channels.KindThrottled, onAccount, later}},
		{400, 613, 1996, class{channels.KindThrottled, onAccount, later}},
		{400, 80001, 0, class{channels.KindThrottled, onAccount, later}},
		{400, 80006, 0, class{channels.KindThrottled, onAccount, later}},
		{400, 341, 0, class{channels.KindThrottled, onApp, later}},
		{429, 12345, 0, class{channels.KindThrottled, onAccount, later}},
		{400, 4, 2018022, class{channels.KindThrottled, onPerson, later}},
		{400, 4, 2018354, class{channels.KindThrottled, onPerson, later}},
		{400, 9, 2018352, class{channels.KindThrottled, onPerson, later}},
		{400, 368, 0, class{channels.KindRestricted, onAccount, later}},
		{400, 2022, 0, class{channels.KindRestricted, onAccount, later}},
		{500, 1, 0, class{channels.KindDown, onAccount, later}},
		{500, 2, 0, class{channels.KindDown, onAccount, later}},
		{400, 1200, 0, class{channels.KindDown, onAccount, later}},
		{503, 77, 0, class{channels.KindDown, onAccount, later}},
		{400, 1, 99, class{channels.KindDown, onAccount, later}},
		{400, 1, 1357046, class{channels.KindDown, onAccount, unknown}},
		{400, 10, 2018300, class{channels.KindRestricted, onPerson, never}},
		{400, 100, 2018321, class{channels.KindRestricted, onPerson, never}},
		{400, 506, 0, class{channels.KindContent, onPerson, never}},
	} {
		body := fmt.Sprintf(`{"error":{"message":"(#%d) said","code":%d,"error_subcode":%d,"fbtrace_id":"A1"}}`, c.code, c.code, c.subcode)
		e := refused(&channels.Answer{Status: c.status, Header: http.Header{}, Body: []byte(body)}, channels.Target{})
		if got := (class{e.Kind, e.Scope, e.Retry}); got != c.want {
			t.Errorf("%d %d/%d is %v, want %v", c.status, c.code, c.subcode, got, c.want)
		}
		if e.RequestID != "A1" {
			t.Errorf("%d/%d: the trace is %q", c.code, c.subcode, e.RequestID)
		}
	}
}

// An answer that is not Meta's tells nothing, but for its status.
func TestRefusedByAnother(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]class{
		429: {channels.KindThrottled, onAccount, later},
		408: {channels.KindDown, onAccount, unknown},
		500: {channels.KindDown, onAccount, unknown},
		502: {channels.KindDown, onAccount, unknown},
		404: {channels.KindDown, onAccount, later},
		302: {channels.KindDown, onAccount, later},
		403: {channels.KindDown, onAccount, later},
	} {
		e := refused(&channels.Answer{Status: status, Header: http.Header{}, Body: []byte("<html>")}, channels.Target{})
		if got := (class{e.Kind, e.Scope, e.Retry}); got != want {
			t.Errorf("%d is %v, want %v", status, got, want)
		}
	}
}

// An object nobody can see is the Page's fault when it is the Page.
func TestRefusedNamesThePage(t *testing.T) {
	t.Parallel()
	to := channels.Target{Account: channels.Account{ExternalID: "100200300400500"}, To: "700800900100200"}
	for id, want := range map[string]channels.ErrorKind{"100200300400500": channels.KindAuth, "700800900100200": channels.KindBlocked} {
		body := `{"error":{"message":"Object with ID '` + id + `' does not exist","code":100,"error_subcode":33}}`
		if e := refused(&channels.Answer{Status: 400, Body: []byte(body)}, to); e.Kind != want {
			t.Errorf("%s is %s, want %s", id, e.Kind, want)
		}
	}
}

func TestRefusedTemplate(t *testing.T) {
	t.Parallel()
	to := channels.Target{Route: channels.RouteTemplate}
	e := refused(&channels.Answer{Status: 400, Body: []byte(`{"error":{"message":"no such template","code":100}}`)}, to)
	if e.Kind != channels.KindTemplate || e.Scope != onPerson || e.Retry != never {
		t.Errorf("got %+v", e)
	}
}

func TestRegain(t *testing.T) {
	t.Parallel()
	const usage = "X-Business-Use-Case-Usage"
	for what, c := range map[string]struct {
		header http.Header
		want   time.Duration
	}{
		"nothing":       {http.Header{}, 0},
		"retry after":   {http.Header{"Retry-After": {"7"}, usage: {`{"1":[{"type":"messenger","estimated_time_to_regain_access":9}]}`}}, 7 * time.Second},
		"usage":         {http.Header{usage: {`{"1":[{"type":"messenger","call_count":101,"estimated_time_to_regain_access":9}]}`}}, 9 * time.Minute},
		"of others":     {http.Header{usage: {`{"1":[{"type":"ads_insights","estimated_time_to_regain_access":9}]}`}}, 0},
		"the longest":   {http.Header{usage: {`{"1":[{"type":"messenger","estimated_time_to_regain_access":"2"}],"2":[{"type":"messenger","estimated_time_to_regain_access":3}]}`}}, 3 * time.Minute},
		"for ever":      {http.Header{usage: {`{"1":[{"type":"messenger","estimated_time_to_regain_access":99999999}]}`}}, time.Hour},
		"negative":      {http.Header{usage: {`{"1":[{"type":"messenger","estimated_time_to_regain_access":-5}]}`}}, 0},
		"not as usual":  {http.Header{usage: {`[]`}}, 0},
		"no JSON":       {http.Header{usage: {`{`}}, 0},
		"without kinds": {http.Header{usage: {`{"1":[{"estimated_time_to_regain_access":4}]}`}}, 4 * time.Minute},
	} {
		if got := regain(&channels.Answer{Header: c.header}); got != c.want {
			t.Errorf("%s: got %v, want %v", what, got, c.want)
		}
	}
}

// Whatever is answered, the error is whole, short and without secrets.
func FuzzRefused(f *testing.F) {
	for _, body := range []string{
		`{"error":{"message":"(#10) outside of allowed window","type":"OAuthException","code":10,"error_subcode":2018278,"fbtrace_id":"A"}}`,
		`{"error":{"message":"Error validating EAATESTtoken123\u0000\ud83d","code":"190","error_user_title":"T","error_user_msg":"U"}}`,
		`{"error":{}}`, `{"error":"x"}`, `{"error":{"code":1.5,"is_transient":1}}`, `<html>`, ``,
	} {
		f.Add(400, body)
		f.Add(503, body)
	}
	to := channels.Target{Account: channels.Account{Secrets: map[string]string{tokenField: "EAATESTtoken123"}}}
	f.Fuzz(func(t *testing.T, status int, body string) {
		e := refused(&channels.Answer{Status: status, Header: http.Header{}, Body: []byte(body)}, to)
		if e.Kind == "" || e.Scope == "" || e.Code == "" || e.Message == "" || channels.Units(e.Message) > maxErrorText {
			t.Fatalf("incomplete or too long: %+v", e)
		}
		if strings.Contains(e.Message, "EAATESTtoken123") {
			t.Fatalf("the token is told: %s", e.Message)
		}
	})
}
