package channels_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/blockcast/blockcast/channels"
)

func TestCleanText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"nothing to do": {"đơn hàng 👋", "đơn hàng 👋"},
		"nul":           {"a\x00b", "ab"},
		"not utf-8":     {"a\xffb", "a\uFFFDb"},
		"both":          {"\x00\xff", "\uFFFD"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := channels.CleanText(c.in); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestCleanJSON(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"nothing to do":      {`{"a":"b"}`, `{"a":"b"}`},
		"escapes stay":       {`"\n\"\\\u00e9"`, `"\n\"\\\u00e9"`},
		"nul":                {`"a\u0000b"`, `"ab"`},
		"no nul, a text":     {`"a\\u0000b"`, `"a\\u0000b"`},
		"nul after slash":    {`"a\\\u0000b"`, `"a\\b"`},
		"pair":               {`"\ud83d\udc4b"`, `"\ud83d\udc4b"`},
		"pair in capitals":   {`"\uD83D\uDC4B"`, `"\uD83D\uDC4B"`},
		"lone high":          {`"\ud83dx"`, `"` + "\uFFFD" + `x"`},
		"lone low":           {`"\udc4b"`, `"` + "\uFFFD" + `"`},
		"high, then high":    {`"\ud83d\ud83d\udc4b"`, `"` + "\uFFFD" + `\ud83d\udc4b"`},
		"high, then another": {`"\ud83d\u0041"`, `"` + "\uFFFD" + `\u0041"`},
		"not utf-8":          {"\"a\xffb\"", "\"a\uFFFDb\""},
		"cut short":          {`"\u00`, `"\u00`},
		"slash at the end":   {`\`, `\`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := string(channels.CleanJSON([]byte(c.in))); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzCleanJSON(f *testing.F) {
	for _, s := range []string{`{"a":"b\u0000"}`, `"\ud83d\udc4b\ud83d"`, "\"\xff\\\\u0000\"", `[1,2`, "0\\\x80"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		out := channels.CleanJSON(in)
		if !utf8.Valid(out) {
			t.Fatalf("%q is not UTF-8", out)
		}
		if !json.Valid(in) {
			return
		}
		if !json.Valid(out) {
			t.Fatalf("%q was valid, %q is not", in, out)
		}
		var s string
		if json.Unmarshal(out, &s) == nil && strings.ContainsRune(s, 0) {
			t.Fatalf("%q still holds a NUL", out)
		}
	})
}
