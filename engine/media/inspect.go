package media

import (
	"context"
	"fmt"
	"image"
	_ "image/gif" // pictures are decoded by their own first bytes
	_ "image/jpeg"
	_ "image/png"
	"io"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
)

// claim is what a file says it is.
type claim struct {
	name, contentType string
	person            bool // sent by a person: what is no known type is kept too
}

// refuse is the error of a file that is not taken, in words for who gave it.
func refuse(format string, args ...any) error {
	return &engine.Error{Code: engine.Invalid, Message: fmt.Sprintf(format, args...)}
}

// inspect looks into a file: what it is, whether that is what it says, how large
// it is shown and how long it lasts. It fills in m and returns its preview, nil
// when it needs none.
func (k *Keeper) inspect(ctx context.Context, f Staged, c claim, m *engine.Media) (preview []byte, err error) {
	head := make([]byte, min(headLength, f.Size()))
	if _, err := f.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	found := sniff(head)
	var film movie
	if found == mp4Type || found == movType || found == m4aType {
		if film, err = readMovie(f, f.Size()); err != nil {
			return nil, refuse("the file begins like an MP4, but %v", err)
		}
		if !film.video {
			found = m4aType
		} else if found == m4aType {
			found = mp4Type
		}
	}
	is, err := c.format(found)
	if err != nil {
		return nil, err
	}
	m.Type, m.Kind, m.Name = is.mime, is.kind, cleanName(c.name, is)
	switch found {
	case jpegType, pngType, gifType:
		return k.picture(ctx, f, head, found, m)
	case mp4Type, movType:
		m.Width, m.Height, m.Duration = film.width, film.height, film.duration
		return encodePreview(filmPicture(film.width, film.height))
	case m4aType:
		m.Duration = film.duration
	case mp3Type:
		if m.Duration = mp3Length(f, f.Size()); m.Duration == 0 {
			return nil, refuse("the file begins like an MP3, but no sound is in it")
		}
	}
	return nil, nil
}

// format decides what a file is, by what it says and what was found in it.
func (c *claim) format(found string) (format, error) {
	says, said := formatOf(c.contentType)
	what := "type"
	if c.contentType == "" || c.contentType == other || !said && c.person {
		says, said = formatNamed(c.name)
		what = "name"
	} else if !said {
		return format{}, refuse("files of type %.80q are not taken: give %s", c.contentType, takenTypes)
	}
	is, known := formatOf(found)
	switch {
	case said && known && agree(says.mime, found):
		return says, nil
	case c.person && known:
		return is, nil // a phone's word for it matters less than what it is
	case c.person:
		return format{mime: other, kind: blocks.File, ext: []string{".bin"}}, nil
	case said && known:
		return format{}, refuse("by its %s it is %s, but by its bytes %s", what, says.mime, is.mime)
	case said:
		return format{}, refuse("by its %s it is %s, but not by its bytes", what, says.mime)
	case !known:
		return format{}, refuse("the file is of no type that is taken: give %s", takenTypes)
	}
	return is, nil
}

// picture measures a picture before it is decoded, for a small file may unfold
// into a huge one, and makes its preview where it is too large to be its own.
func (k *Keeper) picture(ctx context.Context, f Staged, head []byte, found string, m *engine.Media) ([]byte, error) {
	config, _, err := image.DecodeConfig(io.NewSectionReader(f, 0, f.Size()))
	if err != nil {
		return nil, refuse("the picture cannot be read: it says %s but is broken", found)
	}
	m.Width, m.Height = config.Width, config.Height
	if config.Width < 1 || config.Height < 1 {
		return nil, refuse("the picture has no pixels")
	}
	if config.Width > MaxSide || config.Height > MaxSide || config.Width*config.Height > MaxPixels {
		return nil, refuse("the picture has %d × %d pixels: make it smaller than %d million together and %d each way", config.Width, config.Height, MaxPixels/1_000_000, MaxSide)
	}
	select {
	case k.decoding <- struct{}{}:
		defer func() { <-k.decoding }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	whole, _, err := image.Decode(io.NewSectionReader(f, 0, f.Size()))
	if err != nil {
		return nil, refuse("the picture cannot be read: it breaks off, or is broken")
	}
	held := 1
	if found == jpegType {
		held = orientation(head)
	}
	if held >= 5 {
		m.Width, m.Height = m.Height, m.Width
	}
	if f.Size() <= maxPreview && found != gifType {
		return nil, nil // it is its own preview
	}
	return encodePreview(upright(shrink(whole, previewSide), held))
}
