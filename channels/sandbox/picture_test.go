package sandbox

import (
	"encoding/xml"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestPictures(t *testing.T) {
	t.Parallel()
	b := setup(t)
	drawn, err := fs.Glob(static, "static/pictures/*.svg")
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{"any/where/spring-sale.jpg", "x%3Cscript%3E.png", "%E5%84%AA%E6%83%A0.png", "%ff.png", ""}
	for _, name := range drawn {
		paths = append(paths, strings.TrimSuffix(strings.TrimPrefix(name, "static/pictures/"), ".svg")+".png")
	}
	for _, path := range paths {
		got := b.call("GET", "/sandbox/media/"+path, "")
		if got.status != 200 || got.header.Get("Content-Type") != "image/svg+xml" {
			t.Errorf("%s: %d %s", path, got.status, got.header.Get("Content-Type"))
		}
		for d := xml.NewDecoder(strings.NewReader(got.body)); ; {
			token, err := d.Token()
			if err == io.EOF {
				break
			} else if err != nil {
				t.Errorf("%s is no XML: %v", path, err)
				break
			}
			if e, ok := token.(xml.StartElement); ok && e.Name.Local == "script" {
				t.Errorf("%s holds a script", path)
			}
		}
	}
}

// TestPicturesAreThoseOfTheExamples holds that the pictures of the example flows
// are drawn, and that no other is but the sticker that the page sends.
func TestPicturesAreThoseOfTheExamples(t *testing.T) {
	t.Parallel()
	flows, err := filepath.Glob("../../flows/examples/*.json")
	if err != nil || len(flows) == 0 {
		t.Fatalf("examples %v, %v", flows, err)
	}
	named := map[string]bool{"sticker": true}
	picture := regexp.MustCompile(regexp.QuoteMeta(MediaHost) + `/([\w-]+)\.png`)
	for _, flow := range flows {
		text, err := os.ReadFile(flow)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range picture.FindAllSubmatch(text, -1) {
			named[string(m[1])] = true
		}
	}
	drawn, err := fs.Glob(static, "static/pictures/*.svg")
	if err != nil {
		t.Fatal(err)
	}
	for i := range drawn {
		drawn[i] = strings.TrimSuffix(path.Base(drawn[i]), ".svg")
	}
	if want := slices.Sorted(maps.Keys(named)); !slices.Equal(drawn, want) {
		t.Errorf("drawn are %v, named %v", drawn, want)
	}
}
