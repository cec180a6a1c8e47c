package e2e_test

import (
	"fmt"
	"strings"
	"testing"
)

// What Omnichat's callers get wrong is told to them in its form, as plainly.
func TestBadOmnichatCalls(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mai := w.knows(0)
		token := w.field(w.cli("tokens", "create", "omnichat", "--scope", "send,read,contacts,broadcasts", "--json"), "token")
		const direct = "/v1/direct-messages"
		to := func(channel, message string) string {
			return fmt.Sprintf(`{"trackId":"t1","platform":"line","channelId":%q,"to":%q,"messages":[%s]}`, channel, mai, message)
		}
		bytes := "\x1f\x8b\x08=\xff&a=b"
		w.unchanged(func() {
			for _, c := range []bad{
				{name: "50 MB", path: direct, token: token, body: strings.Repeat("x", 50<<20), status: 413, says: "the body is larger than the 1 MB this address takes"},
				{name: "a bomb", path: direct, token: token, coding: "gzip", body: zipped(t, 50<<20), status: 415, says: "compressed bodies are not read: send the body without Content-Encoding"},
				{name: "an unsaid bomb", path: direct, token: token, body: bytes, status: 400, says: "the body is not valid JSON: it is broken near byte 1"},
				{name: "no token", path: direct, body: "{}", status: 401, says: "the token is missing: send it as Authorization: Bearer …"},
				{name: "a wrong token", path: direct, token: "guessed", body: "{}", status: 401, says: "the token is unknown or revoked: make a new one among the bot's tokens"},
				{name: "a GET", method: "GET", path: direct, token: token, status: 405, says: "this address takes POST"},
				{name: "nothing", path: direct, token: token, body: "{}", status: 400,
					says: "trackId is missing: it names the message in your own system; platform is missing: line or facebook; channelId is missing: GET /v1/channels lists them; to is missing: the person's user id on the platform; messages is missing: say what is sent"},
				{name: "an unknown block", path: direct, token: token, body: to(w.account, `{"type":"block","blockId":"ordr shiped"}`), status: 404,
					says: `messages[0].blockId: no published block or module is called "ordr shiped"; did you mean "order shipped"?`},
				{name: "two numbers", method: "GET", path: "/v1/contacts?platform=line&channelId=" + w.account + "&phone=0912345601,0912345602", token: token, status: 400,
					says: "phone cannot be read: more than one phone number is given: send one"},
			} {
				status, says := w.refused(c)
				if status != c.status || says != c.says {
					t.Errorf("%s: %d %s\nwant %d %s", c.name, status, says, c.status, c.says)
				}
			}
		})
	})
}
