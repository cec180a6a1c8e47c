package media

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
)

// encodePreview writes a picture as a JPEG small enough for every platform.
func encodePreview(m image.Image) ([]byte, error) {
	for side := previewSide; side >= previewSide/8; side /= 2 {
		small := shrink(m, side)
		for quality := previewQuality; quality >= previewQuality/2; quality -= previewQuality / 4 {
			var b bytes.Buffer
			if err := jpeg.Encode(&b, small, &jpeg.Options{Quality: quality}); err != nil {
				return nil, err
			}
			if b.Len() <= maxPreview {
				return b.Bytes(), nil
			}
		}
	}
	return nil, errors.New("no preview of it is small enough")
}

// shrink makes a picture of at most side pixels each way, on white, each of its
// pixels the mean of those it stands for.
func shrink(m image.Image, side int) *image.RGBA {
	from := m.Bounds()
	width, height := fit(from.Dx(), from.Dy(), side)
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	at := reader(m)
	for y := range height {
		top, bottom := from.Min.Y+y*from.Dy()/height, from.Min.Y+(y+1)*from.Dy()/height
		for x := range width {
			left, right := from.Min.X+x*from.Dx()/width, from.Min.X+(x+1)*from.Dx()/width
			out.SetRGBA(x, y, mean(at, left, top, right, bottom))
		}
	}
	return out
}

// fit keeps the shape and enlarges nothing.
func fit(width, height, side int) (int, int) {
	longer := max(width, height)
	if longer <= side {
		return width, height
	}
	return max(1, width*side/longer), max(1, height*side/longer)
}

// reader reads pixels without making a value of each on the heap.
func reader(m image.Image) func(x, y int) color.RGBA64 {
	if fast, ok := m.(image.RGBA64Image); ok {
		return fast.RGBA64At
	}
	return func(x, y int) color.RGBA64 {
		r, g, b, a := m.At(x, y).RGBA()
		return color.RGBA64{R: uint16(r), G: uint16(g), B: uint16(b), A: uint16(a)}
	}
}

// mean mixes pixels, premultiplied as they are, and puts them on white.
func mean(at func(x, y int) color.RGBA64, left, top, right, bottom int) color.RGBA {
	var r, g, b, a, n uint64
	for y := top; y < bottom; y++ {
		for x := left; x < right; x++ {
			c := at(x, y)
			r, g, b, a, n = r+uint64(c.R), g+uint64(c.G), b+uint64(c.B), a+uint64(c.A), n+1
		}
	}
	white := 0xffff - a/n
	return color.RGBA{R: uint8((r/n + white) >> 8), G: uint8((g/n + white) >> 8), B: uint8((b/n + white) >> 8), A: 0xff}
}

// upright turns a small picture as the camera was held.
func upright(m *image.RGBA, held int) *image.RGBA {
	if held <= 1 || held > 8 {
		return m
	}
	width, height := m.Rect.Dx(), m.Rect.Dy()
	if held >= 5 {
		width, height = height, width
	}
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			fromX, fromY := x, y
			if held >= 5 {
				fromX, fromY = y, x
			}
			switch held {
			case 2, 3, 7, 8: // mirrored along the width of what it was
				fromX = m.Rect.Dx() - 1 - fromX
			}
			switch held {
			case 3, 4, 6, 7: // and along its height
				fromY = m.Rect.Dy() - 1 - fromY
			}
			out.SetRGBA(x, y, m.RGBAAt(fromX, fromY))
		}
	}
	return out
}

// filmPicture stands for a film, none of whose pictures can be read here: a
// play sign on dark ground, in the film's shape.
func filmPicture(width, height int) *image.RGBA {
	const side = 640
	if width <= 0 || height <= 0 {
		width, height = 16, 9
	}
	longer := max(width, height)
	width, height = max(1, width*side/longer), max(1, height*side/longer)
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(out, out.Rect, image.NewUniform(color.RGBA{R: 0x1f, G: 0x23, B: 0x2b, A: 0xff}), image.Point{}, draw.Src)
	size := min(width, height) / 3
	sign := color.RGBA{R: 0xff, G: 0xff, B: 0xff, A: 0xff}
	for y := range size {
		reach := size - 2*abs(y-size/2) // a triangle that points right
		for x := range max(0, reach) * 7 / 8 {
			out.SetRGBA(width/2-size/3+x, height/2-size/2+y, sign)
		}
	}
	return out
}

func abs(n int) int { return max(n, -n) }
