package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/line"
	"github.com/blockcast/blockcast/channels/messenger"
	"github.com/blockcast/blockcast/engine"
)

var noon = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)

// shelf keeps rows and bytes in memory.
type shelf struct {
	mu    sync.Mutex
	rows  map[string]engine.Media
	done  map[string]bool
	gone  map[string]bool
	bytes map[string][]byte

	brought   map[string]string // files by the messages that brought them
	withdrawn map[string]bool   // messages

	attached map[string]string
	asked    int // how often for one of attached
}

func newShelf() *shelf {
	return &shelf{rows: map[string]engine.Media{}, done: map[string]bool{}, gone: map[string]bool{}, bytes: map[string][]byte{}, brought: map[string]string{}, withdrawn: map[string]bool{}, attached: map[string]string{}}
}

func (s *shelf) MediaByHash(_ context.Context, botID string, contactID int64, hash string) (*engine.Media, error) {
	for id, m := range s.rows {
		if m.BotID == botID && m.ContactID == contactID && m.Hash == hash && s.done[id] && !s.gone[id] {
			return &m, nil
		}
	}
	return nil, nil
}

func (s *shelf) BeginMedia(_ context.Context, m engine.Media) error {
	s.rows[m.ID] = m
	return nil
}

func (s *shelf) FinishMedia(_ context.Context, id string) error {
	s.done[id] = true
	return nil
}

func (s *shelf) Media(ctx context.Context, botID, id string) (*engine.Media, error) {
	m, err := s.MediaByID(ctx, id)
	if m == nil || m.BotID != botID {
		return nil, &engine.Error{Code: engine.NotFound, Message: "no file"}
	}
	return m, err
}

func (s *shelf) MediaByID(_ context.Context, id string) (*engine.Media, error) {
	m, ok := s.rows[id]
	if !ok || !s.done[id] || s.gone[id] {
		return nil, nil
	}
	return &m, nil
}

func (s *shelf) MediaOf(_ context.Context, botID string, contactID int64) (n int64, _ error) {
	for _, m := range s.rows {
		if m.BotID == botID && m.ContactID == contactID {
			n += m.Size
		}
	}
	return n, nil
}

func (s *shelf) NoteMedia(_ context.Context, account, message, id string, _ time.Time) (bool, error) {
	s.brought[account+" "+message] = id
	if s.withdrawn[account+" "+message] {
		s.gone[id] = true
		return true, nil
	}
	return false, nil
}

func (s *shelf) DeleteMedia(_ context.Context, _, id string, _ time.Time) error {
	s.gone[id] = true
	return nil
}

func (s *shelf) OldMedia(_ context.Context, sent, begun, _ time.Time, _ int) error {
	for id, m := range s.rows {
		if m.ContactID != 0 && m.CreatedAt.Before(sent) || !s.done[id] && m.CreatedAt.Before(begun) {
			s.gone[id] = true
		}
	}
	return nil
}

func (s *shelf) GoneMedia(context.Context, int) (out []engine.Media, _ error) {
	for id := range s.gone {
		out = append(out, s.rows[id])
	}
	return out, nil
}

func (s *shelf) ForgetMedia(_ context.Context, ids []string) error {
	for _, id := range ids {
		delete(s.rows, id)
		delete(s.gone, id)
	}
	return nil
}

func (s *shelf) MediaAttachment(_ context.Context, account, id, kind string, _ time.Time) (string, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	noted, known := s.attached[account+id+kind]
	return noted, known, nil
}

func (s *shelf) KeepMediaAttachment(_ context.Context, account, id, kind, noted string, _ time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attached[account+id+kind] = noted
	return nil
}

func (s *shelf) DropMediaAttachment(_ context.Context, account, id, kind, noted string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.attached[account+id+kind] == noted {
		delete(s.attached, account+id+kind)
	}
	return nil
}

type stagedBytes struct {
	*bytes.Reader
	s    *shelf
	data []byte
}

func (s *shelf) Stage(_ context.Context, r io.Reader) (Staged, error) {
	data, err := io.ReadAll(r)
	return &stagedBytes{bytes.NewReader(data), s, data}, err
}

func (b *stagedBytes) Keep(_ context.Context, key string) error {
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	b.s.bytes[key] = b.data
	return nil
}

func (b *stagedBytes) Discard() error { return nil }

type openBytes struct{ *bytes.Reader }

func (openBytes) Close() error { return nil }

func (s *shelf) Open(_ context.Context, key string) (Content, error) {
	data, ok := s.bytes[key]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return openBytes{bytes.NewReader(data)}, nil
}

func (s *shelf) Remove(_ context.Context, key string) error {
	delete(s.bytes, key)
	return nil
}

// keeper is a Keeper over a shelf, with both channels.
func keeper(t *testing.T) (*Keeper, *shelf) {
	t.Helper()
	s, n := newShelf(), 0
	k := New(Config{Store: s, Files: s, Now: func() time.Time { return noon }, PublicURL: "https://bots.example/",
		NewID:    func() string { n++; return fmt.Sprintf("%032x", n) },
		Channels: map[string]channels.Channel{"line": line.New(nil, line.Config{}), "messenger": messenger.New(nil, messenger.Config{})},
		Open:     func(context.Context, string) (*channels.Download, error) { return nil, errors.New("nobody is called") },
		Pause:    func(context.Context, time.Duration) error { return nil }})
	return k, s
}

// pictureOf is a picture of so many pixels, coloured so that no two rows are the
// same.
func pictureOf(width, height int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.SetRGBA(x, y, color.RGBA{R: uint8(x), G: uint8(y), B: uint8(x ^ y), A: 255})
		}
	}
	return m
}

func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gifOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// box is an ISO box.
func box(name string, body ...[]byte) []byte {
	all := bytes.Join(body, nil)
	return append([]byte{byte((len(all) + 8) >> 24), byte((len(all) + 8) >> 16), byte((len(all) + 8) >> 8), byte(len(all) + 8), name[0], name[1], name[2], name[3]}, all...)
}

// movieOf is an ISO file of a brand with tracks by their handlers, of so many
// milliseconds, 320 × 240 where it has pictures.
func movieOf(brand string, ms uint16, handlers ...string) []byte {
	mvhd := make([]byte, 100)
	mvhd[14], mvhd[15] = 1000>>8, 1000&0xff
	mvhd[18], mvhd[19] = byte(ms>>8), byte(ms)
	boxes := [][]byte{box("mvhd", mvhd)}
	for _, h := range handlers {
		tkhd := make([]byte, 84)
		tkhd[41] = 1 // the matrix of a picture that is not turned: a = 1
		tkhd[76], tkhd[77], tkhd[80], tkhd[81] = 320>>8, 320&0xff, 0, 240
		boxes = append(boxes, box("trak", box("tkhd", tkhd), box("mdia", box("hdlr", make([]byte, 8), []byte(h), make([]byte, 12)))))
	}
	return append(box("ftyp", []byte(brand), make([]byte, 4)), append(box("moov", boxes...), box("mdat", make([]byte, 64))...)...)
}

// mp3Of is so many frames of silence at 128 kbit/s and 44.1 kHz, 26 ms each.
func mp3Of(frames int) []byte {
	one := make([]byte, 417)
	copy(one, "\xff\xfb\x90\x00")
	return bytes.Repeat(one, frames)
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

func TestSweepRemovesBytes(t *testing.T) {
	t.Parallel()
	k, s := keeper(t)
	now := noon
	k.Now = func() time.Time { return now }
	keep := func(contact int64, data []byte) *engine.Media {
		t.Helper()
		m, _, err := k.Keep(t.Context(), Upload{BotID: "b", ContactID: contact, Body: bytes.NewReader(data)})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	film := keep(0, movieOf("isom", 100, "vide"))
	keep(0, []byte("an upload"))
	keep(7, []byte("a letter"))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(k.Sweep(t.Context()))
	if len(s.bytes) != 4 {
		t.Errorf("%d files before anything is deleted", len(s.bytes))
	}
	must(k.Delete(t.Context(), "b", film.ID))
	must(k.Sweep(t.Context()))
	if len(s.bytes) != 2 || len(s.rows) != 2 {
		t.Errorf("%d files after the film with its preview", len(s.bytes))
	}
	now = now.Add(keepPerson + time.Hour)
	must(k.Sweep(t.Context()))
	if len(s.bytes) != 1 {
		t.Errorf("%d files after the person's time", len(s.bytes))
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
