package media

import (
	"bytes"
	"context"
	"image"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
)

func (s *shelf) NoteMedia(_ context.Context, account, message, id string, _ time.Time) (bool, error) {
	s.brought[account+" "+message] = id
	if s.withdrawn[account+" "+message] {
		s.gone[id] = true
		return true, nil
	}
	return false, nil
}

func TestKeepTellsWhatAFileIs(t *testing.T) {
	t.Parallel()
	small := pictureOf(40, 30)
	cases := []struct {
		name, file, says string
		data             []byte
		want             engine.Media // Name, Kind, Type, Width, Height, Duration
		preview          bool
	}{
		{"a PNG by its type", "shirt.png", "image/png", pngOf(t, small), engine.Media{Name: "shirt.png", Kind: "image", Type: "image/png", Width: 40, Height: 30}, false},
		{"by its name", "Shirt.JPG", "", jpegOf(t, small), engine.Media{Name: "Shirt.jpg", Kind: "image", Type: "image/jpeg", Width: 40, Height: 30}, false},
		{"by nothing", "", "", jpegOf(t, small), engine.Media{Name: "file.jpg", Kind: "image", Type: "image/jpeg", Width: 40, Height: 30}, false},
		{"another name of its type", "a", "image/jpg; q=1", jpegOf(t, small), engine.Media{Name: "a.jpg", Kind: "image", Type: "image/jpeg", Width: 40, Height: 30}, false},
		{"a GIF", "a.gif", "image/gif", gifOf(t, small), engine.Media{Name: "a.gif", Kind: "image", Type: "image/gif", Width: 40, Height: 30}, true},
		{"a film", "tour.mp4", "video/mp4", movieOf("isom", 2500, "vide", "soun"), engine.Media{Name: "tour.mp4", Kind: "video", Type: "video/mp4", Width: 320, Height: 240, Duration: 2500 * time.Millisecond}, true},
		{"a film in the coat of a sound", "", "", movieOf("M4A ", 1000, "vide"), engine.Media{Name: "file.mp4", Kind: "video", Type: "video/mp4", Width: 320, Height: 240, Duration: time.Second}, true},
		{"a sound", "hello.m4a", "audio/x-m4a", movieOf("M4A ", 8000, "soun"), engine.Media{Name: "hello.m4a", Kind: "audio", Type: "audio/mp4", Duration: 8 * time.Second}, false},
		{"a sound in the coat of a film", "hello.m4a", "", movieOf("isom", 8000, "soun"), engine.Media{Name: "hello.m4a", Kind: "audio", Type: "audio/mp4", Duration: 8 * time.Second}, false},
		{"an MP3", "hi.mp3", "audio/mpeg", mp3Of(10), engine.Media{Name: "hi.mp3", Kind: "audio", Type: "audio/mpeg", Duration: 260625 * time.Microsecond}, false},
		{"a PDF", "prices.pdf", "application/pdf", []byte("%PDF-1.7\n…"), engine.Media{Name: "prices.pdf", Kind: "file", Type: "application/pdf"}, false},
		{"a table", "prices.csv", "text/csv; charset=utf-8", []byte("a,b\n1,2\n"), engine.Media{Name: "prices.csv", Kind: "file", Type: "text/csv"}, false},
		{"an office document", "x.docx", "", []byte("PK\x03\x04…"), engine.Media{Name: "x.docx", Kind: "file", Type: docxType}, false},
		{"octets with a name", "x.zip", "application/octet-stream", []byte("PK\x03\x04…"), engine.Media{Name: "x.zip", Kind: "file", Type: "application/zip"}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k, s := keeper(t)
			m, made, err := k.Keep(t.Context(), Upload{BotID: "b", Name: c.file, Type: c.says, Body: bytes.NewReader(c.data)})
			if err != nil || !made {
				t.Fatalf("made %v, error %v", made, err)
			}
			got := engine.Media{Name: m.Name, Kind: m.Kind, Type: m.Type, Width: m.Width, Height: m.Height, Duration: m.Duration.Truncate(time.Microsecond)}
			if got != c.want {
				t.Errorf("kept %+v\nwant %+v", got, c.want)
			}
			if (m.Preview > 0) != c.preview || m.Preview != int64(len(s.bytes[PreviewKey(m)])) {
				t.Errorf("its preview has %d bytes, kept are %d", m.Preview, len(s.bytes[PreviewKey(m)]))
			}
			if m.Size != int64(len(c.data)) || !bytes.Equal(s.bytes[Key(m)], c.data) {
				t.Errorf("%d of %d bytes are kept", m.Size, len(c.data))
			}
		})
	}
}

func TestKeepRefuses(t *testing.T) {
	t.Parallel()
	big := pngOf(t, image.NewGray(image.Rect(0, 0, 6000, 5000)))
	broken := jpegOf(t, pictureOf(40, 30))
	page := "<!doctype html><script>alert(1)</script>"
	cases := map[string]struct{ file, says, data, want string }{
		"another type":         {"a.png", "image/png", string(broken), "by its type it is image/png, but by its bytes image/jpeg"},
		"another ending":       {"a.pdf", "", string(broken), "by its name it is application/pdf, but by its bytes image/jpeg"},
		"a page as a picture":  {"a.png", "image/png", page, "by its type it is image/png, but not by its bytes"},
		"a page":               {"a.html", "text/html", page, `files of type "text/html" are not taken: give JPEG`},
		"a page as a text":     {"a.txt", "text/plain", page, "by its type it is text/plain, but not by its bytes"},
		"a drawing":            {"a.svg", "image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg"/>`, "are not taken"},
		"a program":            {"a", "", "\x7fELF\x02\x01\x01\x00", "of no type that is taken"},
		"nothing":              {"a.png", "image/png", "", "the file is empty"},
		"a picture cut off":    {"a.jpg", "image/jpeg", string(broken[:len(broken)/2]), "it breaks off, or is broken"},
		"a picture's name":     {"a.png", "image/png", "\x89PNG\r\n\x1a\n and no more", "the picture cannot be read"},
		"a pixel bomb":         {"a.png", "image/png", string(big), "6000 × 5000 pixels: make it smaller than 25 million"},
		"a film cut off":       {"a.mp4", "video/mp4", string(movieOf("isom", 100, "vide")[:24]), "the file is cut off"},
		"a picture of a phone": {"a.heic", "image/heic", string(box("ftyp", []byte("heic"))), "are not taken"},
		"an MP3 of tags alone": {"a.mp3", "audio/mpeg", "ID3\x04\x00\x00\x00\x00\x00\x02ab", "no sound is in it"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k, s := keeper(t)
			_, _, err := k.Keep(t.Context(), Upload{BotID: "b", Name: c.file, Type: c.says, Body: strings.NewReader(c.data)})
			if !engine.IsCode(err, engine.Invalid) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if len(s.rows) != 0 || len(s.bytes) != 0 {
				t.Errorf("something is kept of it: %v", s.rows)
			}
		})
	}
}

// What a person sends is what it is, whatever their phone calls it; what is
// nothing known is kept to be saved, not shown.
func TestKeepTakesWhatPeopleSend(t *testing.T) {
	t.Parallel()
	k, _ := keeper(t)
	for says, c := range map[string]struct{ data, want string }{
		"image/png":  {string(jpegOf(t, pictureOf(8, 8))), "image/jpeg"},
		"text/html":  {"<html><script>alert(1)</script>", "application/octet-stream"},
		"image/heic": {"????", "text/plain"},
		"x/y":        {"\x7fELF\x02\x01\x01\x00", "application/octet-stream"},
	} {
		m, _, err := k.Keep(t.Context(), Upload{BotID: "b", ContactID: 7, Name: "x", Type: says, Body: strings.NewReader(c.data)})
		if err != nil || m.Type != c.want {
			t.Errorf("%s: kept as %v, error %v; want %s", says, m, err, c.want)
		}
		if err == nil && Shown(m.Type) != (m.Type == "image/jpeg") {
			t.Errorf("a browser shows %s", m.Type)
		}
	}
}

// endless is a body without an end.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	e.read += int64(len(p))
	return len(p), nil
}

func TestKeepStopsAtItsLimit(t *testing.T) {
	t.Parallel()
	k, s := keeper(t)
	k.Files = sink{s}
	body := &endless{}
	_, _, err := k.Keep(t.Context(), Upload{BotID: "b", ContactID: 7, Body: body})
	if !engine.IsCode(err, engine.Invalid) || !strings.Contains(err.Error(), "larger than 100 MB") {
		t.Errorf("error %v", err)
	}
	if body.read > MaxReceived+1<<20 {
		t.Errorf("%d bytes were read", body.read)
	}
}

// sink stages without keeping.
type sink struct{ *shelf }

func (sink) Stage(_ context.Context, r io.Reader) (Staged, error) {
	_, err := io.Copy(io.Discard, r)
	return nil, err
}

func TestTheSameBytesAreOneFile(t *testing.T) {
	t.Parallel()
	k, s := keeper(t)
	data := pngOf(t, pictureOf(10, 10))
	keep := func(bot string, contact int64, name string) (string, bool) {
		t.Helper()
		m, made, err := k.Keep(t.Context(), Upload{BotID: bot, ContactID: contact, Name: name, Body: bytes.NewReader(data)})
		if err != nil {
			t.Fatal(err)
		}
		return m.ID, made
	}
	first, _ := keep("b", 0, "a.png")
	if again, made := keep("b", 0, "b.png"); made || again != first {
		t.Errorf("the same bytes made %s of %s", again, first)
	}
	for _, who := range []struct {
		bot     string
		contact int64
	}{{"b", 7}, {"b", 8}, {"c", 0}} {
		if id, made := keep(who.bot, who.contact, "a.png"); !made || id == first {
			t.Errorf("%v has the file of another", who)
		}
	}
	s.gone[first] = true
	if id, made := keep("b", 0, "a.png"); !made || id == first {
		t.Error("a file that is gone came back")
	}
}

func TestOnePersonFillsNoDisk(t *testing.T) {
	t.Parallel()
	k, s := keeper(t)
	s.rows["x"] = engine.Media{BotID: "b", ContactID: 7, Size: MaxPerson - 10}
	_, _, err := k.Keep(t.Context(), Upload{BotID: "b", ContactID: 7, Body: strings.NewReader("a text of some length")})
	if !engine.IsCode(err, engine.Invalid) || !strings.Contains(err.Error(), "500 MB") {
		t.Errorf("error %v", err)
	}
}

func TestDoubts(t *testing.T) {
	t.Parallel()
	k, _ := keeper(t)
	cases := []struct {
		name            string
		m               engine.Media
		line, messenger int
	}{
		{"a picture", engine.Media{Kind: "image", Type: "image/png", Size: 1000}, 0, 0},
		{"a GIF", engine.Media{Kind: "image", Type: "image/gif", Size: 1000}, 1, 0},
		{"a WebP", engine.Media{Kind: "image", Type: "image/webp", Size: 1000}, 1, 1},
		{"a large picture", engine.Media{Kind: "image", Type: "image/png", Size: 9 << 20}, 0, 1},
		{"a huge picture", engine.Media{Kind: "image", Type: "image/png", Size: 10<<20 + 1}, 1, 1},
		{"a film", engine.Media{Kind: "video", Type: "video/mp4", Size: 25 << 20}, 0, 0},
		{"a long film", engine.Media{Kind: "video", Type: "video/mp4", Size: 26 << 20}, 0, 1},
		{"Apple's film", engine.Media{Kind: "video", Type: "video/quicktime"}, 1, 0},
		{"a sound", engine.Media{Kind: "audio", Type: "audio/mpeg", Duration: time.Second}, 0, 0},
		{"a sound of unknown length", engine.Media{Kind: "audio", Type: "audio/mp4"}, 1, 0},
		{"a recording", engine.Media{Kind: "audio", Type: "audio/ogg"}, 2, 1},
		{"a document", engine.Media{Kind: "file", Type: "application/pdf", Size: 100 << 20}, 0, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := k.Doubts(&c.m)
			if len(got["line"]) != c.line || len(got["messenger"]) != c.messenger {
				t.Errorf("doubts %v, want %d and %d", got, c.line, c.messenger)
			}
		})
	}
}
