package all_test

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/all"
)

// notChannels are the folders beside this one that hold no channel.
var notChannels = []string{"all", "channeltest", "sandbox", "testdata"}

func TestEveryFolderIsListed(t *testing.T) {
	t.Parallel()
	l, err := all.New(all.Config{Client: http.DefaultClient})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, e := range entries {
		if e.IsDir() && !slices.Contains(notChannels, e.Name()) {
			folders = append(folders, e.Name())
		}
	}
	var kinds []string
	for _, kind := range l.Kinds() {
		kinds = append(kinds, string(kind))
		if ch, ok := l.Get(kind); !ok || ch.Kind() != kind {
			t.Errorf("%s gives %v", kind, ch)
		}
	}
	slices.Sort(kinds)
	if !slices.Equal(folders, kinds) {
		t.Errorf("listed are %v, the folders are %v", kinds, folders)
	}
}

func TestUnknownKind(t *testing.T) {
	t.Parallel()
	l, err := all.New(all.Config{Client: http.DefaultClient})
	if err != nil {
		t.Fatal(err)
	}
	if ch, ok := l.Get("pigeon"); ok {
		t.Errorf("got %v", ch)
	}
}

func TestURLs(t *testing.T) {
	t.Parallel()
	for address, wrong := range map[string]string{
		"http://127.0.0.1:8080/sandbox/line": "",
		"https://api.example.com":            "",
		"api.example.com":                    "line",
		"ftp://api.example.com":              "line",
		"":                                   "line",
	} {
		_, err := all.New(all.Config{URLs: map[channels.Kind]string{channels.LINE: address}})
		if (err != nil) != (wrong != "") || err != nil && !strings.Contains(err.Error(), wrong) {
			t.Errorf("%q: got %v, want an error about %q", address, err, wrong)
		}
	}
	_, err := all.New(all.Config{URLs: map[channels.Kind]string{"pigeon": "https://loft.example.com"}})
	if err == nil || !strings.Contains(err.Error(), "pigeon") || !strings.Contains(err.Error(), "line") {
		t.Errorf("got %v, want an error naming pigeon and what there is", err)
	}
}

// Whoever can be connected tells people where its address goes.
func TestGuides(t *testing.T) {
	t.Parallel()
	list, err := all.New(all.Config{})
	if err != nil {
		t.Fatal(err)
	}
	const webhook = "https://bots.example/webhooks/x/1"
	for _, kind := range list.Kinds() {
		ch, _ := list.Get(kind)
		if _, connects := ch.(channels.Connector); !connects {
			continue
		}
		guide, ok := ch.(channels.Guide)
		if !ok || guide.Checks() == "" || !strings.Contains(strings.Join(guide.Paste(webhook), "\n"), webhook) {
			t.Errorf("%s does not say where %s goes", kind, webhook)
		}
	}
}
