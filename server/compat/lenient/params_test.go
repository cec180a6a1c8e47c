package lenient_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/server/compat/lenient"
)

func TestRead(t *testing.T) {
	t.Parallel()
	type m = lenient.Params
	type o = map[string]any
	for _, c := range []struct {
		name, query, body string
		want              m
	}{
		{name: "nothing", want: m{}},
		{name: "the body wins", query: "a=1&b=2", body: "a=3", want: m{"a": "3", "b": "2"}},
		{name: "JSON", body: `{"a":{"b":[1,null,"x"]},"c":null}`, want: m{"a": o{"b": []any{json.Number("1"), nil, "x"}}}},
		{name: "an object in a form", body: "m[type]=text&m[text]=Ch%C3%A0o", want: m{"m": o{"type": "text", "text": "Chào"}}},
		{name: "escaped brackets", body: "m%5Ba%5D=b", want: m{"m": o{"a": "b"}}},
		{name: "a list", body: "l[]=a&l[]=b&l[2]=c", want: m{"l": []any{"a", "b", "c"}}},
		{name: "a list with a gap is an object", body: "l[0]=a&l[2]=c", want: m{"l": o{"0": "a", "2": "c"}}},
		{name: "a list with odd numbers is an object", body: "l[00]=a", want: m{"l": o{"00": "a"}}},
		{name: "deep", body: "m[c][0][t]=x&m[c][0][a][0][v]=y&m[c][1][t]=z", want: m{"m": o{"c": []any{o{"t": "x", "a": []any{o{"v": "y"}}}, o{"t": "z"}}}}},
		{name: "too deep", body: "a[b][c][d][e][f][g][h][i]=x", want: m{"a[b][c][d][e][f][g][h][i]": "x"}},
		{name: "no brackets after all", body: "a[=1&]b=2&[c]=3&a[b]c=4&d[[e]]=5", want: m{"a[": "1", "]b": "2", "[c]": "3", "a[b]c": "4", "d[[e]]": "5"}},
		{name: "a value gives way", body: "a=1&a[b]=2", want: m{"a": o{"b": "2"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := lenient.Read(lenient.Request{Query: c.query, Body: []byte(c.body)})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// Bytes that are called JSON and are no text are not taken for a form, though
// they have the signs of one.
func TestBytesAreNoForm(t *testing.T) {
	t.Parallel()
	_, err := lenient.Read(lenient.Request{ContentType: "application/json", Body: []byte("\x1f\x8b\x08=\xff&a=b")})
	if err == nil || !strings.Contains(err.Error(), "the body is not valid JSON") {
		t.Errorf("error %v", err)
	}
}

// What is there and means nothing is told apart from what is not there.
func TestEmpty(t *testing.T) {
	t.Parallel()
	var got []string
	_, err := lenient.Read(lenient.Request{Query: "a=&b=null&c&d=1&=x", Body: []byte(`{"e":null,"f":2}`), Empty: func(name string) { got = append(got, name) }})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"a", "b", "c", "e"}, got); d != "" {
		t.Error(d)
	}
}

// FuzzRead holds the reader to what its callers rely on: it never panics, keeps
// to its limit, and gives clean values that can be written as JSON.
func FuzzRead(f *testing.F) {
	for _, s := range [][3]string{
		{"a=%C4%91?b=c&a[0]=1&a[x]=2", "application/json", `{"a":1e400,"tags":["x"]}`},
		{"a=b?c=d&&=&e=%0", "application/x-www-form-urlencoded", "a[][b]=b+c&%zz=%&a[][b]=c"},
		{"", "multipart/form-data; boundary=X", "--X\r\nContent-Disposition: form-data; name=\"a[b]\"\r\n\r\nb\r\n--X--\r\n"},
	} {
		f.Add(s[0], s[1], []byte(s[2]))
	}
	f.Fuzz(func(t *testing.T, query, kind string, body []byte) {
		p, err := lenient.Read(lenient.Request{Query: query, ContentType: kind, Body: body})
		if err != nil {
			return
		}
		if len(p) > lenient.MaxParams {
			t.Fatalf("%d parameters", len(p))
		}
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatalf("cannot be written: %v", err)
		}
		if !utf8.Valid(text) {
			t.Errorf("is no text: %q", text)
		}
		for name, value := range p {
			if name == "" || lenient.Absent(value) {
				t.Errorf("parameter %q is %v", name, value)
			}
		}
	})
}
