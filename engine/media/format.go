package media

import (
	"mime"
	"path"
	"strings"

	"github.com/blockcast/blockcast/blocks"
)

// format is a kind of file that is kept under its own type.
type format struct {
	mime string
	kind string
	ext  []string // the first is given to a file without one
	also []string // other names of the type
}

// other is what is kept of people's files that have no format here: they are
// served to be saved, never shown.
const other = "application/octet-stream"

const (
	jpegType = "image/jpeg"
	pngType  = "image/png"
	gifType  = "image/gif"
	webpType = "image/webp"
	mp4Type  = "video/mp4"
	movType  = "video/quicktime"
	m4aType  = "audio/mp4"
	mp3Type  = "audio/mpeg"
	aacType  = "audio/aac"
	oggType  = "audio/ogg"
	wavType  = "audio/wav"
	pdfType  = "application/pdf"
	zipType  = "application/zip"
	textType = "text/plain"
	csvType  = "text/csv"
	docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	pptxType = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
)

// formats lists what is kept. What a browser would run is not among it: pages,
// SVG, scripts.
func formats() []format {
	return []format{
		{jpegType, blocks.Image, []string{".jpg", ".jpeg", ".jpe"}, []string{"image/jpg", "image/pjpeg"}},
		{pngType, blocks.Image, []string{".png"}, []string{"image/x-png"}},
		{gifType, blocks.Image, []string{".gif"}, nil},
		{webpType, blocks.Image, []string{".webp"}, nil},
		{mp4Type, blocks.Video, []string{".mp4", ".m4v"}, []string{"video/x-m4v"}},
		{movType, blocks.Video, []string{".mov"}, nil},
		{m4aType, blocks.Audio, []string{".m4a"}, []string{"audio/m4a", "audio/x-m4a"}},
		{mp3Type, blocks.Audio, []string{".mp3"}, []string{"audio/mp3", "audio/x-mp3", "audio/x-mpeg"}},
		{aacType, blocks.Audio, []string{".aac"}, []string{"audio/aacp", "audio/x-aac"}},
		{oggType, blocks.Audio, []string{".ogg", ".oga", ".opus"}, []string{"audio/opus", "application/ogg"}},
		{wavType, blocks.Audio, []string{".wav"}, []string{"audio/x-wav", "audio/wave", "audio/vnd.wave"}},
		{pdfType, blocks.File, []string{".pdf"}, []string{"application/x-pdf"}},
		{docxType, blocks.File, []string{".docx"}, nil},
		{xlsxType, blocks.File, []string{".xlsx"}, nil},
		{pptxType, blocks.File, []string{".pptx"}, nil},
		{zipType, blocks.File, []string{".zip"}, []string{"application/x-zip-compressed"}},
		{csvType, blocks.File, []string{".csv"}, []string{"application/csv"}},
		{textType, blocks.File, []string{".txt", ".text"}, nil},
	}
}

// takenTypes says in words what is taken.
const takenTypes = "JPEG, PNG, GIF or WebP pictures, MP4 or MOV films, M4A, MP3, AAC, OGG or WAV sounds, PDF, DOCX, XLSX, PPTX, ZIP, CSV or plain text"

// formatOf finds a format by a type as a caller writes it, with parameters or
// under another name.
func formatOf(contentType string) (format, bool) {
	base, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		base = strings.ToLower(strings.TrimSpace(contentType))
	}
	for _, f := range formats() {
		if f.mime == base {
			return f, true
		}
		for _, a := range f.also {
			if a == base {
				return f, true
			}
		}
	}
	return format{}, false
}

// formatNamed finds a format by the ending of a name.
func formatNamed(name string) (format, bool) {
	ending := strings.ToLower(path.Ext(name))
	for _, f := range formats() {
		for _, e := range f.ext {
			if e == ending {
				return f, true
			}
		}
	}
	return format{}, false
}

// agree reports whether a file that says it is one thing may hold what was
// found in it. A ZIP is also the shell of office documents, and any text a CSV.
func agree(says, found string) bool {
	switch {
	case says == found:
		return true
	case found == zipType:
		return says == docxType || says == xlsxType || says == pptxType
	case found == textType:
		return says == csvType
	case found == mp4Type, found == movType: // the same container
		return says == mp4Type || says == movType
	}
	return false
}

// Shown reports whether a browser may show a type in place: else it is served to
// be saved.
func Shown(contentType string) bool {
	f, known := formatOf(contentType)
	return known && (f.kind != blocks.File || f.mime == pdfType)
}
