package engine_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
)

// published makes a flow of triggers and blocks, each block's id its name.
func published(flow string, triggers []flows.Trigger, names ...string) engine.Published {
	p := &flows.Program{Flow: flow, Triggers: triggers, Blocks: map[string]*flows.Block{}}
	for _, n := range names {
		p.Blocks["id of "+n] = &flows.Block{ID: "id of " + n, Name: n, Aliases: []string{"old " + n, "module-" + n}}
	}
	return engine.Published{Name: flow, Program: p}
}

func TestFind(t *testing.T) {
	t.Parallel()
	l := engine.NewLibrary("b", 1, []engine.Published{
		published("a", nil, "Đơn hàng", "order shipped", "old thanks"),
		published("b", nil, "thanks"),
	}, nil)
	for given, want := range map[string]string{
		"order shipped":       "order shipped",
		"  ORDER  Shipped ":   "order shipped",
		"ｏｒｄｅｒ shipped":       "order shipped",
		"đơn HÀNG":            "Đơn hàng",
		"id of order shipped": "order shipped",
		"module-thanks":       "thanks",
		"old order shipped":   "order shipped",
		"old thanks":          "old thanks", // a name goes before another's alias
	} {
		p, b, err := l.Find(given)
		if err != nil || b.Name != want || p.Program.Blocks[b.ID] != b {
			t.Errorf("%q found %+v in %s (%v), want %s", given, b, p.Name, err, want)
		}
	}
	for given, hint := range map[string]string{"order shiped": `"order shipped"`, "modul-thanks": `"module-thanks"`, "zzz": ""} {
		_, _, err := l.Find(given)
		var refused *engine.Error
		if !errors.As(err, &refused) || refused.Code != engine.NotFound || refused.Field != "block" || !strings.Contains(refused.Hint, hint) || !strings.Contains(refused.Message, given) {
			t.Errorf("%q: %+v", given, refused)
		}
	}
	if _, _, err := l.Find(" "); !engine.IsCode(err, engine.Invalid) {
		t.Errorf("no name: %v", err)
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	keyword := func(block string, f func(*flows.Trigger)) flows.Trigger {
		tr := flows.Trigger{On: engine.OnKeyword, Block: block}
		f(&tr)
		return tr
	}
	words := func(list ...string) func(*flows.Trigger) { return func(tr *flows.Trigger) { tr.Any = list } }
	l := engine.NewLibrary("b", 1, []engine.Published{
		published("zoo", []flows.Trigger{
			keyword("zoo shoe", words("shoe")),
			keyword("shoe first", func(tr *flows.Trigger) { tr.Any, tr.Priority = []string{"boot"}, 5 }),
			{On: engine.OnFollow, Channels: []string{"line"}, Block: "line follow"},
			{On: engine.OnFollow, Channels: []string{"messenger"}, Accounts: []string{"page2"}, Block: "page two follow"},
			{On: engine.OnEvent, Event: "paid", Block: "paid"},
			{On: engine.OnDefault, Block: "default"},
			{On: engine.OnMedia, Block: "media"},
		}),
		published("app", []flows.Trigger{
			keyword("app shoe", words("shoe", "boot")),
			keyword("red shoe", func(tr *flows.Trigger) { tr.All = []string{"red", "shoe"} }),
			keyword("exactly", func(tr *flows.Trigger) { tr.Exact = []string{"red shoe"} }),
			keyword("pattern", func(tr *flows.Trigger) { tr.Pattern = `(?i)shoe|ORD-\d+` }),
			keyword("order", words("đơn hàng")),
			keyword("marked", words("don")),
			keyword("chinese", words("優惠券", "q&a")),
			keyword("thai", words("สวัสดี")),
			keyword("agent", func(tr *flows.Trigger) { tr.Any, tr.Even = []string{"urgent"}, true }),
			keyword("only viber", func(tr *flows.Trigger) { tr.Exact, tr.Channels = []string{"shoe"}, []string{"viber"} }),
			keyword("emoji", words("👍")),
		}),
	}, nil)
	tests := []struct {
		name string
		on   engine.On
		want string // the block, "" for none
	}{
		{"the flow whose name comes first", engine.On{Kind: engine.OnKeyword, Text: "a shoe"}, "app shoe"},
		{"a higher priority", engine.On{Kind: engine.OnKeyword, Text: "boot"}, "shoe first"},
		{"all before any", engine.On{Kind: engine.OnKeyword, Text: "shoe, RED!"}, "red shoe"},
		{"exact before all", engine.On{Kind: engine.OnKeyword, Text: " Red  shoe "}, "exactly"},
		{"a pattern last", engine.On{Kind: engine.OnKeyword, Text: "shoes"}, "pattern"},
		{"a pattern sees the text as written", engine.On{Kind: engine.OnKeyword, Text: "ORD-12"}, "pattern"},
		{"whole words", engine.On{Kind: engine.OnKeyword, Text: "bootleg"}, ""},
		{"beside punctuation", engine.On{Kind: engine.OnKeyword, Text: "¿boot?"}, "shoe first"},
		{"another script beside it", engine.On{Kind: engine.OnKeyword, Text: "我要boot"}, "shoe first"},
		{"inside Chinese", engine.On{Kind: engine.OnKeyword, Text: "請給我優惠券謝謝"}, "chinese"},
		{"inside Thai", engine.On{Kind: engine.OnKeyword, Text: "ครับสวัสดีครับ"}, "thai"},
		{"full width", engine.On{Kind: engine.OnKeyword, Text: "Ｑ＆Ａ"}, "chinese"},
		{"an emoji anywhere", engine.On{Kind: engine.OnKeyword, Text: "ok👍thanks"}, "emoji"},
		{"without accents", engine.On{Kind: engine.OnKeyword, Text: "DON HANG dau roi"}, "marked"}, // written so by somebody else's keyword
		{"as one writes them", engine.On{Kind: engine.OnKeyword, Text: "Đơn hàng đâu rồi"}, "order"},
		{"decomposed", engine.On{Kind: engine.OnKeyword, Text: "đơn hàng"}, "order"},
		{"nothing", engine.On{Kind: engine.OnKeyword, Text: ""}, ""},
		{"far into a long text", engine.On{Kind: engine.OnKeyword, Text: strings.Repeat("x ", 2000) + "boot"}, ""},
		{"another channel's", engine.On{Kind: engine.OnKeyword, Text: "shoe", Channel: "viber"}, "only viber"},
		{"beside an agent", engine.On{Kind: engine.OnKeyword, Text: "boot", HandedOver: true}, ""},
		{"beside an agent all the same", engine.On{Kind: engine.OnKeyword, Text: "urgent!", HandedOver: true}, "agent"},
		{"by channel", engine.On{Kind: engine.OnFollow, Channel: "line"}, "line follow"},
		{"by account", engine.On{Kind: engine.OnFollow, Channel: "messenger", AccountID: "x", AccountExternalID: "page2"}, "page two follow"},
		{"by another account", engine.On{Kind: engine.OnFollow, Channel: "messenger", AccountID: "x"}, ""},
		{"an event", engine.On{Kind: engine.OnEvent, Data: "paid"}, "paid"},
		{"another event", engine.On{Kind: engine.OnEvent, Data: "pai"}, ""},
		{"default", engine.On{Kind: engine.OnDefault}, "default"},
		{"default in a group", engine.On{Kind: engine.OnDefault, Group: true}, ""},
		{"media in a group", engine.On{Kind: engine.OnMedia, Group: true}, ""},
		{"a keyword in a group", engine.On{Kind: engine.OnKeyword, Text: "boot", Group: true}, "shoe first"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, trigger, ok := l.Match(tt.on)
			got := ""
			if ok {
				got = trigger.Block
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestLooseMatch holds that accents count where somebody wrote them and are
// forgiven where nobody means anything else.
func TestLooseMatch(t *testing.T) {
	t.Parallel()
	l := engine.NewLibrary("b", 1, []engine.Published{published("a", []flows.Trigger{
		{On: engine.OnKeyword, Any: []string{"má"}, Block: "mother"},
		{On: engine.OnKeyword, Any: []string{"mả"}, Block: "tomb", Priority: -1},
		{On: engine.OnKeyword, Pattern: ".*", Block: "anything"},
	})}, nil)
	for text, want := range map[string]string{"má ơi": "mother", "mả": "tomb", "ma": "mother", "mạ": "mother", "may": "anything"} {
		if _, trigger, ok := l.Match(engine.On{Kind: engine.OnKeyword, Text: text}); !ok || trigger.Block != want {
			t.Errorf("%s: %+v, want %s", text, trigger, want)
		}
	}
}

// FuzzMatch compares the index with looking for each keyword one after the
// other.
func FuzzMatch(f *testing.F) {
	for _, s := range [][3]string{
		{"đơn hàng", "order", "cho hỏi đơn hàng"}, {"優惠券", "券", "我要優惠券"}, {"a b", "b", "x a  b"}, {"-a", "a-", "b-a-"},
		{"สวัส", "ดี", "สวัสดี"}, {"ß", "SS", "straße"}, {"é", "é", "é"}, {"\xff", "a", "a\xff"}, {"İ", "i", "İstanbul"},
	} {
		f.Add(s[0], s[1], s[2])
	}
	f.Fuzz(func(t *testing.T, a, b, text string) {
		if len(a)+len(b)+len(text) > engine.MaxMatchedText {
			return
		}
		// Folded as a publish does it.
		words := []string{blocks.Fold(a), blocks.Fold(b)}
		l := engine.NewLibrary("b", 1, []engine.Published{published("a", []flows.Trigger{
			{On: engine.OnKeyword, Any: words[:1], Block: "a"}, {On: engine.OnKeyword, Any: words[1:], Block: "b"},
		})}, nil)
		_, got, ok := l.Match(engine.On{Kind: engine.OnKeyword, Text: text})
		want := slowly(words, text)
		switch {
		case ok != (want >= 0):
			t.Errorf("keywords %q in %q: found %v, looked for %d", words, text, ok, want)
		case ok && got.Block != string(rune('a'+want)):
			t.Errorf("keywords %q in %q: found %s, looked for %d", words, text, got.Block, want)
		}
	})
}

func slowly(words []string, text string) int {
	for _, fold := range []func(string) string{blocks.Fold, blocks.FoldLoose} {
		if i := slices.IndexFunc(words, func(w string) bool { return occurs(fold(w), fold(strings.TrimSpace(text))) }); i >= 0 {
			return i
		}
	}
	return -1
}

func occurs(word, text string) bool {
	if word == "" {
		return false
	}
	for i := range text {
		if strings.HasPrefix(text[i:], word) && engine.WordAt(text, i, i+len(word)) {
			return true
		}
	}
	return false
}
