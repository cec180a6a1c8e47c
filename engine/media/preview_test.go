package media

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"testing"
	"time"
)

// held puts a note into a JPEG of how the camera was held.
func held(data []byte, how byte) []byte {
	exif := []byte("Exif\x00\x00II\x2a\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x00\x00\x00\x00")
	exif[len(exif)-4] = how
	head := append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	return append(head, data[2:]...)
}

// A preview loses the camera's note, so that it is turned: the white corner of
// the original is where people see it.
func TestPreviewsAreUpright(t *testing.T) {
	t.Parallel()
	noise := rand.New(rand.NewPCG(1, 2))
	m := image.NewRGBA(image.Rect(0, 0, 1300, 800))
	for i := range m.Pix { // dark noise, so that the file is no preview of its own
		m.Pix[i] = uint8(noise.UintN(90))
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	for y := range 300 {
		for x := range 400 {
			m.SetRGBA(x, y, color.RGBA{255, 255, 255, 255})
		}
	}
	data := jpegOf(t, m)
	for how, corner := range map[byte]string{1: "top left", 2: "top right", 3: "bottom right", 4: "bottom left", 5: "top left", 6: "top right", 7: "bottom right", 8: "bottom left"} {
		t.Run(fmt.Sprint(how), func(t *testing.T) {
			t.Parallel()
			k, s := keeper(t)
			kept, _, err := k.Keep(t.Context(), Upload{BotID: "b", Body: bytes.NewReader(held(data, how))})
			if err != nil {
				t.Fatal(err)
			}
			preview := s.bytes[PreviewKey(kept)]
			if len(preview) == 0 || len(preview) > maxPreview {
				t.Fatalf("the preview has %d bytes", len(preview))
			}
			p, err := jpeg.Decode(bytes.NewReader(preview))
			if err != nil {
				t.Fatal(err)
			}
			width, height := p.Bounds().Dx(), p.Bounds().Dy()
			if wide := how < 5; wide != (width > height) || max(width, height) != previewSide || wide != (kept.Width > kept.Height) {
				t.Errorf("the preview has %d × %d pixels, the picture %d × %d", width, height, kept.Width, kept.Height)
			}
			for name, at := range map[string]image.Point{"top left": {20, 20}, "top right": {width - 20, 20}, "bottom left": {20, height - 20}, "bottom right": {width - 20, height - 20}} {
				r, _, _, _ := p.At(at.X, at.Y).RGBA()
				if white := r > 0xc000; white != (name == corner) {
					t.Errorf("%s is white: %v; want %s", name, white, corner)
				}
			}
		})
	}
}

func TestPreviewOfWhatIsSeenThrough(t *testing.T) {
	t.Parallel()
	m := shrink(image.NewNRGBA(image.Rect(0, 0, 3000, 10)), 100)
	if got := m.RGBAAt(5, 0); got != (color.RGBA{255, 255, 255, 255}) {
		t.Errorf("what is seen through becomes %v", got)
	}
	if m.Rect.Dx() != 100 || m.Rect.Dy() != 1 {
		t.Errorf("its size is %v", m.Rect)
	}
}

func TestLengthOfAnMP3(t *testing.T) {
	t.Parallel()
	plain := mp3Of(100)
	counted := mp3Of(3)
	copy(counted[36:], "Xing\x00\x00\x00\x01\x00\x00\x03\xe8") // a thousand frames
	tagged := append([]byte("ID3\x04\x00\x00\x00\x00\x01\x00"), append(make([]byte, 128), plain...)...)
	for name, c := range map[string]struct {
		data []byte
		want time.Duration
	}{
		"by its bitrate": {plain, 2606250 * time.Microsecond},
		"behind tags":    {tagged, 2606250 * time.Microsecond},
		"by its count":   {counted, 26122448979},
		"no frame":       {[]byte("ID3 and nothing"), 0},
	} {
		if got := mp3Length(bytes.NewReader(c.data), int64(len(c.data))); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestFilmsThatDoNotFit(t *testing.T) {
	t.Parallel()
	deep := []byte{}
	for range 50 {
		deep = box("moov", deep)
	}
	many := box("moov", bytes.Repeat(box("free"), maxBoxes))
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"a box beyond its end":      {append(box("ftyp", []byte("isom")), 0, 0, 1, 0, 'm', 'o', 'o', 'v'), errMovie.Error()},
		"a box smaller than itself": {[]byte{0, 0, 0, 4, 'm', 'o', 'o', 'v'}, errMovie.Error()},
		"no moov":                   {box("ftyp", []byte("isom")), "it has no moov box: the file is cut off, or is none of MP4"},
		"boxes without end":         {many, "it has more boxes than any film"},
		"boxes in boxes":            {deep, ""},
	} {
		_, err := readMovie(bytes.NewReader(c.data), int64(len(c.data)))
		if got := fmt.Sprint(err); c.want == "" && err != nil || c.want != "" && got != c.want {
			t.Errorf("%s: %s, want %q", name, got, c.want)
		}
	}
	turned := movieOf("isom", 100, "vide")
	at := bytes.Index(turned, []byte("tkhd")) + 4
	copy(turned[at+40:], []byte{0, 0, 0, 0, 0, 1, 0, 0})
	if m, err := readMovie(bytes.NewReader(turned), int64(len(turned))); err != nil || m.width != 240 || m.height != 320 {
		t.Errorf("a film that was held upright is %d × %d, %v", m.width, m.height, err)
	}
}
