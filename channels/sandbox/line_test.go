package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLINERefusesCalls(t *testing.T) {
	t.Parallel()
	const stranger = "U00000000000000000000000000000000"
	msg := func(m string) string { return `"messages":[` + m + `]` }
	push := func(rest string) string { return `{"to":"MAI",` + rest + `}` }
	tests := []struct {
		name, path, body string
		header           []string
		status           int
		want             string
	}{
		{"no_token", "push", push(msg(hello)), []string{"Authorization", ""}, 401, message(lineNoToken)},
		{"wrong_token", "push", push(msg(hello)), []string{"Authorization", "Bearer nope"}, 401, message(lineBadToken)},
		{"basic_token", "push", push(msg(hello)), []string{"Authorization", bearer}, 401, message(lineBadToken)},
		{"form", "push", "a=b", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, ""},
		{"charset", "push", push(msg(hello)), []string{"Content-Type", "application/json; charset=UTF-8"}, 200, ""},
		{"no_json", "push", "{", nil, 400, message(lineNoJSON)},
		{"json_array", "push", "[]", nil, 400, ""},
		{"json_null", "push", "null", nil, 400, message(lineNoJSON)},
		{"too_large", "push", push(msg(`{"type":"text","text":"` + strings.Repeat("a", 2<<20) + `"}`)), nil, 413, ""},
		{"no_such_path", "shout", "{}", nil, 404, message("Not found")},

		{"push_no_to", "push", `{` + msg(hello) + `}`, nil, 400, faultAt("to", "May not be empty")},
		{"push_bad_to", "push", `{"to":"mai",` + msg(hello) + `}`, nil, 400, faultAt("to", "The property, 'to', in the request body is invalid (line: -, column: -)")},
		{"push_list", "push", `{"to":["MAI"],` + msg(hello) + `}`, nil, 400, faultAt("to", "May not be empty")},
		{"push_stranger", "push", `{"to":"` + stranger + `",` + msg(hello) + `}`, nil, 400, message("Failed to send messages")},
		{"push_group", "push", `{"to":"C` + stranger[1:] + `",` + msg(hello) + `}`, nil, 400, message("Failed to send messages")},
		{"push_no_messages", "push", `{"to":"MAI"}`, nil, 400, faultAt("messages", "May not be empty")},
		{"push_six", "push", push(msg(strings.Repeat(hello+",", 5) + hello)), nil, 400, faultAt("messages", "Size must be between 1 and 5")},
		{"push_empty_text", "push", push(msg(`{"type":"text","text":""}`)), nil, 400, faultAt("messages[0].text", "May not be empty")},
		{"push_two_faults", "push", push(msg(`{"type":"text"},{"type":"x"}`)), nil, 400, ""},
		{"push_silent", "push", push(msg(hello) + `,"notificationDisabled":true`), nil, 200, ""},
		{"push_silent_text", "push", push(msg(hello) + `,"notificationDisabled":"yes"`), nil, 400, faultAt("notificationDisabled", "Must be true or false")},
		{"push_unit", "push", push(msg(hello) + `,"customAggregationUnits":["spring_1"]`), nil, 200, ""},
		{"push_units", "push", push(msg(hello) + `,"customAggregationUnits":["a","b"]`), nil, 400, faultAt("customAggregationUnits", "Size must be between 0 and 1")},
		{"push_unit_name", "push", push(msg(hello) + `,"customAggregationUnits":["a-b"]`), nil, 400, ""},

		{"reply_token", "reply", `{"replyToken":"x",` + msg(hello) + `}`, nil, 400, message("Invalid reply token")},
		{"reply_no_token", "reply", `{` + msg(hello) + `}`, nil, 400, faultAt("replyToken", "May not be empty")},
		{"reply_retry_key", "reply", `{"replyToken":"x",` + msg(hello) + `}`, []string{retryKeyHeader, "123e4567-e89b-12d3-a456-426614174000"}, 400, message("The retry key can not be used with this API")},
		{"reply_unit", "reply", `{"replyToken":"x",` + msg(hello) + `,"customAggregationUnits":["a"]}`, nil, 400, faultAt("customAggregationUnits", "Can not be used with this API")},
		{"retry_key_form", "push", push(msg(hello)), []string{retryKeyHeader, "123e4567e89b12d3a456426614174000"}, 400, message("The retry key is invalid")},

		{"multicast_no_to", "multicast", `{` + msg(hello) + `}`, nil, 400, faultAt("to", "May not be empty")},
		{"multicast_text", "multicast", `{"to":"MAI",` + msg(hello) + `}`, nil, 400, faultAt("to", "Must be an array of user ids")},
		{"multicast_none", "multicast", `{"to":[],` + msg(hello) + `}`, nil, 400, faultAt("to", "Size must be between 1 and 500")},
		{"multicast_501", "multicast", `{"to":[` + strings.Repeat(`"MAI",`, 500) + `"LAN"],` + msg(hello) + `}`, nil, 400, faultAt("to", "Size must be between 1 and 500")},
		{"multicast_twice", "multicast", `{"to":["MAI","LAN","MAI"],` + msg(hello) + `}`, nil, 400, faultAt("to[2]", "Must be listed once only")},
		{"multicast_group", "multicast", `{"to":["C` + stranger[1:] + `"],` + msg(hello) + `}`, nil, 400, faultAt("to[0]", "Must be a user id")},
		{"multicast_stranger", "multicast", `{"to":["MAI","` + stranger + `"],` + msg(hello) + `}`, nil, 400, faultAt("to[1]", "The user does not exist")},

		{"narrowcast_filter", "narrowcast", `{"filter":{},` + msg(hello) + `}`, nil, 400, ""},
		{"validate", "validate/push", `{` + msg(hello) + `}`, nil, 200, "{}"},
		{"validate_fault", "validate/reply", `{` + msg(`{"type":"text"}`) + `}`, nil, 400, faultAt("messages[0].text", "May not be empty")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			body := strings.NewReplacer("MAI", b.mai, "LAN", b.lan).Replace(tt.body)
			got := b.call("POST", "/line/v2/bot/message/"+tt.path, body, tt.header...)
			b.want(got, tt.status, tt.want)
			if got.header.Get("X-Line-Request-Id") == "" {
				t.Error("no request id")
			}
			if tt.status != 200 && len(b.Accepted()) != 0 {
				t.Errorf("accepted %+v", b.Accepted())
			}
			if c := b.Counts(); c.Requests != 1 || tt.status != 200 && c.Refused[tt.status] != 1 {
				t.Errorf("counted %+v", c)
			}
		})
	}
}

func TestReplyTokens(t *testing.T) {
	t.Parallel()
	b := setup(t)
	e := b.write(b.mai, "hi")
	got := b.reply(e.ReplyToken)
	call := b.AcceptedFor(b.mai)[0]
	id := call.IDs[0]
	b.want(got, 200, `{"sentMessages":[{"id":"`+id+`","quoteToken":"quote-`+id+`"}]}`)
	if call.Endpoint != LINEReply || call.Paid != 0 || call.RequestID != got.header.Get("X-Line-Request-Id") {
		t.Errorf("recorded %+v", call)
	}
	b.want(b.reply(e.ReplyToken), 400, message(badReplyToken))

	late := b.write(b.mai, "hi")
	b.clock.pass(61 * time.Second)
	b.want(b.reply(late.ReplyToken), 400, message(badReplyToken))

	if _, err := b.Redeliver(t.Context(), "shop", late.ID); err != nil {
		t.Fatal(err)
	}
	b.want(b.reply(late.ReplyToken), 200, "")

	old := b.write(b.mai, "hi")
	b.clock.pass(21 * time.Minute)
	if _, err := b.Redeliver(t.Context(), "shop", old.ID); err != nil {
		t.Fatal(err)
	}
	b.want(b.reply(old.ReplyToken), 400, message(badReplyToken))

	// A refused reply leaves the token good.
	kept := b.write(b.mai, "hi")
	b.call("POST", "/line/v2/bot/message/reply", `{"replyToken":"`+kept.ReplyToken+`","messages":[]}`)
	b.want(b.reply(kept.ReplyToken), 200, "")
	if c := b.Counts(); c.Free != 3 || c.Paid != 0 {
		t.Errorf("counted %+v", c)
	}
}

func TestRetryKeys(t *testing.T) {
	t.Parallel()
	const key = "123e4567-e89b-12d3-a456-426614174000"
	b := setup(t)
	first := b.push(b.mai, retryKeyHeader, key)
	b.want(first, 200, "")
	again := b.push(b.mai, retryKeyHeader, strings.ToUpper(key))
	b.want(again, 409, `{"message":"The retry key is already accepted",`+first.body[1:])
	if got, want := again.header.Get("X-Line-Accepted-Request-Id"), first.header.Get("X-Line-Request-Id"); got != want {
		t.Errorf("accepted request %q, want %q", got, want)
	}
	b.want(b.push(b.lan, retryKeyHeader, key), 400, message("The retry key is already used for another request"))
	if n := len(b.Accepted()); n != 1 {
		t.Errorf("accepted %d calls", n)
	}

	const other = "123e4567-e89b-12d3-a456-426614174001"
	body := fmt.Sprintf(`{"to":[%q],"messages":[%s]}`, b.mai, hello)
	b.want(b.call("POST", "/line/v2/bot/message/multicast", body, retryKeyHeader, other), 200, "{}")
	b.want(b.call("POST", "/line/v2/bot/message/multicast", body, retryKeyHeader, other), 409, message("The retry key is already accepted"))

	b.clock.pass(24 * time.Hour)
	b.want(b.push(b.mai, retryKeyHeader, key), 200, "")
	if c := b.Counts(); c.Repeated != 2 || c.Accepted[LINEPush] != 2 {
		t.Errorf("counted %+v", c)
	}
}

func TestRetryKeyOfARefusedCallIsFree(t *testing.T) {
	t.Parallel()
	const key = "123e4567-e89b-12d3-a456-426614174000"
	b := setup(t)
	b.call("POST", "/line/v2/bot/message/push", `{"to":"`+b.mai+`","messages":[]}`, retryKeyHeader, key)
	b.want(b.push(b.mai, retryKeyHeader, key), 200, "")
}

func TestWhoIsReached(t *testing.T) {
	t.Parallel()
	b := setup(t)
	stranger := b.person(Person{Name: "Hùng"})
	reached := func() bool {
		t.Helper()
		b.want(b.push(stranger), 200, "")
		calls := b.AcceptedFor(stranger)
		last := calls[len(calls)-1]
		return slices.Contains(last.Reached, stranger) && last.Paid == 1
	}
	profile := func() int {
		return b.call("GET", "/line/v2/bot/profile/"+stranger, "").status
	}
	if reached() || profile() != 404 {
		t.Error("reached somebody who never had to do with the account")
	}
	b.write(stranger, "hi")
	if !reached() || profile() != 200 {
		t.Error("did not reach somebody who wrote")
	}
	b.clock.pass(7 * 24 * time.Hour)
	if reached() {
		t.Error("reached somebody who wrote a week ago")
	}
	if e, err := b.Follow(t.Context(), "shop", stranger); err != nil || !strings.Contains(string(e.Raw), `"isUnblocked":false`) {
		t.Errorf("Follow = %+v, %v", e, err)
	}
	if !reached() || profile() != 200 {
		t.Error("did not reach a friend")
	}
	if e, err := b.Unfollow(t.Context(), "shop", stranger); err != nil || e.ReplyToken != "" {
		t.Errorf("Unfollow = %+v, %v", e, err)
	}
	if reached() || profile() != 404 {
		t.Error("reached somebody who blocked the account")
	}
	if _, err := b.Write(t.Context(), "shop", stranger, "hi"); err == nil {
		t.Error("somebody who blocked the account wrote to it")
	}
	if e, err := b.Follow(t.Context(), "shop", stranger); err != nil || !strings.Contains(string(e.Raw), `"isUnblocked":true`) {
		t.Errorf("Follow = %+v, %v", e, err)
	}
	if c := b.Counts(); c.Undelivered != 3 || c.Delivered != 2 {
		t.Errorf("counted %+v", c)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	blocked := b.person(Person{Name: "Hùng", Friend: true})
	if _, err := b.Unfollow(t.Context(), "shop", blocked); err != nil {
		t.Fatal(err)
	}
	b.want(b.multicast(b.mai, blocked, b.lan), 200, "{}")
	call := b.Accepted()[0]
	if len(call.To) != 3 || !slices.Equal(call.Reached, []string{b.mai, b.lan}) || call.Paid != 2 {
		t.Errorf("recorded %+v", call)
	}
	all := `{"messages":[` + hello + `]}`
	b.want(b.call("POST", "/line/v2/bot/message/broadcast", all), 200, "{}")
	narrow := b.call("POST", "/line/v2/bot/message/narrowcast", all)
	b.want(narrow, 202, "{}")
	progress := b.call("GET", "/line/v2/bot/message/progress/narrowcast?requestId="+narrow.header.Get("X-Line-Request-Id"), "")
	if !strings.Contains(progress.body, `"phase":"succeeded"`) || !strings.Contains(progress.body, `"successCount":2`) {
		t.Errorf("progress %s", progress.body)
	}
	if c := b.Counts(); c.Paid != 6 || c.Delivered != 6 {
		t.Errorf("counted %+v", c)
	}
	b.clock.pass(24 * time.Hour)
	b.want(b.call("GET", "/line/v2/bot/message/delivery/multicast?date=20260105", ""), 200, `{"status":"ready","success":2}`)
	b.want(b.call("GET", "/line/v2/bot/message/delivery/push?date=20260106", ""), 200, `{"status":"unready"}`)
	b.want(b.call("GET", "/line/v2/bot/message/delivery/push?date=5.1.", ""), 400, "")
}

func TestUnknownPeopleMayBeIgnored(t *testing.T) {
	t.Parallel()
	b := setup(t, func(_ *Config, a *LINEAccount) { a.IgnoreUnknown = true })
	b.want(b.multicast(b.mai, "U00000000000000000000000000000000"), 200, "{}")
	if got := b.Accepted()[0].Reached; !slices.Equal(got, []string{b.mai}) {
		t.Errorf("reached %v", got)
	}
}

func TestQuota(t *testing.T) {
	t.Parallel()
	b := setup(t, func(_ *Config, a *LINEAccount) { a.Quota = 3 })
	b.want(b.call("GET", "/line/v2/bot/message/quota", ""), 200, `{"type":"limited","value":3}`)
	b.push(b.mai)
	b.push(b.mai)
	b.want(b.multicast(b.mai, b.lan), 429, message(lineOverQuota))
	b.want(b.push(b.lan), 200, "")
	b.want(b.push(b.lan), 429, message(lineOverQuota))
	b.want(b.reply(b.write(b.mai, "hi").ReplyToken), 200, "")
	b.want(b.call("GET", "/line/v2/bot/message/quota/consumption", ""), 200, `{"totalUsage":3}`)
	b.clock.pass(31 * 24 * time.Hour)
	b.want(b.push(b.lan), 200, "")
	b.want(b.call("GET", "/line/v2/bot/message/quota/consumption", ""), 200, `{"totalUsage":1}`)

	free := setup(t)
	free.want(free.call("GET", "/line/v2/bot/message/quota", ""), 200, `{"type":"none"}`)
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *Config, _ *LINEAccount) {
		c.Rates = map[Endpoint]Rate{LINEPush: {Calls: 2, Per: time.Second}}
	})
	b.want(b.push(b.mai), 200, "")
	b.want(b.push(b.mai), 200, "")
	b.want(b.push(b.mai), 429, message(lineTooFast))
	b.want(b.multicast(b.mai), 200, "")
	b.clock.pass(time.Second)
	b.want(b.push(b.mai), 200, "")

	free := setup(t, func(c *Config, _ *LINEAccount) {
		c.Unlimited = true
		c.Rates = map[Endpoint]Rate{LINEPush: {Calls: 1, Per: time.Hour}}
	})
	free.push(free.mai)
	free.want(free.push(free.mai), 200, "")
}

func TestPublishedRates(t *testing.T) {
	t.Parallel()
	for e, want := range map[Endpoint]Rate{
		LINEPush: {2000, time.Second}, LINEReply: {2000, time.Second}, LINEProfile: {2000, time.Second},
		LINEMulticast: {200, time.Second}, LINELoading: {100, time.Second}, LINEBroadcast: {60, time.Hour},
		LINENarrowcast: {60, time.Hour}, LINETestWebhook: {60, time.Hour}, LINESetWebhook: {1000, time.Minute},
	} {
		if got := lineRate(e); got != want {
			t.Errorf("%s: %v, want %v", e, got, want)
		}
	}
}

func TestInfoAndProfile(t *testing.T) {
	t.Parallel()
	b := setup(t, func(_ *Config, a *LINEAccount) {
		a.UserID, a.BasicID = "U00112233445566778899aabbccddeeff", "@maycloth"
	})
	b.want(b.call("GET", "/line/v2/bot/info", ""), 200, `{"userId":"U00112233445566778899aabbccddeeff","basicId":"@maycloth","displayName":"Tiệm Vải Mây","chatMode":"bot","markAsReadMode":"auto"}`)
	b.want(b.call("GET", "/line/v2/bot/profile/"+b.lan, ""), 200, `{"userId":"`+b.lan+`","displayName":"林雅婷","language":"zh-TW"}`)
	b.want(b.call("GET", "/line/v2/bot/profile/nobody", ""), 404, message("Not found"))
	b.want(b.call("GET", "/line/v2/bot/followers/ids?limit=1", ""), 200, `{"userIds":["`+b.mai+`"],"next":"from-1"}`)
	b.want(b.call("GET", "/line/v2/bot/followers/ids?start=from-1", ""), 200, `{"userIds":["`+b.lan+`"]}`)
	b.want(b.call("GET", "/line/v2/bot/followers/ids?limit=1001", ""), 400, "")
}

func TestLoadingAnimation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	loading := func(body string) answer {
		return b.call("POST", "/line/v2/bot/chat/loading/start", strings.ReplaceAll(body, "MAI", b.mai))
	}
	b.want(loading(`{"chatId":"MAI"}`), 202, "{}")
	b.want(loading(`{"chatId":"MAI","loadingSeconds":60}`), 202, "{}")
	if want := b.clock.now().Add(time.Minute); !b.accounts[0].people[b.mai].loading.Equal(want) {
		t.Error("does not show")
	}
	b.push(b.mai)
	if !b.accounts[0].people[b.mai].loading.IsZero() {
		t.Error("shows after a message")
	}
	for _, body := range []string{`{"chatId":"MAI","loadingSeconds":7}`, `{"chatId":"MAI","loadingSeconds":65}`, `{"chatId":"C1"}`, `{}`} {
		if got := loading(body); got.status != 400 {
			t.Errorf("%s: %d", body, got.status)
		}
	}
	b.want(b.call("POST", "/line/v2/bot/chat/markAsRead", `{"markAsReadToken":"m"}`), 200, "{}")
	b.want(b.call("POST", "/line/v2/bot/chat/markAsRead", `{}`), 400, "")
}

func TestWebhookEndpoint(t *testing.T) {
	t.Parallel()
	b := setup(t, func(_ *Config, a *LINEAccount) { a.WebhookURL = "" })
	endpoint := func(method, body string) answer {
		return b.call(method, "/line/v2/bot/channel/webhook/endpoint", body)
	}
	try := func(body string) string {
		a := b.call("POST", "/line/v2/bot/channel/webhook/test", body)
		b.want(a, 200, "")
		return a.body
	}
	b.want(endpoint("GET", ""), 404, "")
	b.want(b.call("POST", "/line/v2/bot/channel/webhook/test", ""), 404, "")
	for _, bad := range []string{"", "ftp://a.example", "http://a.example", "https://", "https://a.example/" + strings.Repeat("a", 500)} {
		b.want(endpoint("PUT", `{"endpoint":"`+bad+`"}`), 400, "")
	}
	b.want(endpoint("PUT", `{"endpoint":"https://a.example/hook"}`), 200, "{}")
	b.want(endpoint("PUT", `{"endpoint":"`+b.hook.URL+`"}`), 200, "{}")
	b.want(endpoint("GET", ""), 200, `{"active":true,"endpoint":"`+b.hook.URL+`"}`)

	if got := try(""); !strings.Contains(got, `"reason":"OK"`) || !strings.Contains(got, `"success":true`) || !strings.Contains(got, `"timestamp":"2026-01-05T03:00:00.000Z"`) {
		t.Errorf("test: %s", got)
	}
	got := b.hook.last(t)
	if want := `{"destination":"` + b.line["shop"].UserID + `","events":[]}`; string(got.body) != want {
		t.Errorf("posted %s, want %s", got.body, want)
	}
	if got.header.Get("x-line-signature") != SignLINE(secret, got.body) {
		t.Error("not signed")
	}
	b.hook.status = http.StatusUnauthorized
	if got := try(`{"endpoint":"` + b.hook.URL + `"}`); !strings.Contains(got, `"reason":"ERROR_STATUS_CODE","statusCode":401,"success":false`) {
		t.Errorf("test: %s", got)
	}
	b.hook.Close()
	if got := try(""); !strings.Contains(got, `"reason":"COULD_NOT_CONNECT","statusCode":0`) {
		t.Errorf("test: %s", got)
	}
}
