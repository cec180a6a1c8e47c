package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/server/compat/ahachat"
	"github.com/blockcast/blockcast/server/compat/botbonnie"
	"github.com/blockcast/blockcast/server/compat/firstline"
	compat "github.com/blockcast/blockcast/server/compat/omnichat" // omnichat is a mover of these tests
)

// foreignCalls are other products' calls about what belongs to this bot.
func (w *world) foreignCalls(person string, ids map[string]string) []route {
	dm := fmt.Sprintf(`{"trackId":"stolen","platform":"line","channelId":%q,"to":%q,"messages":[{"type":"text","text":"stolen"}]}`, w.account, person)
	return []route{
		{method: "POST", path: "/api/bots/" + w.bot + "/users/" + person + "/send?ahachat_block_name=welcome&ahachat_token=TOKEN"},
		{method: "POST", path: "/api/bots/" + w.bot + "/phones/send?ahachat_block_name=welcome&phone=0912345601&ahachat_token=TOKEN"},
		{method: "POST", path: "/bots/" + w.bot + "/users/" + person + "/send?chatfuel_block_name=welcome&chatfuel_token=TOKEN"},
		{method: "POST", path: "/v1/api/message/push", body: fmt.Sprintf(`{"bot_id":%q,"bot_raw_uid":%q,"bot_pid":%q,"bot_channel":1,"message":{"type":"text","text":"stolen"}}`, w.bot, person, w.account)},
		{method: "GET", path: "/api/v1/contact?line_uid=" + person},
		{method: "GET", path: "/api/v1/contact?phone_number=0912345601"},
		{method: "POST", path: "/api/v1/message/push", body: fmt.Sprintf(`{"contactable_type":"App\\LineContact","contactable_id":%s,"type":"text","message":"stolen"}`, ids["identity"])},
		{method: "GET", path: "/v1/broadcast?type=1"},
		{method: "GET", path: "/v1/broadcast/" + ids["broadcast"]},
		{method: "GET", path: "/v1/broadcast/" + ids["broadcast"] + "/recipients"},
		{method: "GET", path: "/v1/broadcast/" + ids["broadcast"] + "/buttons"},
		{method: "POST", path: "/v1/broadcast", body: `{"name":"stolen"}`},
		{method: "GET", path: "/v1/channels"},
		{method: "GET", path: "/v1/chatbots"},
		{method: "GET", path: "/v1/chatbots/shop/message-blocks"},
		{method: "GET", path: "/v1/contacts?platform=line&channelId=" + w.account + "&phone=0912345601"},
		{method: "GET", path: "/v1/contacts?platform=line&channelId=" + w.account + "&userId=" + person},
		{method: "PUT", path: "/v1/contacts/line?channelId=" + w.account + "&userId=" + person, body: `{"name":"stolen"}`},
		{method: "POST", path: "/v1/direct-messages", body: dm},
	}
}

// foreignRoutes are the addresses that other products' callers are served at.
func foreignRoutes() []string {
	app := fiber.New()
	for _, surface := range []interface{ Mount(fiber.Router) }{
		ahachat.New(ahachat.Config{}), botbonnie.New(botbonnie.Config{}), firstline.New(firstline.Config{}), compat.New(compat.Config{}),
	} {
		surface.Mount(app)
	}
	var out []string
	for _, r := range app.GetRoutes(true) {
		if !strings.HasSuffix(r.Path, "*") { // which says what there is
			out = append(out, r.Path)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// everyMethod is each route with every method, by calls of this test that fit
// it: a method a route does not take yet is walked when it does.
func (w *world) everyMethod(calls []route) []route {
	w.t.Helper()
	var out []route
	for _, pattern := range foreignRoutes() {
		found := false
		for _, call := range calls {
			path, _, _ := strings.Cut(call.path, "?")
			if !fiber.RoutePatternMatch(path, pattern) {
				continue
			}
			found = true
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
				call.method = method
				out = append(out, call)
			}
		}
		if !found {
			w.t.Errorf("no call of this test is one of %s: add one that asks for what is this bot's", pattern)
		}
	}
	return out
}

// asks makes a call with a token, and returns what is said and whether it was
// refused.
func (c route) asks(w *world, token string) (said string, refused bool) {
	w.t.Helper()
	bearer := token
	if strings.Contains(c.path, "TOKEN") {
		bearer = ""
	}
	status, answer := w.calls(c.method, strings.Replace(c.path, "TOKEN", token, 1), bearer, c.body)
	code, _ := answer["errorCode"].(float64) // BotBonnie refuses in the body
	return fmt.Sprint(answer), status >= 400 || code >= 400
}

// Another bot's token learns nothing and changes nothing by other products'
// calls either. With the bot's own each of them is understood, so it was not
// refused for how it asks.
func TestAnotherBotsTokenByOtherProductsCalls(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.allChannels()
		mai := w.knows(0)
		const scopes = "send,read,contacts,broadcasts"
		own := w.field(w.cli("tokens", "create", "all", "--scope", scopes, "--json"), "token")
		ids := map[string]string{"identity": w.identityOf(mai)}
		ids["broadcast"] = w.field(w.cli("broadcasts", "create", "autumn", "--text", "Autumn.", "--all", "--json"), "id")
		w.cli("broadcasts", "start", ids["broadcast"])
		w.got(mai, 2)
		w.cli("bots", "create", "rival")
		rival := w.field(w.cli("tokens", "create", "rival", "--bot", "rival", "--scope", scopes, "--json"), "token")

		before := w.rows()
		for _, call := range w.everyMethod(w.foreignCalls(mai, ids)) {
			said, refused := call.asks(w, rival)
			if call.method != http.MethodGet && !refused {
				t.Errorf("%s %s with the rival's token: %s", call.method, call.path, said)
			}
			for _, ours := range []string{"Mai", "912345601", "autumn", "Autumn", "Welcome", "order shipped", "map[id:" + w.account} {
				if strings.Contains(said, ours) {
					t.Errorf("%s %s tells of %q: %s", call.method, call.path, ours, said)
				}
			}
		}
		if after := w.rows(); after != before {
			t.Errorf("rows have changed:\n%s\nwere\n%s", after, before)
		}
		for _, call := range w.foreignCalls(mai, ids) {
			if said, refused := call.asks(w, own); refused && (call.method != http.MethodPost || call.path != "/v1/broadcast") { // which asks for far more than a name
				t.Errorf("%s %s: %s", call.method, call.path, said)
			}
		}
	})
}
