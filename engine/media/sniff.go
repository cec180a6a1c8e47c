package media

import (
	"bytes"
	"net/http"
	"strings"
	"unicode/utf8"
)

// headLength is how much of a file its type is told by.
const headLength = 4 << 10

// sniff tells a type by the first bytes of a file, "" when it is none that is
// known here. Of an MP4 only its whole tells whether it is a film or a sound.
func sniff(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return jpegType
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return pngType
	case bytes.HasPrefix(head, []byte("GIF87a")), bytes.HasPrefix(head, []byte("GIF89a")):
		return gifType
	case isRIFF(head, "WEBP"):
		return webpType
	case isRIFF(head, "WAVE"):
		return wavType
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		return container(string(head[8:12]))
	case bytes.HasPrefix(head, []byte("OggS")):
		return oggType
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return pdfType
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return zipType
	case bytes.HasPrefix(head, []byte("ID3")):
		return mp3Type
	case isADTS(head):
		return aacType
	}
	if _, ok := readFrame(head); ok {
		return mp3Type
	}
	if isPlain(head) {
		return textType
	}
	return ""
}

func isRIFF(head []byte, form string) bool {
	return len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == form
}

// container tells what lies in an ISO file by its brand. HEIC and AVIF pictures
// come in the same box and are none that platforms take.
func container(brand string) string {
	switch {
	case brand == "qt  ":
		return movType
	case strings.HasPrefix(brand, "M4A"), strings.HasPrefix(brand, "M4B"):
		return m4aType
	case strings.HasPrefix(brand, "hei"), strings.HasPrefix(brand, "hev"), strings.HasPrefix(brand, "mif1"), strings.HasPrefix(brand, "msf1"), strings.HasPrefix(brand, "avi"):
		return ""
	}
	return mp4Type
}

// isADTS finds the sync word of raw AAC: twelve bits, and a layer of zero.
func isADTS(head []byte) bool {
	return len(head) >= 2 && head[0] == 0xff && head[1]&0xf6 == 0xf0
}

// isPlain reports whether it is text that no browser takes for anything else.
func isPlain(head []byte) bool {
	if len(head) == 0 || bytes.IndexByte(head, 0) >= 0 {
		return false
	}
	whole := head
	for range utf8.UTFMax - 1 { // the head may end inside a character
		if utf8.Valid(whole) || len(whole) == 0 {
			break
		}
		whole = whole[:len(whole)-1]
	}
	if !utf8.Valid(whole) {
		return false
	}
	begin := bytes.TrimLeft(bytes.TrimPrefix(whole, []byte("\ufeff")), " \t\r\n\f")
	if bytes.HasPrefix(begin, []byte("<")) || bytes.HasPrefix(begin, []byte("#!")) { // a page, XML, SVG; a script
		return false
	}
	return strings.HasPrefix(http.DetectContentType(whole), textType)
}
