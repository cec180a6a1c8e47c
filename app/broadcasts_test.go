package app

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFlagsMakeAPlan(t *testing.T) {
	t.Parallel()
	file := write(t, "plan.json", `{"subject": "Autumn", "content": {"block": "hello"}, "audience": {"all": true}, "when": {"at": "2026-12-24T09:00"}}`)
	for name, c := range map[string]struct {
		given broadcastsCreate
		want  string
	}{
		"a block to everybody": {broadcastsCreate{Subject: "Autumn", Block: "hello", All: true},
			`{"audience":{"all":true},"content":{"block":"hello"},"subject":"Autumn"}`},
		"texts to some, at a time": {broadcastsCreate{Subject: "Autumn", Text: []string{"Hi", "there"}, Where: `"vip" in tags`, Exclude: `"old" in tags`, First: new(10), At: "2026-12-24T09:00", Local: true},
			`{"audience":{"exclude":{"where":"\"old\" in tags"},"first":10,"where":"\"vip\" in tags"},"content":{"messages":[{"text":"Hi","type":"text"},{"text":"there","type":"text"}]},"subject":"Autumn","when":{"at":"2026-12-24T09:00","local":true}}`},
		"a file, changed by flags": {broadcastsCreate{Plan: file, Subject: "Winter", First: new(5), Tag: []string{"told"}, Set: map[string]string{"n": "1"}},
			`{"attributes":{"n":"1"},"audience":{"all":true,"first":5},"content":{"block":"hello"},"subject":"Winter","tags":["told"],"when":{"at":"2026-12-24T09:00"}}`},
		"another way of saying who and what than the file's": {broadcastsCreate{Plan: file, Segment: "VIPs", Text: []string{"Hi"}},
			`{"audience":{"segment":"VIPs"},"content":{"messages":[{"text":"Hi","type":"text"}]},"subject":"Autumn","when":{"at":"2026-12-24T09:00"}}`},
	} {
		plan, err := c.given.plan(&Process{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got bytes.Buffer
		e := json.NewEncoder(&got)
		e.SetEscapeHTML(false)
		if err := e.Encode(plan); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.want, strings.TrimSpace(got.String())); d != "" {
			t.Errorf("%s: -want +got\n%s", name, d)
		}
	}
	for _, bad := range []broadcastsCreate{{Block: "hello", All: true}, {Plan: write(t, "broken.json", `["x"]`), Subject: "x"}, {Plan: "none.json"}} {
		if _, err := bad.plan(&Process{}); exitCode(err) != exitUsage {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestAReportForPeople(t *testing.T) {
	t.Parallel()
	var v broadcastReportView
	err := json.Unmarshal([]byte(`{"subject": "Autumn", "age_seconds": 12, "sum": "4 = 2 sent + 1 failed + 1 skipped", "run": {"number": 3, "state": "finished", "started_at": "2026-11-21T03:00:00Z"},
		"total": {"audience": 4, "statuses": {"sent": 2, "failed": 1, "skipped": 1}, "accepted": {"count": 2, "of": 4, "rate": 0.5}, "delivered": null, "read": null,
			"clicked": {"count": 1, "of": 2, "rate": 0.5}, "replied": {"12h": {"count": 0, "of": 2, "rate": 0}, "24h": {"count": 1, "of": 2, "rate": 0.5}, "48h": {"count": 1, "of": 2, "rate": 0.5}},
			"unsubscribed": {"count": 0, "of": 2, "rate": 0}, "blocked": {"count": 0, "of": 2, "rate": 0}, "failed": [{"reason": "down", "count": 1, "fix": "Wait.", "retry": true}],
			"skipped": [{"reason": "blocked", "count": 1, "fix": "They left."}], "unknown": 0, "cost": {"amount": 0.4, "currency": "TWD"}},
		"clicks": [{"message": 0, "card": 1, "button": 2, "title": "看看", "people": null, "taps": 3}], "follow_ups": {"count": 1, "statuses": {"sent": 1}}, "notes": ["line tells little."]}`), &v)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := v.print(&session{p: &Process{Out: &out}, zoneName: "Asia/Taipei"}); err != nil {
		t.Fatal(err)
	}
	const want = `Autumn, started 2026-11-21 11:00:00 CST: finished (counted 12s ago)
4 = 2 sent + 1 failed + 1 skipped

WHAT                     ALL
audience                 4
accepted                 2 of 4 (50.0%)
delivered                not known
read                     not known
clicked                  1 of 2 (50.0%)
replied within 12h       0 of 2 (0.0%)
replied within 24h       1 of 2 (50.0%)
replied within 48h       1 of 2 (50.0%)
unsubscribed within 24h  0 of 2 (0.0%)
left within 24h          0 of 2 (0.0%)
failed                   1
skipped or canceled      1
nobody knows             0
still open               0
cost                     0.40 TWD

WHY               COUNT  RETRY  WHAT TO DO
failed: down      1      yes    Wait.
skipped: blocked  1             They left.

MESSAGE  CARD  BUTTON  TAPS  PEOPLE     TITLE
0        1     2       3     not known  看看

follow-ups, which are no part of the sum: 1 (sent 1)

note: line tells little.
`
	if d := cmp.Diff(want, out.String()); d != "" {
		t.Error(d)
	}
}

func TestWhyWithTheBytes(t *testing.T) {
	t.Parallel()
	var v whyView
	if err := json.Unmarshal([]byte(`{"lines": ["Delivery 7: sent."], "deliveries": [{"account": "Shop", "channel": "line", "payloads": [{"messages": 1, "body": [{"type":"text","text":"Hi"}]}]}, {"account": "Page", "channel": "messenger"}]}`), &v); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"Delivery 7: sent.", `What line gets from Shop: [{"type":"text","text":"Hi"}]`}, v.lines()); d != "" {
		t.Error(d)
	}
}

func TestBroadcastsOfABotWithoutAny(t *testing.T) {
	t.Parallel()
	typed := shopFolder(t)
	out, errs, code := typed("broadcasts", "list")
	says(t, out, errs, code, "(none)\n")
	if _, errs, code := typed("broadcasts", "create", "Autumn", "--block", "hello"); code != exitUsage || !strings.Contains(errs, "say who is meant: everybody with --all, or some of them with --where, --segment or --list") || strings.Contains(errs, "{") {
		t.Errorf("nobody is meant: code %d, %s", code, errs)
	}
	if _, errs, code := typed("broadcasts", "report", "none"); code != exitAbsent || !strings.Contains(errs, `no broadcast "none"`) {
		t.Errorf("an unknown one: code %d, %s", code, errs)
	}
	if _, errs, code := typed("broadcasts", "again", "none", "--outcome", "lucky"); code != exitUsage || !strings.Contains(errs, "not_reached") {
		t.Errorf("no outcome: code %d, %s", code, errs)
	}
}

// The first nobody is no audience, and does not mean everybody.
func TestTheFirstOfNobody(t *testing.T) {
	t.Parallel()
	for _, first := range []int{0, -1} {
		c := broadcastsCreate{Subject: "Autumn", Block: "hello", All: true, First: new(first)}
		if plan, err := c.plan(&Process{}); err == nil || !strings.Contains(err.Error(), "--first counts people") {
			t.Errorf("--first %d became %v, %v", first, plan, err)
		}
	}
}

// One that is scheduled is shown with its time, which a plan that repeats does
// not tell.
func TestShowSaysWhenItIsDue(t *testing.T) {
	t.Parallel()
	typed := lineFolder(t)
	out, errs, code := typed("broadcasts", "create", "Autumn", "--text", "Hi", "--all", "--at", "2099-12-24T09:00:00Z", "--json")
	var v broadcastView
	if err := json.Unmarshal([]byte(out), &v); err != nil || code != exitFine {
		t.Fatalf("code %d, %v: %s%s", code, err, out, errs)
	}
	out, errs, code = typed("broadcasts", "show", v.ID)
	says(t, out, errs, code, "draft, version 1\n")
	out, errs, code = typed("broadcasts", "schedule", v.ID)
	says(t, out, errs, code, "is scheduled, due 2099-12-24")
	out, errs, code = typed("broadcasts", "show", v.ID)
	says(t, out, errs, code, "scheduled, due 2099-12-24")
}
