package app

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What flags make is taken by the server as it was meant.
func TestABroadcastOfVariantsThatRepeats(t *testing.T) {
	t.Parallel()
	typed := lineFolder(t)
	for name, c := range map[string]struct {
		flags []string
		want  string // of the plan the server has kept
	}{
		"variants": {[]string{"--all", "--variant", "long=hello", "--variant-text", "short=Hi!", "--variant-text", "short=Open, on Sundays = today", "--weight", "long=3", "--hold-out", "2"},
			`{"subject":"Autumn","content":{},"variants":[{"name":"long","weight":3,"content":{"block":"hello"}},` +
				`{"name":"short","weight":1,"content":{"messages":[{"text":"Hi!","type":"text"},{"text":"Open, on Sundays = today","type":"text"}]}}],"hold_out":2,"audience":{"all":true},"intent":"promotional"}`},
		"held out of one text": {[]string{"--all", "--text", "Hi", "--hold-out", "10"},
			`{"subject":"Autumn","content":{"messages":[{"text":"Hi","type":"text"}]},"hold_out":10,"audience":{"all":true},"intent":"promotional"}`},
		"on days of the week": {[]string{"--all", "--block", "hello", "--at", "2026-12-24T09:00", "--weekdays", "Mon, thu", "--until", "2027-03-31", "--times", "10"},
			`{"subject":"Autumn","content":{"block":"hello"},"audience":{"all":true},"when":{"at":"2026-12-24T09:00","repeat":{"weekdays":["mon","thu"],"until":"2027-03-31","times":10}},"intent":"promotional"}`},
		"daily, with the words about unsubscribing": {[]string{"--all", "--block", "hello", "--unsubscribe", "--at", "2026-12-24T09:00", "--every-days", "1"},
			`{"subject":"Autumn","content":{"block":"hello"},"audience":{"all":true},"when":{"at":"2026-12-24T09:00","repeat":{"every_days":1}},"intent":"promotional","unsubscribe":true}`},
	} {
		out, errs, code := typed(append([]string{"broadcasts", "create", "Autumn", "--json"}, c.flags...)...)
		var b struct {
			Plan any `json:"plan"`
		}
		if code != 0 || json.Unmarshal([]byte(out), &b) != nil {
			t.Errorf("%s: %d %s", name, code, errs)
			continue
		}
		var want any
		if err := json.Unmarshal([]byte(c.want), &want); err != nil {
			t.Fatal(err)
		}
		if m, ok := want.(map[string]any)["content"].(map[string]any); ok && len(m) == 0 {
			delete(want.(map[string]any), "content")
		}
		if d := cmp.Diff(want, b.Plan); d != "" {
			t.Errorf("%s: -want +got\n%s", name, d)
		}
	}
}

// Whoever types flags reads of flags, from the command as from the server.
func TestMistakesInFlags(t *testing.T) {
	t.Parallel()
	typed := lineFolder(t)
	all := func(flags ...string) []string { return append([]string{"--all"}, flags...) }
	for name, c := range map[string]struct {
		flags []string
		want  string
	}{
		"nobody":                         {[]string{"--block", "hello"}, "say who is meant: everybody with --all, or some of them with --where, --segment or --list"},
		"two ways":                       {all("--block", "hello", "--segment", "VIPs"), "say who is meant in one way, not with --all and --segment: --exclude leaves some of them out"},
		"fewer than nobody":              {all("--block", "hello", "--first=-1"), "--first counts people: give 1 or more, or leave it out for all"},
		"nothing":                        {all(), "say what is sent: --block, --text or --variant"},
		"a block and texts":              {all("--block", "hello", "--text", "Hi"), "give --block or --text, not both"},
		"variants and a block":           {all("--block", "hello", "--variant", "a=hello", "--variant", "b=hello"), "with --variant all that is said is in the variants: leave --block and --text out"},
		"a variant without a block":      {all("--variant", "hello"), `--variant takes NAME=BLOCK, not "hello"`},
		"a text without a name":          {all("--variant-text", "=Hi"), `--variant-text takes NAME=TEXT, not "=Hi"`},
		"one variant":                    {all("--variant", "a=hello"), "one variant is no choice: say it with --block or --text, or name a second one"},
		"a variant twice":                {all("--variant", "a=hello", "--variant", "a=bye"), `--variant names "a" twice: each variant has a name of its own`},
		"a variant of both":              {all("--variant", "a=hello", "--variant-text", "a=Hi"), `the variant "a" says a block or texts: name it with --variant or --variant-text, not both`},
		"a weight of nothing":            {all("--block", "hello", "--weight", "a=1"), "--weight is of a variant: name them with --variant or --variant-text"},
		"a weight of another":            {all("--variant", "a=hello", "--variant", "b=hello", "--weight", "c=1"), `--weight names "c", and there is no such variant; there are a, b`},
		"no weight":                      {all("--variant", "a=hello", "--variant", "b=hello", "--weight", "a=much"), `--weight a: a weight is a whole number from 1 on, not "much"`},
		"a weight twice":                 {all("--variant", "a=hello", "--variant", "b=hello", "--weight", "a=1", "--weight", "a=2"), `--weight names "a" twice`},
		"a variant of an unknown block":  {all("--variant", "a=hello", "--variant", "b=helo"), `--variant: `},
		"a hold-out of all":              {all("--block", "hello", "--hold-out", "100"), "--hold-out: without variants it is a part of 100: at most 99, not 100"},
		"a hold-out below none":          {all("--block", "hello", "--hold-out=-1"), "--hold-out: between 0 and 10000, not -1"},
		"a hold-out that is no number":   {all("--block", "hello", "--hold-out", "some"), "--hold-out"},
		"two ways to repeat":             {all("--block", "hello", "--at", "2026-12-24T09:00", "--weekdays", "mon", "--every-days", "2"), "--weekdays and --every-days are two ways to repeat: give one of them"},
		"no such day":                    {all("--block", "hello", "--at", "2026-12-24T09:00", "--weekdays", "mon,someday"), `--weekdays: "someday" is no day: mon, tue, wed, thu, fri, sat or sun`},
		"every 0 days":                   {all("--block", "hello", "--at", "2026-12-24T09:00", "--every-days", "0"), "--every-days counts days: give 1 or more, not 0"},
		"every thousand years":           {all("--block", "hello", "--at", "2026-12-24T09:00", "--every-days", "365000"), "--every-days: between 1 and 366 days, not 365000"},
		"an end of what does not repeat": {all("--block", "hello", "--at", "2026-12-24T09:00", "--until", "2026-12-31"), "--until and --times bound what is sent again: say on which days, with --weekdays or --every-days"},
		"an end before the beginning":    {all("--block", "hello", "--at", "2026-12-24T09:00", "--every-days", "1", "--until", "2026-12-01"), "--until: it ends on 2026-12-01, before it begins"},
		"never":                          {all("--block", "hello", "--at", "2026-12-24T09:00", "--every-days", "1", "--times", "0"), "--times counts how often in all: give 1 or more, not 0"},
		"again at no time":               {all("--block", "hello", "--every-days", "1"), "what is sent again needs a time of day: say when it is sent first with --at"},
		"a block that asks":              {all("--block", "survey"), `--block: "survey" asks or waits, and would open a conversation with everybody: --allow-questions lets it`},
		"no lateness":                    {all("--block", "hello", "--at", "2026-12-24T09:00", "--max-lateness", "0s"), "--max-lateness: it is more than 0"},
		"a wrong expression":             {[]string{"--block", "hello", "--where", `"vip" in tag`}, "--where: "},
	} {
		_, errs, code := typed(append([]string{"broadcasts", "create", "Autumn"}, c.flags...)...)
		if code == exitFine || !strings.Contains(errs, c.want) {
			t.Errorf("%s: %d %s", name, code, errs)
		}
	}
	if out, errs, code := typed("bots", "update", "--set", `broadcasts={"unsubscribe": {"text": "Bye?", "button": "Bye", "required": true}}`); code != exitFine {
		t.Fatalf("code %d, %s%s", code, out, errs)
	}
	if _, errs, code := typed("broadcasts", "create", "Autumn", "--all", "--block", "hello"); code != exitUsage || !strings.Contains(errs, "--unsubscribe: the bot's settings want") {
		t.Errorf("without the words that the bot's settings want: %d %s", code, errs)
	}
}

// A plan in a file is refused with the field that is wrong, when it is made as
// when it is changed.
func TestMistakesInAPlansFile(t *testing.T) {
	t.Parallel()
	typed := lineFolder(t)
	file := func(more string) string {
		return write(t, "plan.json", `{"subject": "Autumn", "content": {"block": "hello"}, "audience": {"all": true}`+more+`}`)
	}
	out, errs, code := typed("broadcasts", "create", "--plan", file(""), "--json")
	var b struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(out), &b); code != exitFine || err != nil {
		t.Fatalf("code %d, %s%s", code, out, errs)
	}
	for more, want := range map[string]string{
		`, "tolerance": -3`:                            "tolerance: between 0 and 900 percent, not -3\n",
		`, "when": {"at": "noon"}`:                     `when.at: "noon" is no time`,
		`, "category": "much longer than twenty"`:      "category: a category has at most 20 characters",
		`, "when": {"at": "2026-12-24T09:00", "n": 1}`: "when.n: there is no such field",
	} {
		for _, command := range [][]string{{"create", "--plan", file(more)}, {"edit", b.ID, file(more), "--version", "1"}} {
			_, errs, code := typed(append([]string{"broadcasts"}, command...)...)
			if code != exitUsage || !strings.Contains(errs, want) {
				t.Errorf("%s, %s: %d %s", command[0], more, code, errs)
			}
		}
	}
}
