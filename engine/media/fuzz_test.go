package media

import (
	"bytes"
	"image"
	"testing"
	"unicode/utf8"

	"github.com/blockcast/blockcast/engine"
)

// What people and strangers upload may be anything: it is taken as what it is or
// refused with a mistake of theirs, and never breaks what looks into it.
func FuzzInspect(f *testing.F) {
	small := image.NewGray(image.Rect(0, 0, 3, 2))
	for _, seed := range [][]byte{
		pngOf(f, small), jpegOf(f, small), gifOf(f, small), movieOf("isom", 100, "vide", "soun"), movieOf("M4A ", 100, "soun"), mp3Of(2),
		[]byte("ID3\x04\x00\x00\x00\x00\x00\x02ab\xff\xfb\x90\x00"), []byte("RIFF\x00\x00\x00\x00WEBP"), []byte("%PDF-1"), []byte("PK\x03\x04"), []byte("a,b\n"),
		append(box("ftyp", []byte("isom")), 0, 0, 0, 1, 'm', 'o', 'o', 'v', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
	} {
		f.Add(seed, "a.png", true)
		f.Add(seed, "", false)
	}
	f.Fuzz(func(t *testing.T, data []byte, name string, person bool) {
		if len(data) == 0 || len(data) > 1<<16 {
			return
		}
		s := newShelf()
		k := New(Config{Store: s, Files: s})
		m := &engine.Media{}
		preview, err := k.inspect(t.Context(), &stagedBytes{bytes.NewReader(data), s, data}, claim{name: name, person: person}, m)
		if err != nil {
			if !engine.IsCode(err, engine.Invalid) {
				t.Errorf("error %v is nobody's mistake", err)
			}
			return
		}
		if m.Type == "" || m.Kind == "" || m.Name == "" || m.Width < 0 || m.Height < 0 || m.Duration < 0 || m.Width*m.Height > MaxPixels && m.Kind == "image" {
			t.Errorf("it is %+v", m)
		}
		if len(preview) > maxPreview {
			t.Errorf("its preview has %d bytes", len(preview))
		}
	})
}

// A name becomes the last part of an address, and of a file's name on whatever
// saves it.
func FuzzCleanName(f *testing.F) {
	for _, seed := range []string{"shirt.png", "../../etc/passwd", `C:\a\b.png`, "Áo thun (đỏ).PNG", ".htaccess", "a.png\r\nX: y", "名前.jpeg", "a..png", "\u202egnp.exe", "preview.jpg", "x.html", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		for _, is := range formats() {
			got := cleanName(given, is)
			ending, known := formatNamed(got)
			switch {
			case got == "" || got == PreviewName || !utf8.ValidString(got) || utf8.RuneCountInString(got) > MaxName:
				t.Errorf("%q is %q", given, got)
			case !known || !agree(ending.mime, is.mime):
				t.Errorf("%q of type %s is %q", given, is.mime, got)
			case bytes.ContainsAny([]byte(got), "/\\\r\n\x00\"%;:<>|?* ") || got[0] == '.' || bytes.Contains([]byte(got), []byte("..")):
				t.Errorf("%q is %q", given, got)
			}
		}
	})
}

func FuzzOrientation(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x22Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00"))
	f.Fuzz(func(t *testing.T, head []byte) {
		if held := orientation(head); held < 1 || held > 8 {
			t.Errorf("it is held as %d", held)
		}
	})
}
