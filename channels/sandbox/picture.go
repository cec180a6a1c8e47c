package sandbox

import (
	"fmt"
	"hash/fnv"
	"html"
	"net/http"
	"path"
	"strings"
	"unicode/utf8"
)

// MediaHost is the host of pictures in demo messages. Nobody serves it: the
// page shows https://media.blockcast.example/shirt.png as /sandbox/media/shirt.png.
const MediaHost = "media.blockcast.example"

// maxCaption bounds the name written on a picture that is not there.
const maxCaption = 24

// PicturePolicy is the Content-Security-Policy a Picture is served with.
const PicturePolicy = "default-src 'none'; style-src 'unsafe-inline'"

func servePicture(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", PicturePolicy)
	w.Header().Set("Cache-Control", "max-age=3600")
	_, _ = w.Write(Picture(r.PathValue("path")))
}

// Picture is a demo picture, whatever its extension says, as SVG; under a name
// without a picture it is the name on a colour.
func Picture(file string) []byte {
	name := strings.TrimSuffix(path.Base(file), path.Ext(file))
	picture, err := static.ReadFile("static/pictures/" + name + ".svg")
	if err != nil {
		return placeholder(name)
	}
	return picture
}

// placeholder is a picture for a name: always the same one for the same name.
func placeholder(name string) []byte {
	if !utf8.ValidString(name) || name == "" || name == "." || name == "/" {
		name = "picture"
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	hue := h.Sum32() % 360
	caption := []rune(strings.NewReplacer("-", " ", "_", " ").Replace(name))
	if len(caption) > maxCaption {
		caption = append(caption[:maxCaption-1], '…')
	}
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 400" preserveAspectRatio="xMidYMid slice">`+
		`<defs><linearGradient id="g" x2="1" y2="1"><stop stop-color="hsl(%d 70%% 82%%)"/><stop offset="1" stop-color="hsl(%d 65%% 66%%)"/></linearGradient></defs>`+
		`<rect width="600" height="400" fill="url(#g)"/><circle cx="490" cy="90" r="150" fill="#fff" opacity=".18"/>`+
		`<circle cx="80" cy="360" r="120" fill="#fff" opacity=".14"/>`+
		`<text x="300" y="215" text-anchor="middle" font-family="system-ui,sans-serif" font-size="44" font-weight="600" fill="hsl(%d 45%% 28%%)">%s</text></svg>`,
		hue, (hue+40)%360, hue, html.EscapeString(string(caption)))
}
