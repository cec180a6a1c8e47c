package media

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// slow is a platform that needs a few looks to prepare a file.
type slow struct {
	channels.Channel
	looks int
	data  []byte
}

func (*slow) Downloads(r *blocks.Received) bool { return r.ID != "" }

func (s *slow) Download(context.Context, channels.Account, *blocks.Received) (*channels.Download, error) {
	if s.looks--; s.looks > 0 {
		return nil, &channels.SendError{Code: channels.CodePreparing, Message: "it was still preparing the file"}
	}
	return &channels.Download{Body: io.NopCloser(bytes.NewReader(s.data)), Type: "image/png", Size: -1}, nil
}

func TestReceive(t *testing.T) {
	t.Parallel()
	picture := pngOf(t, pictureOf(8, 8))
	from := Sender{ContactID: 7, Account: &engine.Account{ID: "a", BotID: "b", Channel: "slow"}}
	cases := []struct {
		name  string
		looks int
		sent  blocks.Received
		open  Opener
		want  string // of the error
	}{
		{"at once", 1, blocks.Received{Type: "image", ID: "1"}, nil, ""},
		{"prepared meanwhile", prepareLooks, blocks.Received{Type: "image", ID: "1"}, nil, ""},
		{"never prepared", prepareLooks + 2, blocks.Received{Type: "image", ID: "1"}, nil, "still preparing"},
		{"by a link", 0, blocks.Received{Type: "image", URL: "https://cdn.example/a.png"}, func(_ context.Context, url string) (*channels.Download, error) {
			return &channels.Download{Body: io.NopCloser(bytes.NewReader(picture)), Size: int64(len(picture))}, nil
		}, ""},
		{"a link that ended", 0, blocks.Received{Type: "image", URL: "https://cdn.example/a.png"}, func(context.Context, string) (*channels.Download, error) {
			return nil, errors.New("its server answered 403")
		}, "answered 403"},
		{"said to be too large", 0, blocks.Received{Type: "video", URL: "https://cdn.example/a.mp4"}, func(context.Context, string) (*channels.Download, error) {
			return &channels.Download{Body: io.NopCloser(strings.NewReader("")), Size: MaxReceived + 1}, nil
		}, "larger than 100 MB"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k, _ := keeper(t)
			k.Channels = map[string]channels.Channel{"slow": &slow{looks: c.looks, data: picture}}
			k.Open = c.open
			got, err := k.Receive(t.Context(), from, &c.sent)
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v, want %q", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Type != "image" || got.URL != "https://bots.example/media/"+got.ID+"/file.png" || got.Size != int64(len(picture)) || !got.ExpiresAt.IsZero() {
				t.Errorf("received is %+v", got)
			}
		})
	}
	k, s := keeper(t)
	k.Channels = map[string]channels.Channel{"slow": &slow{looks: 1, data: picture}}
	s.withdrawn["a 1"] = true
	if _, err := k.Receive(t.Context(), from, &cases[0].sent); err == nil || !strings.Contains(err.Error(), "withdrawn") || len(s.gone) != 1 {
		t.Errorf("of a message that was withdrawn: %v, %d files are gone", err, len(s.gone))
	}
	k, _ = keeper(t)
	k.PublicURL = ""
	if _, err := k.Receive(t.Context(), from, &cases[0].sent); err == nil || !strings.Contains(err.Error(), "--public-url") {
		t.Errorf("without a public address: %v", err)
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	k, s := keeper(t)
	keep := func(data []byte) string {
		t.Helper()
		m, _, err := k.Keep(t.Context(), Upload{BotID: "b", Body: bytes.NewReader(data)})
		if err != nil {
			t.Fatal(err)
		}
		return m.ID
	}
	film, sound := keep(movieOf("isom", 2500, "vide")), keep(movieOf("M4A ", 8000, "soun"))
	given := []blocks.Message{
		{Part: &blocks.Media{Kind: "video", URL: "media:" + film}},
		{Part: &blocks.Media{Kind: "audio", URL: "https://bots.example/media/" + sound + "/file.m4a"}},
		{Part: &blocks.Carousel{Cards: []blocks.Card{{ImageURL: "media:" + strings.Repeat("9", 32)}, {ImageURL: "https://shop.example/a.png"}}}, QuickReplies: []blocks.Button{{ImageURL: "media:" + film}}},
	}
	got, doubts, err := k.Resolve(t.Context(), "b", given)
	if err != nil {
		t.Fatal(err)
	}
	at := "https://bots.example/media/"
	if m := got[0].Part.(*blocks.Media); m.URL != at+film+"/file.mp4" || m.PreviewURL != at+film+"/preview.jpg" || m.Duration != 2500 {
		t.Errorf("the film is %+v", m)
	}
	if m := got[1].Part.(*blocks.Media); m.URL != at+sound+"/file.m4a" || m.Duration != 8000 {
		t.Errorf("the sound is %+v", m)
	}
	if c := got[2].Part.(*blocks.Carousel); c.Cards[0].ImageURL != "" || c.Cards[1].ImageURL != "https://shop.example/a.png" || got[2].QuickReplies[0].ImageURL != at+film+"/file.mp4" {
		t.Errorf("the cards are %+v", c)
	}
	if len(doubts) != 1 || !strings.Contains(doubts[0], "keeps no file") {
		t.Errorf("doubts %q", doubts)
	}
	if given[0].Part.(*blocks.Media).URL != "media:"+film || given[2].QuickReplies[0].ImageURL != "media:"+film {
		t.Error("what was given was changed")
	}
	if got, doubts, _ := k.Resolve(t.Context(), "another", given[:1]); got[0].Part.(*blocks.Media).URL != "" || len(doubts) != 1 {
		t.Errorf("another bot is shown %+v", got[0].Part)
	}
	s.rows = nil // nothing is asked for messages without files
	if same, _, err := k.Resolve(t.Context(), "b", []blocks.Message{{Part: &blocks.Text{Text: "hi"}}}); err != nil || same[0].Part.(*blocks.Text).Text != "hi" {
		t.Errorf("a text is %v, %v", same, err)
	}
}
