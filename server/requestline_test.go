package server

import (
	"bytes"
	"testing"
)

// FuzzMended holds that spaces in the query are all that is changed, and that
// nothing after the request line is.
func FuzzMended(f *testing.F) {
	for _, head := range []string{
		"POST /send?name=Mai Anh HTTP/1.1\r\nHost: h\r\n\r\na b",
		"GET / HTTP/1.1\r\n\r\n", "GET /?a= HTTP/1.1 b HTTP/1.0\n", "?  HTTP/1.\n", " ", "", "a b c d",
	} {
		f.Add([]byte(head))
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		got := mended(bytes.Clone(head))
		line, rest, _ := bytes.Cut(head, []byte("\n"))
		newLine, newRest, _ := bytes.Cut(got, []byte("\n"))
		if !bytes.Equal(rest, newRest) {
			t.Fatalf("after the request line %q becomes %q", rest, newRest)
		}
		before, _, _ := bytes.Cut(line, []byte("?"))
		if !bytes.HasPrefix(newLine, before) {
			t.Fatalf("the path %q becomes %q", line, newLine)
		}
		plain := func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("%20"), []byte(" ")) }
		if !bytes.Equal(plain(line), plain(newLine)) {
			t.Fatalf("%q becomes %q", line, newLine)
		}
		if again := mended(bytes.Clone(got)); !bytes.Equal(again, got) {
			t.Fatalf("%q becomes %q and then %q", head, got, again)
		}
	})
}
