package messenger

import (
	"cmp"
	"net/url"
	"path"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// media shows a picture, film, sound or file. Messenger puts buttons only
// under files of its own, so they follow under the file's name.
func (r *rendering) media(p *blocks.Media) {
	if strings.TrimSpace(p.URL) == "" {
		r.warn(p.Kind+":empty", "nothing is shown: the %s has no address", p.Kind)
		r.text(p.Name, p.Buttons)
		return
	}
	source := webURL(p.URL)
	if source == "" {
		r.warn(p.Kind+":url_refused", "the address of the %s is said as text: Messenger fetches nothing from %q", p.Kind, clip(p.URL))
		r.text(channels.Join("\n", symbol(p.Kind)+" "+fileName(p), p.URL), p.Buttons)
		return
	}
	r.add(message{Attachment: &attachment{Type: p.Kind, Payload: payload{URL: source}}})
	if buttons := r.buttons(p.Buttons); len(buttons) > 0 {
		r.underneath(cmp.Or(cut(channels.Flat(p.Name), maxButtonText), channels.Ellipsis), buttons)
	}
}

// fileName is what a file is called: by its author, else in its address.
func fileName(p *blocks.Media) string {
	if name := channels.Flat(p.Name); name != "" {
		return name
	}
	return cmp.Or(nameIn(p.URL), p.Kind)
}

// nameIn is the last part of an address, "" without one.
func nameIn(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	if name := channels.Flat(path.Base(u.Path)); name != "." && name != "/" {
		return name
	}
	return ""
}

func symbol(kind string) string {
	switch kind {
	case blocks.Image:
		return "🖼"
	case blocks.Video:
		return "🎬"
	case blocks.Audio:
		return "🎵"
	}
	return "📎"
}
