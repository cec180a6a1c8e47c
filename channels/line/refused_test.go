package line

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/channels"
)

// Whatever is answered, the error is whole, short and without secrets.
func FuzzRefused(f *testing.F) {
	for _, body := range []string{
		`{"message":"Invalid reply token"}`,
		`{"message":"The request body has 1 error(s)","details":[{"message":"Invalid user id","property":"to[499]"}]}`,
		`{"message":"to[500] to[-1] to[99999999999999999999] to[0] to[0]"}`,
		`{"message":"Bearer token-of-tests\u0000\ud83d"}`,
		`{"message":7}`, `<html>`, ``,
	} {
		f.Add(400, body)
		f.Add(429, body)
		f.Add(500, body)
	}
	account := channels.Account{Secrets: map[string]string{tokenField: "token-of-tests"}}
	f.Fuzz(func(t *testing.T, status int, body string) {
		e := refused(&channels.Answer{Status: status, Header: http.Header{}, Body: []byte(body)}, account)
		if e.Kind == "" || e.Scope == "" || e.Code == "" || channels.Units(e.Message) > maxErrorText {
			t.Fatalf("incomplete or too long: %+v", e)
		}
		if strings.Contains(e.Message, "token-of-tests") {
			t.Fatalf("the token is told: %s", e.Message)
		}
		if !slices.IsSorted(e.Recipients) || len(e.Recipients) > multicastSize {
			t.Fatalf("recipients %v", e.Recipients)
		}
		for _, n := range e.Recipients {
			if n < 0 || n >= multicastSize {
				t.Fatalf("recipient %d", n)
			}
		}
	})
}
