package media

import (
	"bytes"
	"encoding/binary"
	"io"
	"time"
)

// frame is what the head of an MPEG audio frame says.
type frame struct {
	samples int // in the frame
	rate    int // samples in a second
	bitrate int // bits in a second
	size    int // bytes with the head
	info    int // where a Xing or Info head would stand in it
}

// longestSound bounds what a file may say about itself.
const longestSound = 24 * time.Hour

// frameScan is how far behind the tags the first frame may begin.
const frameScan = 64 << 10

// readFrame reads the head of a frame of layer III, the only one that is MP3.
func readFrame(b []byte) (frame, bool) {
	if len(b) < 4 || b[0] != 0xff || b[1]&0xe0 != 0xe0 {
		return frame{}, false
	}
	version, layer := b[1]>>3&3, b[1]>>1&3
	rates, place := b[2]>>4, b[2]>>2&3
	if version == 1 || layer != 1 || rates == 0 || rates == 15 || place == 3 || b[3]&3 == 2 {
		return frame{}, false
	}
	first := [...]int{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}
	second := [...]int{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}
	f := frame{samples: 1152, rate: [...]int{44100, 48000, 32000}[place], bitrate: first[rates] * 1000}
	mono, side := b[3]>>6 == 3, 32
	if version != 3 { // MPEG 2 and 2.5 have half the rate, or a quarter
		f.samples, f.bitrate = 576, second[rates]*1000
		f.rate /= 2
		if version == 0 {
			f.rate /= 2
		}
		side = 17
	}
	if mono {
		side = map[bool]int{true: 17, false: 9}[version == 3]
	}
	f.info = 4 + side
	f.size = f.samples/8*f.bitrate/f.rate + int(b[2]>>1&1)
	return f, true
}

// mp3Length tells how long a sound is: by the count of frames that encoders put
// into the first, else by its bitrate as if all had the same. 0: it has no frame.
func mp3Length(r io.ReaderAt, size int64) time.Duration {
	start := id3Length(r)
	head := make([]byte, frameScan)
	n, _ := r.ReadAt(head, start)
	head = head[:n]
	for i := 0; i+4 <= len(head); i++ {
		f, ok := readFrame(head[i:])
		if !ok || !followed(head[i:], f) {
			continue
		}
		if frames := frameCount(head[i:], f); frames > 0 {
			seconds := float64(frames) * float64(f.samples) / float64(f.rate)
			return time.Duration(min(seconds, longestSound.Seconds()) * float64(time.Second))
		}
		bits := max(0, size-start-int64(i)) * 8
		return min(time.Duration(bits)*time.Second/time.Duration(f.bitrate), longestSound)
	}
	return 0
}

// followed reports whether another frame begins where this one ends; at the end
// of what is known it may.
func followed(b []byte, f frame) bool {
	if f.size < 4 || f.size+4 > len(b) {
		return f.size >= 4
	}
	next, ok := readFrame(b[f.size:])
	return ok && next.rate == f.rate
}

// frameCount reads a Xing, Info or VBRI head, 0 when there is none.
func frameCount(b []byte, f frame) uint32 {
	if x := f.info; len(b) >= x+12 && (bytes.Equal(b[x:x+4], []byte("Xing")) || bytes.Equal(b[x:x+4], []byte("Info"))) && b[x+7]&1 != 0 {
		return binary.BigEndian.Uint32(b[x+8:])
	}
	const v = 4 + 32
	if len(b) >= v+18 && bytes.Equal(b[v:v+4], []byte("VBRI")) {
		return binary.BigEndian.Uint32(b[v+14:])
	}
	return 0
}

// id3Length is how many bytes of tags stand before the sound.
func id3Length(r io.ReaderAt) int64 {
	head := make([]byte, 10)
	if n, _ := r.ReadAt(head, 0); n < len(head) || string(head[:3]) != "ID3" {
		return 0
	}
	size := int64(0)
	for _, b := range head[6:10] {
		size = size<<7 | int64(b&0x7f)
	}
	return size + int64(len(head))
}
