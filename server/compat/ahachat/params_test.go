package ahachat

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/server/compat/lenient"
)

func TestReadParams(t *testing.T) {
	t.Parallel()
	type m = map[string]any
	for _, c := range []struct {
		name, query, kind, body string
		own                     map[string]string
		want                    m
	}{
		{name: "nothing"},
		{name: "escapes", query: "a=%C4%91%C6%A1n&b=x+y&c=x%20y&d=đơn&e=1%2B1", want: m{"a": "đơn", "b": "x y", "c": "x y", "d": "đơn", "e": "1+1"}},
		{name: "escapes nothing", query: "a=100%&b=5%zz&c=%4", want: m{"a": "100%", "b": "5%zz", "c": "%4"}},
		{name: "not UTF-8", query: "a=%ff%00b", want: m{"a": "\uFFFDb"}},
		{name: "an equals sign in the value", query: "a=b=c==", want: m{"a": "b=c=="}},
		{name: "absent", query: "a=&b=null&c=undefined&d&=e&f=NULL", want: m{"f": "NULL"}},
		{name: "the last wins, unless absent", query: "a=1&a=2&a=", want: m{"a": "2"}},
		{name: "own names in any case", query: "AHACHAT_Token=t&Chatfuel_Block_Name=b&ahachat=x", own: map[string]string{"token": "t", "block_name": "b"}, want: m{"ahachat": "x"}},
		{name: "a second question mark", query: "ahachat_token=t?ahachat_block_name=b?phone=1&x=y", own: map[string]string{"token": "t", "block_name": "b"}, want: m{"phone": "1", "x": "y"}},
		{name: "question marks at the beginning", query: "??ahachat_token=t&?a=b", own: map[string]string{"token": "t"}, want: m{"a": "b"}},
		{name: "question marks in text", query: "a=How are you?&b=Really? Yes=no&c=?", want: m{"a": "How are you?", "b": "Really? Yes=no", "c": "?"}},
		{name: "an address in a value", query: "a=https://x.vn/o?id=5&b=https://x.vn?ahachat_token=t", own: map[string]string{"token": "t"}, want: m{"a": "https://x.vn/o?id=5", "b": "https://x.vn"}},
		{name: "JSON", kind: "application/json", body: `{"n":1280000.10,"big":12345678901234567890,"b":true,"no":null,"s":"null","l":[1,"a"],"o":{"k":1}}`,
			want: m{"n": json.Number("1280000.10"), "big": json.Number("12345678901234567890"), "b": true, "l": []any{json.Number("1"), "a"}, "o": m{"k": json.Number("1")}}},
		{name: "own names in JSON", kind: "application/json; charset=utf-8", body: `{"chatfuel_block_id":42,"CHATFUEL_TOKEN":" t "}`, own: map[string]string{"block_id": "42", "token": "t"}},
		{name: "the body wins, unless absent", query: "a=1&b=2", body: `{"a":"3","b":""}`, want: m{"a": "3", "b": "2"}},
		{name: "JSON said to be a form", kind: "application/x-www-form-urlencoded", body: `{"a":"b"}`, want: m{"a": "b"}},
		{name: "JSON with a byte order mark", body: "\xef\xbb\xbf{\"a\":\"b\"}", want: m{"a": "b"}},
		{name: "a form said to be JSON", kind: "application/json", body: "a=b&c=d+e", want: m{"a": "b", "c": "d e"}},
		{name: "a form without type", body: "a=b", want: m{"a": "b"}},
		{name: "null", kind: "application/json", body: "null"},
		{name: "null without type", body: " null\n"},
		{name: "PHP's empty map", kind: "application/json", body: "[]"},
		{name: "an empty text", kind: "application/json", body: `""`},
		{name: "spaces", kind: "application/json", body: " \r\n"},
		{name: "multipart", kind: "multipart/form-data; boundary=X", body: "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb c\r\n--X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\nfile\r\n--X--\r\n", want: m{"a": "b c"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := readParams(lenient.Request{Query: c.query, ContentType: c.kind, Body: []byte(c.body)})
			if err != nil {
				t.Fatal(err)
			}
			if c.own == nil {
				c.own = map[string]string{}
			}
			if c.want == nil {
				c.want = m{}
			}
			if d := cmp.Diff(c.own, got.own) + cmp.Diff(c.want, got.attributes); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestReadParamsRefuses(t *testing.T) {
	t.Parallel()
	many := strings.Repeat("x", lenient.MaxName)
	for name, c := range map[string]struct{ query, kind, body, want string }{
		"broken JSON":       {body: `{"a":"secret",}`, want: "the body is not valid JSON: it is broken near byte 15"},
		"half of a JSON":    {body: `{"a":"secret"`, want: "the body is not valid JSON: it ends too early"},
		"two of them":       {body: `{}{}`, want: "the body is not valid JSON: something follows its end"},
		"a list":            {body: `[{"a":"b"}]`, want: "the body must be a JSON object of names and values"},
		"a number":          {kind: "application/json", body: "7", want: "the body must be a JSON object of names and values"},
		"a text":            {body: `"hello"`, want: "the body must be a JSON object of names and values"},
		"half of a form":    {kind: "multipart/form-data; boundary=X", body: "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb", want: "the body is no readable multipart form"},
		"form, no boundary": {kind: "multipart/form-data", body: "a", want: "the body is no readable multipart form"},
		"a long name":       {query: "x" + many + "=1", want: `a parameter's name is longer than 200 bytes: "xxxxxxxxxxxxxxxxxxxx"…`},
		"too many":          {query: tooMany(), want: "a call may bring at most 200 parameters"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readParams(lenient.Request{Query: c.query, ContentType: c.kind, Body: []byte(c.body)})
			if err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func tooMany() string {
	var b strings.Builder
	for i := range lenient.MaxParams + 1 {
		b.WriteString("&p")
		b.WriteString(strings.Repeat("i", i))
		b.WriteString("=1")
	}
	return b.String()
}

func TestTakeTags(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][]string{
		`{}`:                       nil,
		`{"tags":"a, b,,đơn c"}`:   {"a", "b", "đơn c"},
		`{"tags":["a"," b ",7]}`:   {"a", "b", "7"},
		`{"tags":5}`:               {"5"},
		`{"tags":[]}`:              {},
		`{"tags":"","Tags":"x,y"}`: nil,
	} {
		p, err := readParams(lenient.Request{Body: []byte(body)})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, p.takeTags()); d != "" {
			t.Errorf("%s: %s", body, d)
		}
		if _, ok := p.attributes["tags"]; ok {
			t.Errorf("%s: tags are an attribute too", body)
		}
	}
}

// FuzzReadParams holds the reader to what the outbox relies on: it never
// panics, lets no product's own parameter through as an attribute, and gives
// clean text.
func FuzzReadParams(f *testing.F) {
	for _, s := range [][3]string{
		{"ahachat_token=t&a=%C4%91?b=c", "application/json", `{"a":1e400,"tags":["x"]}`},
		{"a=b?c=d&&=&e=%0", "application/x-www-form-urlencoded", "a=b+c&%zz=%"},
		{"", "multipart/form-data; boundary=X", "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--X--\r\n"},
		{"?", "text/plain", "null"},
	} {
		f.Add(s[0], s[1], []byte(s[2]))
	}
	f.Fuzz(func(t *testing.T, query, kind string, body []byte) {
		p, err := readParams(lenient.Request{Query: query, ContentType: kind, Body: body})
		if err != nil {
			return
		}
		if len(p.own)+len(p.attributes) > lenient.MaxParams {
			t.Fatalf("%d parameters", len(p.own)+len(p.attributes))
		}
		for name, value := range p.attributes {
			if _, own := reserved(name); own || name == "" || lenient.Absent(value) {
				t.Errorf("attribute %q is %v", name, value)
			}
			if s, ok := value.(string); ok && (!utf8.ValidString(s) || strings.ContainsRune(s, 0)) {
				t.Errorf("attribute %q is %q", name, s)
			}
		}
		p.takeTags()
		if _, err := json.Marshal(p.attributes); err != nil {
			t.Errorf("cannot be recorded: %v", err)
		}
	})
}
