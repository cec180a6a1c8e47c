package messenger

import (
	"cmp"
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
		r.text(channels.Join("\n", channels.Symbol(p.Kind)+" "+fileName(p), p.URL), p.Buttons)
		return
	}
	r.add(message{Attachment: &attachment{Type: p.Kind, Payload: payload{URL: source}}})
	if buttons := r.buttons(p.Buttons); len(buttons) > 0 {
		r.underneath(cmp.Or(cut(channels.Flat(p.Name), maxButtonText), channels.Ellipsis), buttons)
	}
}

// fileName is what a file is called: by its author, else in its address.
func fileName(p *blocks.Media) string {
	return cmp.Or(channels.Flat(p.Name), channels.NameIn(p.URL), p.Kind)
}
