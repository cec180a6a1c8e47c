package media_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/engine"
	kept "github.com/blockcast/blockcast/engine/media"
	"github.com/blockcast/blockcast/server"
	"github.com/blockcast/blockcast/server/media"
)

const id = "0123456789abcdef0123456789abcdef"

// shelf has files with their bytes.
type shelf struct {
	files map[string]engine.Media
	bytes map[string]string
}

func (s shelf) MediaByID(_ context.Context, id string) (*engine.Media, error) {
	if m, ok := s.files[id]; ok {
		return &m, nil
	}
	return nil, nil
}

type content struct{ *strings.Reader }

func (content) Close() error { return nil }

func (s shelf) Open(_ context.Context, key string) (kept.Content, error) {
	if text, ok := s.bytes[key]; ok {
		return content{strings.NewReader(text)}, nil
	}
	return nil, fs.ErrNotExist
}

// shop serves a picture with its preview, a table, and one whose bytes are lost.
func shop() *server.Server {
	s := shelf{files: map[string]engine.Media{
		id:                      {ID: id, BotID: "b", Name: "Áo-thun.png", Type: "image/png", Size: 10, Hash: "aa", Preview: 3},
		strings.Repeat("1", 32): {ID: strings.Repeat("1", 32), BotID: "b", Name: "prices.csv", Type: "text/csv", Size: 4, Hash: "bb"},
		strings.Repeat("2", 32): {ID: strings.Repeat("2", 32), BotID: "b", Name: "lost.png", Type: "image/png", Size: 4, Hash: "cc"},
	}, bytes: map[string]string{"b/" + id: "0123456789", "b/" + id + ".preview.jpg": "pre", "b/" + strings.Repeat("1", 32): "a,b\n"}}
	return server.New(server.Config{Surfaces: []server.Surface{media.New(media.Config{Store: s, Files: s})}, NewID: func() string { return "r" }})
}

const picture = "/media/" + id + "/%C3%81o-thun.png"

func ask(t *testing.T, method, path string, header map[string]string) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	res, err := shop().Test(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func TestAFileIsServed(t *testing.T) {
	t.Parallel()
	res, body := ask(t, http.MethodGet, picture, nil)
	if res.StatusCode != http.StatusOK || body != "0123456789" {
		t.Fatalf("%d %q", res.StatusCode, body)
	}
	for name, want := range map[string]string{
		"Content-Type":            "image/png",
		"Content-Disposition":     "inline; filename*=utf-8''%C3%81o-thun.png",
		"Cache-Control":           "public, max-age=31536000, immutable",
		"X-Content-Type-Options":  "nosniff",
		"Content-Security-Policy": "sandbox; default-src 'none'",
		"Accept-Ranges":           "bytes",
		"Etag":                    `"aa"`,
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if res, body = ask(t, http.MethodGet, "/media/"+id+"/preview.jpg", nil); body != "pre" || res.Header.Get("Content-Type") != "image/jpeg" || res.Header.Get("ETag") != `"aa-preview"` {
		t.Errorf("the preview is %q, %v", body, res.Header)
	}
	if res, body = ask(t, http.MethodGet, "/media/"+strings.Repeat("1", 32)+"/prices.csv", nil); body != "a,b\n" ||
		res.Header.Get("Content-Disposition") != "attachment; filename=prices.csv" || res.Header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("the table is %q, %v", body, res.Header)
	}
	if res, body = ask(t, http.MethodHead, picture, nil); body != "" || res.ContentLength != 10 || res.StatusCode != http.StatusOK {
		t.Errorf("its head is %d, %d bytes, %q", res.StatusCode, res.ContentLength, body)
	}
}

func TestWhatIsNoFileIsNotFound(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"/media/", "/media/" + id, "/media/" + id + "/", "/media/" + id + "/other.png", "/media/" + id + "/..%2f" + id, "/media/" + strings.ToUpper(id) + "/Áo-thun.png",
		"/media/" + strings.Repeat("3", 32) + "/a.png", "/media/..%2f..%2fetc/passwd", "/media/" + strings.Repeat("1", 32) + "/preview.jpg", "/media/" + strings.Repeat("2", 32) + "/lost.png",
	} {
		res, body := ask(t, http.MethodGet, path, nil)
		if res.StatusCode != http.StatusNotFound || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s %q", path, res.StatusCode, res.Header.Get("Cache-Control"), body)
		}
	}
	if res, _ := ask(t, http.MethodPost, picture, nil); res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("a POST: %d", res.StatusCode)
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, asked, ifRange, body, part string
		status                           int
	}{
		{"the first", "bytes=0-3", "", "0123", "bytes 0-3/10", 206},
		{"a middle", "bytes=4-4", "", "4", "bytes 4-4/10", 206},
		{"to the end", "bytes=7-", "", "789", "bytes 7-9/10", 206},
		{"beyond the end", "bytes=7-99", "", "789", "bytes 7-9/10", 206},
		{"the last", "bytes=-2", "", "89", "bytes 8-9/10", 206},
		{"more than there is", "bytes=-99999999999999999999", "", "0123456789", "bytes 0-9/10", 206},
		{"outside", "bytes=10-", "", "", "bytes */10", 416},
		{"far outside", "bytes=99999999999999999999-", "", "", "bytes */10", 416},
		{"the last none", "bytes=-0", "", "", "bytes */10", 416},
		{"several", "bytes=0-1,3-4", "", "0123456789", "", 200},
		{"backwards", "bytes=4-2", "", "0123456789", "", 200},
		{"no range", "bytes=-", "", "0123456789", "", 200},
		{"no number", "bytes=a-b", "", "0123456789", "", 200},
		{"another unit", "pages=1-2", "", "0123456789", "", 200},
		{"of this version", "bytes=0-0", `"aa"`, "0", "bytes 0-0/10", 206},
		{"of another version", "bytes=0-0", `"zz"`, "0123456789", "", 200},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			header := map[string]string{"Range": c.asked}
			if c.ifRange != "" {
				header["If-Range"] = c.ifRange
			}
			res, body := ask(t, http.MethodGet, picture, header)
			if c.status == 416 {
				body = ""
			}
			if res.StatusCode != c.status || body != c.body || res.Header.Get("Content-Range") != c.part {
				t.Errorf("%d %q %q, want %d %q %q", res.StatusCode, body, res.Header.Get("Content-Range"), c.status, c.body, c.part)
			}
		})
	}
}

func TestWhoHasItGetsNothing(t *testing.T) {
	t.Parallel()
	for asked, status := range map[string]int{`"aa"`: 304, `W/"aa"`: 304, `"x", "aa"`: 304, "*": 304, `"aa-preview"`: 200, "": 200} {
		res, body := ask(t, http.MethodGet, picture, map[string]string{"If-None-Match": asked})
		if res.StatusCode != status || (body == "") != (status == 304) {
			t.Errorf("%s: %d %q, want %d", asked, res.StatusCode, body, status)
		}
	}
}

func FuzzRange(f *testing.F) {
	for _, seed := range []string{"bytes=0-3", "bytes=-2", "bytes=9-", "bytes=99999999999999999999-1"} {
		f.Add(seed)
	}
	s := shop()
	f.Fuzz(func(t *testing.T, asked string) {
		if strings.ContainsFunc(asked, func(r rune) bool { return r < ' ' || r > '~' }) {
			return
		}
		r := httptest.NewRequest(http.MethodGet, picture, bytes.NewReader(nil))
		r.Header.Set("Range", asked)
		res, err := s.Test(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != 200 && res.StatusCode != 206 && res.StatusCode != 416 {
			t.Fatalf("%d, %v", res.StatusCode, err)
		}
		if res.StatusCode != 416 && !strings.Contains("0123456789", string(body)) {
			t.Errorf("%q: %q", asked, body)
		}
	})
}
