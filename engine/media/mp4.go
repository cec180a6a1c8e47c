package media

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"time"
)

// movie is what an ISO file says about itself.
type movie struct {
	duration      time.Duration
	width, height int  // of its first picture track
	video, audio  bool // which tracks it has
}

// Limits of reading one: its boxes are looked at, never its samples.
const (
	maxBoxes = 4096
	maxDepth = 4
)

var errMovie = errors.New("its boxes do not fit together: the file is cut off, or broken")

// readMovie reads the heads of an MP4, M4A or MOV.
func readMovie(r io.ReaderAt, size int64) (movie, error) {
	m := movieReader{r: r}
	if err := m.boxes(0, size, 0); err != nil {
		return movie{}, err
	}
	if !m.seen {
		return movie{}, errors.New("it has no moov box: the file is cut off, or is none of MP4")
	}
	return m.movie, nil
}

type movieReader struct {
	movie
	r      io.ReaderAt
	count  int
	seen   bool // the moov box
	tkhdW  int  // of the track under way
	tkhdH  int
	handle string
}

// boxes walks the boxes between two places.
func (m *movieReader) boxes(from, to int64, depth int) error {
	for from+8 <= to {
		if m.count++; m.count > maxBoxes {
			return errors.New("it has more boxes than any film")
		}
		var head [16]byte
		n, _ := m.r.ReadAt(head[:], from)
		if n < 8 {
			return errMovie
		}
		size, body := int64(binary.BigEndian.Uint32(head[:])), from+8
		switch {
		case size == 0: // to the end
			size = to - from
		case size == 1 && n == len(head):
			long := binary.BigEndian.Uint64(head[8:])
			if long > math.MaxInt64 {
				return errMovie
			}
			size, body = int64(long), from+16
		}
		if size < body-from || size > to-from {
			return errMovie
		}
		if err := m.box(string(head[4:8]), body, from+size, depth); err != nil {
			return err
		}
		from += size
	}
	return nil
}

func (m *movieReader) box(name string, from, to int64, depth int) error {
	switch name {
	case "moov", "mdia":
		m.seen = m.seen || name == "moov"
		if depth < maxDepth {
			return m.boxes(from, to, depth+1)
		}
	case "trak":
		m.tkhdW, m.tkhdH, m.handle = 0, 0, ""
		if depth >= maxDepth {
			return nil
		}
		if err := m.boxes(from, to, depth+1); err != nil {
			return err
		}
		m.track()
	case "mvhd":
		m.duration = readDuration(m.read(from, to))
	case "tkhd":
		m.tkhdW, m.tkhdH = readSides(m.read(from, to))
	case "hdlr":
		if b := m.read(from, to); len(b) >= 12 && m.handle == "" {
			m.handle = string(b[8:12])
		}
	}
	return nil
}

// track notes the track that was just read.
func (m *movieReader) track() {
	switch m.handle {
	case "vide":
		if !m.video {
			m.width, m.height = m.tkhdW, m.tkhdH
		}
		m.video = true
	case "soun":
		m.audio = true
	}
}

// read returns the beginning of a box.
func (m *movieReader) read(from, to int64) []byte {
	const most = 112
	b := make([]byte, min(most, to-from))
	n, _ := m.r.ReadAt(b, from)
	return b[:n]
}

// readDuration reads a mvhd box, whose version says how wide its numbers are.
func readDuration(b []byte) time.Duration {
	var scale, length uint64
	switch {
	case len(b) >= 20 && b[0] == 0:
		scale, length = uint64(binary.BigEndian.Uint32(b[12:])), uint64(binary.BigEndian.Uint32(b[16:]))
		if length == math.MaxUint32 {
			return 0 // unknown
		}
	case len(b) >= 32 && b[0] == 1:
		scale, length = uint64(binary.BigEndian.Uint32(b[20:])), binary.BigEndian.Uint64(b[24:])
	}
	const longest = uint64(30 * 24 * time.Hour / time.Second)
	if scale == 0 || length/scale > longest {
		return 0
	}
	return time.Duration(length/scale)*time.Second + time.Duration(length%scale)*time.Second/time.Duration(scale)
}

// readSides reads width and height at the end of a tkhd box, whole pixels. A
// film that is turned by its matrix is as it is shown.
func readSides(b []byte) (width, height int) {
	at := 76
	if len(b) > 0 && b[0] == 1 {
		at = 88
	}
	if len(b) < at+8 {
		return 0, 0
	}
	width, height = int(binary.BigEndian.Uint16(b[at:])), int(binary.BigEndian.Uint16(b[at+4:]))
	if turned := int32(binary.BigEndian.Uint32(b[at-36:])) == 0; turned && int32(binary.BigEndian.Uint32(b[at-32:])) != 0 {
		width, height = height, width
	}
	return width, height
}
