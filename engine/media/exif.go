package media

import (
	"bytes"
	"encoding/binary"
)

// maxSegments bounds the walk over a JPEG's head.
const maxSegments = 100

// orientation reads how a camera was held, 1 to 8, from the head of a JPEG: 1
// when it does not say. A preview is made upright, since it loses the note.
func orientation(head []byte) int {
	at := 2
	for range maxSegments {
		if at+4 > len(head) || head[at] != 0xff || head[at+1] == 0xda {
			return 1
		}
		size := int(binary.BigEndian.Uint16(head[at+2:]))
		end := at + 2 + size
		if size < 2 {
			return 1
		}
		if body := head[at+4 : max(at+4, min(end, len(head)))]; head[at+1] == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return tiffOrientation(body[6:])
		}
		at = end
	}
	return 1
}

// tiffOrientation looks for tag 0x0112 in the first directory.
func tiffOrientation(b []byte) int {
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(b[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return 1
	}
	entries := b[at+2:]
	for range order.Uint16(b[at:]) {
		if len(entries) < 12 {
			return 1
		}
		if order.Uint16(entries) == 0x0112 {
			if v := int(order.Uint16(entries[8:])); v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}
