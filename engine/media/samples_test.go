package media

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
)

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
