package e2e_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/glebarez/sqlite"
	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// Numbers of the bad calls: nobody's, and one that two people of the shop have.
const (
	nobodys = "0999999999"
	twos    = "0912345688"
)

// bad is a call that cannot be served.
type bad struct {
	name   string
	method string // "": POST
	path   string
	token  string // of the header; AhaChat's comes in the path
	coding string // Content-Encoding
	body   string
	status int
	says   string // to the caller, whole
}

// What callers get wrong is told to them in a sentence that says what to do,
// by the API and by the calls of other products; nothing is changed by it.
func TestBadCalls(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.allChannels()
		mai := w.knows(0)
		w.share(twos)
		aha := "/api/bots/" + w.bot + "/phones/send?ahachat_token=" + w.token + "&ahachat_block_name=order%20shipped"
		chatfuel := "/bots/" + w.bot + "/users/" + mai + "/send?chatfuel_token=" + w.token + "&chatfuel_block_name="
		const bonnie, first = "/v1/api/message/push", "/api/v1/message/push"
		sends := w.path("/sends")
		to := func(rest string) string { return `{"to":{"phone":"` + people[0].Phone + `"},` + rest + `}` }
		byPhone := func(phone string) string {
			return `{"to":{"phone":"` + phone + `"},"block":"order shipped","attributes":{"order_code":"A1","total":1}}`
		}
		toBonnie := func(rest string) string {
			return fmt.Sprintf(`{"bot_id":%q,"bot_raw_uid":%q,"bot_pid":%q,"bot_channel":1,%s}`, w.bot, mai, w.account, rest)
		}
		toFirst := func(rest string) string {
			return fmt.Sprintf(`{"contactable_type":"App\\LineContact","contactable_id":%d,%s}`, w.contactable("line_uid="+mai), rest)
		}
		both := fmt.Sprintf("two people on the account %s are meant, the contacts %s and %s: send to one of them by id", shop, w.contact(1), w.contact(0))
		const (
			large      = "the body is larger than the 1 MB this address takes"
			compressed = "compressed bodies are not read: send the body without Content-Encoding"
			notJSON    = "the body is not valid JSON: it is broken near byte 1"
			unknown    = `no published block or module is called "ordr shiped"; did you mean "order shipped"?`
			many       = `attribute "total": needs a number but got the text "many"`
			nobody     = "nobody is known by the phone number +84999999999; people get theirs by an import, by a call, or when a flow asks for it"
			missing    = "the token is missing: send it as Authorization: Bearer …"
			wrong      = "the token is unknown or revoked: make a new one among the bot's tokens"
		)
		huge, bomb := strings.Repeat("x", 50<<20), zipped(t, 50<<20)
		w.unchanged(func() {
			for _, c := range []bad{
				{name: "50 MB", path: sends, token: w.token, body: huge, status: 413, says: large},
				{name: "50 MB, AhaChat", path: aha, body: huge, status: 413, says: large},
				{name: "50 MB, BotBonnie", path: bonnie, token: w.token, body: huge, status: 413, says: large},
				{name: "50 MB, FIRST LINE", path: first, token: w.token, body: huge, status: 413, says: large},
				{name: "50 MB of a flow", method: "PUT", path: w.path("/flows/shop"), token: w.token, body: huge, status: 413, says: "the body is larger than the 8 MB this address takes"},
				{name: "50 MB of people", path: w.path("/contacts/import"), token: w.token, body: huge, status: 413, says: "the body is larger than the 16 MB this address takes"},
				{name: "50 MB of a webhook", path: "/webhooks/line/" + w.account, body: huge, status: 413},
				{name: "50 MB to nobody", path: "/nowhere", body: huge, status: 413, says: large},

				{name: "a bomb", path: sends, token: w.token, coding: "gzip", body: bomb, status: 415, says: compressed},
				{name: "a bomb, Chatfuel", path: chatfuel + "welcome", coding: "gzip", body: bomb, status: 415, says: compressed},
				{name: "a bomb, BotBonnie", path: bonnie, token: w.token, coding: "gzip", body: bomb, status: 415, says: compressed},
				{name: "a bomb, FIRST LINE", path: first, token: w.token, coding: "gzip", body: bomb, status: 415, says: compressed},
				{name: "a bomb for a webhook", path: "/webhooks/line/" + w.account, coding: "gzip", body: bomb, status: 415},
				{name: "an unsaid bomb", path: sends, token: w.token, body: bomb, status: 400, says: "body: is not valid JSON: it is broken near byte 1"},
				{name: "an unsaid bomb, AhaChat", path: aha, body: bomb, status: 400, says: notJSON},
				{name: "an unsaid bomb, BotBonnie", path: bonnie, token: w.token, body: bomb, status: 400, says: notJSON},
				{name: "an unsaid bomb, FIRST LINE", path: first, token: w.token, body: bomb, status: 400, says: notJSON},

				{name: "an unknown block", path: sends, token: w.token, body: to(`"block":"ordr shiped"`), status: 404, says: unknown},
				{name: "an unknown block, AhaChat", path: strings.Replace(aha, "order%20shipped", "ordr%20shiped", 1) + "&phone=" + people[0].Phone, status: 404, says: unknown},
				{name: "an unknown block, Chatfuel", path: chatfuel + "ordr%20shiped", status: 404, says: unknown},
				{name: "an unknown block, BotBonnie", path: bonnie, token: w.token, body: toBonnie(`"bot_mid":"ordr shiped"`), status: 404, says: unknown},

				{name: "a number nobody has", path: sends, token: w.token, body: byPhone(nobodys), status: 404, says: nobody},
				{name: "a number nobody has, AhaChat", path: aha + "&phone=" + nobodys, status: 404, says: nobody},
				{name: "a number of two people", path: sends, token: w.token, body: byPhone(twos), status: 409, says: both},
				{name: "a number of two people, AhaChat", path: aha + "&phone=" + twos, status: 409, says: both},
				{name: "two numbers", path: sends, token: w.token, body: byPhone("0912345601, 0912345602"), status: 422,
					says: `phone "0912345601, 0912345602": more than one phone number is given: send one`},
				{name: "two numbers, AhaChat", path: aha + "&phone=0912345601%200912345602", status: 400,
					says: `phone "0912345601 0912345602": more than one phone number is given: send one`},
				{name: "two numbers, FIRST LINE", method: "GET", path: "/api/v1/contact?phone_number=0912345601/0912345602", token: w.token, status: 422,
					says: "phone_number cannot be read: more than one phone number is given: send one"},

				{name: "a text for a number", path: sends, token: w.token, body: to(`"block":"order shipped","attributes":{"order_code":"A1","total":"many"}`), status: 422, says: many},
				{name: "a text for a number, AhaChat", path: aha + "&total=many&phone=" + people[0].Phone, status: 400, says: many},
				{name: "an object for a number, Chatfuel", path: chatfuel + "order%20shipped", body: `{"order_code":"A1","total":{"vnd":1}}`, status: 400,
					says: `attribute "total": needs a number but got a JSON object`},

				{name: "no token", path: sends, status: 401, says: missing},
				{name: "no token, AhaChat", path: "/api/bots/" + w.bot + "/phones/send", status: 401, says: "the parameter ahachat_token is missing: take it from the bot's tokens"},
				{name: "no token, Chatfuel", path: "/bots/" + w.bot + "/users/x/send", status: 401, says: "the parameter chatfuel_token is missing: take it from the bot's tokens"},
				{name: "no token, BotBonnie", path: bonnie, status: 401, says: missing},
				{name: "no token, FIRST LINE", path: first, status: 401, says: missing + ", or in the query as token"},
				{name: "a wrong token", path: sends, token: "guessed", status: 401, says: wrong},
				{name: "a wrong token, AhaChat", path: "/api/bots/" + w.bot + "/phones/send?ahachat_token=guessed", status: 401, says: strings.Replace(wrong, "token", "ahachat_token", 1)},
				{name: "a wrong token, BotBonnie", path: bonnie, token: "guessed", status: 401, says: wrong},
				{name: "a wrong token, FIRST LINE", path: first + "?token=guessed", status: 401, says: wrong},

				{name: "a GET, AhaChat", method: "GET", path: aha + "&phone=" + people[0].Phone, status: 405, says: "use POST"},
				{name: "a GET, Chatfuel", method: "GET", path: chatfuel + "welcome", status: 405, says: "use POST"},
				{name: "a GET, BotBonnie", method: "GET", path: bonnie, token: w.token, status: 405, says: "use POST"},
				{name: "a GET, FIRST LINE", method: "GET", path: first, token: w.token, status: 405, says: "use POST"},

				{name: "a message of no kind, FIRST LINE", path: first, token: w.token, body: toFirst(`"type":"gallery","message":{}`), status: 422,
					says: "type is none of text, carousel, image_carousel, button, quickreply"},
				{name: "an attribute called date", path: w.path("/attributes"), token: w.token, body: `{"name":"date","type":"text"}`, status: 422,
					says: `attribute "date" is named like a function; choose another name, such as my_date; what callers send as date is kept and read as attr["date"]`},
				{name: "a flow in another encoding", method: "PUT", path: w.path("/flows/x"), token: w.token,
					body:   "{\"format\":1,\"flow\":\"x\",\"blocks\":[{\"name\":\"caf\xe9\",\"entry\":{},\"steps\":[{\"type\":\"stop\"}]}]}",
					status: 422, says: "the document cannot be stored: there is 1 problem"},
				{name: "a webhook of an unknown account", path: "/webhooks/line/nobody", body: `{"events":[]}`, status: 404},
				{name: "a webhook of an unknown platform", path: "/webhooks/fax/" + w.account, body: `{"events":[]}`, status: 404},
				{name: "a webhook nobody signed", path: "/webhooks/line/" + w.account, body: `{"events":[]}`, status: 401},
			} {
				status, says := w.refused(c)
				if status != c.status || c.says != "" && says != c.says {
					t.Errorf("%s: %d %s\nwant %d %s", c.name, status, says, c.status, c.says)
				}
			}
		})
	})
}

// The same from the command line: what is wrong, what would be right, and a
// code that scripts can tell apart.
func TestBadCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve()
	w.settle()
	w.knows(0)
	w.share(twos)
	send := func(block, phone string, rest ...string) []string {
		return append([]string{"sends", "send", block, "--phone", phone}, rest...)
	}
	check := func(document string) []string {
		return []string{"flows", "check", w.file(document)}
	}
	const flow = `{"format":1,"flow":"x","blocks":[{"name":"a","entry":{},"steps":[%s]}]}`
	w.unchanged(func() {
		for _, c := range []struct {
			name string
			args []string
			code int
			says []string
		}{
			{"an unknown block", send("ordr shiped", people[0].Phone), 4, []string{`no published block or module is called "ordr shiped"`, `did you mean "order shipped"?`}},
			{"a number nobody has", send("order shipped", nobodys), 4, []string{"nobody is known by the phone number +84999999999"}},
			{"a number of two people", send("order shipped", twos), 3, []string{"two people on the account shop are meant", "send to one of them by id"}},
			{"two numbers", send("order shipped", "0912345601 hay 0912345602"), 2, []string{"more than one phone number is given: send one"}},
			{"a text for a number", send("order shipped", people[0].Phone, "--set", "total=many"), 2, []string{`attribute "total": needs a number but got the text "many"`}},
			{"an unknown command", []string{"send", "order shipped"}, 2, []string{`unexpected argument send, did you mean "sends"?`}},
			{"an attribute called date", check(`{"format":1,"flow":"x","attributes":{"date":"date"},"blocks":[]}`), 3, []string{`attribute "date" is named like a function`, "choose another name, such as my_date; what callers send as date is kept and read as attr[\"date\"]"}},
			{"conditions in conditions", check(fmt.Sprintf(flow, `{"type":"text","text":"{{ all(1..1000, all(1..1000, true)) }}"}`)), 3,
				[]string{"all cannot stand inside the condition of all", "compute it first: let x = …; …"}},
			{"work without a bound", check(fmt.Sprintf(flow, `{"type":"text","text":"{{ reduce(1..1000, # + 1) }}"}`)), 3,
				[]string{"reduce is not available: its work has no bound", "use sum, count, min, max or join"}},
			{"text without end", check(fmt.Sprintf(flow, `{"type":"text","text":"{{ repeat(repeat(repeat('x', 1000), 1000), 1000) }}"}`)), 3, []string{"repeat: makes more than 64 KB of text"}},
			{"another encoding", check(fmt.Sprintf(flow, "{\"type\":\"text\",\"text\":\"caf\xe9\"}")), 3, []string{"this is not UTF-8, so nobody knows which letter is meant", "save the file as UTF-8"}},
			{"no character", check(fmt.Sprintf(flow, `{"type":"text","text":"a\u0000"}`)), 3, []string{`a text cannot hold \u0000`}},
			{"a place that is not there", []string{"flows", "check", w.file(`{"format":1,"flow":"x","blocks":[{"name":"welcome","entry":{},"steps":[{"type":"goto","block":"welkome"}]}]}`)}, 3, []string{`there is no block or module "welkome"`, `did you mean "welcome"?`}},
		} {
			out, errs, code := w.tries(c.args...)
			for _, says := range c.says {
				if !strings.Contains(out+errs, says) {
					t.Errorf("%s: it does not say %q but\n%s%s", c.name, says, out, errs)
				}
			}
			if code != c.code {
				t.Errorf("%s: it ends with %d, want %d\n%s%s", c.name, code, c.code, out, errs)
			}
		}
	})
}

// What is odd but can be served is: bytes that are no text are cleaned, a name
// that is taken in the language is kept beside it, numbers stay whole, cards too
// many are left out and said, and work without end stops.
func TestOddInputIsServed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.allChannels()
		mai := w.knows(0)
		if out := w.cli("flows", "push", "testdata/trouble.json"); !strings.Contains(out, "warning: LINE: 18 of 30 cards are left out: LINE shows 12") {
			t.Errorf("the author is not warned: %s", out)
		}
		w.cli("flows", "publish", "trouble")
		for range polls { // a server learns within a second what another process published
			status, _ := w.calls(http.MethodPost, w.path("/sends"), w.token, `{"to":{"phone":"`+people[0].Phone+`"},"block":"many cards","dry_run":true}`)
			if status == http.StatusOK {
				break
			}
			w.pause()
		}
		want := []string{"reply: Welcome friend."}
		sent := func(body, says string) (delivery any) {
			t.Helper()
			status, answer := w.calls(http.MethodPost, w.path("/sends"), w.token, `{"to":{"phone":"`+people[0].Phone+`"},`+body+`}`)
			if status != http.StatusAccepted {
				t.Fatalf("%s: %d %v", body, status, answer)
			}
			want = append(want, "push: "+says)
			w.hears(mai, want...)
			return answer["delivery_id"]
		}
		sent(`"block":"whole number","attributes":{"factor":1280000}`, "1280000 pieces")
		sent(`"block":"whole number","attributes":{"factor":"1280000"}`, "1280000 pieces")
		sent(`"block":"called date","attributes":{"date":"2026-12-01"}`, "On 2026-12-01.")
		sent("\"block\":\"order\\u0000 shipped\",\"attributes\":{\"order_code\":\"caf\xe9\\u0000 1\",\"total\":1}", "Order caf\ufffd 1 (1\u00a0₫) is on its way.")
		w.calling("/api/bots/" + w.bot + "/phones/send?phone=" + people[0].Phone + "&ahachat_token=" + w.token + "&ahachat_block_name=order%20shipped&order_code=caf%E9%00+2&total=2&date=x")
		want = append(want, "push: Order caf\ufffd 2 (2\u00a0₫) is on its way.")
		shown := sent(`"block":"many cards"`, "1 · 2 · 3 · 4 · 5 · 6 · 7 · 8 · 9 · 10 · 11 · 12")
		if out := w.cli("sends", "explain", fmt.Sprint(shown)); !strings.Contains(out, "Warning: carousel:too_many_cards: 18 of 30 cards are left out: LINE shows 12") {
			t.Errorf("the cards that were left out are not told: %s", out)
		}
		endless := w.sends(`{"to":{"phone":"` + people[0].Phone + `"},"block":"endless","attributes":{"factor":1000}}`)["delivery_id"]
		w.becomes(endless, "failed")
		if out := w.cli("sends", "explain", idText(endless)); !strings.Contains(out, "repeat: takes too many steps") || !strings.Contains(out, "Look at its expressions.") {
			t.Errorf("work without end is explained as %s", out)
		}
		sent(`"block":"endless","attributes":{"factor":3}`, "Before.|3 done|After.")
	})
}

// share gives a phone number to two more people of the shop.
func (w *world) share(number string) {
	w.t.Helper()
	for _, name := range []string{"Lan", "Hoa"} {
		p, err := w.line.AddPerson(sandbox.Person{Account: shop, Name: name, Friend: true})
		w.must(err)
		w.imports(map[string]string{"account": w.account, "user": p.ID, "phone": number})
	}
}

// refused makes a bad call and returns the status and the sentence that the
// caller reads.
func (w *world) refused(c bad) (int, string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), cmp.Or(c.method, http.MethodPost), w.base+c.path, strings.NewReader(c.body))
	w.must(err)
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.coding != "" {
		req.Header.Set("Content-Encoding", c.coding)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Errorf("%s: %v", c.name, err)
		return 0, ""
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	w.must(err)
	var a struct {
		Detail, Hint          string // ours
		Result                string // AhaChat's and Chatfuel's
		ErrorMessage, Message string // BotBonnie's, FIRST LINE's
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return res.StatusCode, string(text)
	}
	if a.Hint != "" {
		a.Detail += "; " + a.Hint
	}
	return res.StatusCode, cmp.Or(a.Detail, a.Result, a.ErrorMessage, a.Message)
}

// unchanged holds that nothing is stored, sent or queued by what f does.
func (w *world) unchanged(f func()) {
	w.t.Helper()
	before := w.rows()
	f()
	if after := w.rows(); after != before {
		w.t.Errorf("rows have changed:\n%s\nwere\n%s", after, before)
	}
}

// rows counts the rows of all tables that hold somebody's data.
func (w *world) rows() string {
	w.t.Helper()
	driver, address := sqlite.DriverName, filepath.Join(w.data, "blockcast.db")
	if w.env["BLOCKCAST_DATABASE_URL"] != "" {
		driver, address = "pgx", w.env["BLOCKCAST_DATABASE_URL"]
	}
	db, err := sql.Open(driver, address)
	w.must(err)
	defer db.Close()
	var out strings.Builder
	for _, table := range strings.Fields("accounts account_aliases aliases attributes blocks block_names bots contacts contact_phones contact_tags deliveries delivery_messages" +
		" event_keys events flows flow_versions identities idempotency_keys interactions poison receipts renders sends sessions tags taps timers webhooks") {
		var n int
		w.must(db.QueryRowContext(w.t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n))
		fmt.Fprintf(&out, "%s %d\n", table, n)
	}
	return out.String()
}

// file is a file that holds a text.
func (w *world) file(text string) string {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "flow.json")
	w.must(os.WriteFile(path, []byte(text), 0o600))
	return path
}

// zipped is so much of nothing, made small.
func zipped(t *testing.T, size int) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
