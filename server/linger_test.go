package server_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// Who sends far too much is told so, however much they have still to send.
func TestRefusedBodiesAreAnswered(t *testing.T) {
	t.Parallel()
	f := serve(t, nil)
	const much = 50 << 20
	for name, body := range map[string]func() io.Reader{
		"declared": func() io.Reader { return strings.NewReader(strings.Repeat("x", much)) },
		"chunked":  func() io.Reader { return io.MultiReader(strings.NewReader(strings.Repeat("x", much))) },
	} {
		for path, want := range map[string]string{
			"/echo":         "echo: 413 the body is larger than the 10000 bytes this address takes",
			"/echo/nothing": "echo: 413 the body is larger than the 10000 bytes this address takes",
			"/nowhere":      `"detail":"the body is larger than the 1 MB this address takes"`,
		} {
			res, err := http.Post("http://"+f.addr+path, "text/plain", body())
			if err != nil {
				t.Errorf("%s, %s: %v", path, name, err)
				continue
			}
			text, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err != nil || res.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(string(text), want) {
				t.Errorf("%s, %s: %d %s %v", path, name, res.StatusCode, text, err)
			}
		}
	}
}
