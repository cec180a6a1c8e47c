package line

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// unknownDuration is shown for a sound whose length nobody said: LINE wants
// one, and plays it to its end whatever it is.
const unknownDuration = 60_000

// media shows a picture, film, sound or file with the buttons under it. What
// LINE cannot show it links to.
func (r *rendering) media(p *blocks.Media) {
	if strings.TrimSpace(p.URL) == "" {
		r.warn(p.Kind+":empty", "nothing is shown: the %s has no address", p.Kind)
		r.text(p.Name, p.Buttons)
		return
	}
	if p.Kind == blocks.File {
		r.link(p, "📎")
		return
	}
	source := fileURL(p.URL)
	if source == "" {
		r.warn(p.Kind+":url_refused", "the %s becomes a link: LINE shows only https addresses of at most %d characters, not %q", p.Kind, maxMediaURL, clip(p.URL))
		r.link(p, channels.Symbol(p.Kind))
		return
	}
	switch p.Kind {
	case blocks.Image:
		r.image(p, source)
	case blocks.Video:
		r.video(p, source)
	case blocks.Audio:
		r.audio(p, source)
	}
}

// image shows a picture: large, or over its buttons in a bubble. Without a
// smaller one the picture is its own preview.
func (r *rendering) image(p *blocks.Media, source string) {
	buttons := r.buttons(p.Buttons)
	groups := r.groups(buttons)
	if len(groups) == 0 {
		r.add(message{Type: "image", OriginalContentURL: source, PreviewImageURL: cmp.Or(fileURL(p.PreviewURL), source)})
		return
	}
	for i, group := range groups {
		b := &flex{Type: "bubble", Footer: group}
		if i == 0 {
			b.Hero = picture(source, square)
			if a := uri(source); a != "" {
				b.Hero.Action = &action{Type: "uri", URI: a} // a tap shows it large
			}
		}
		r.add(message{Type: "flex", AltText: alt(p.Name, channels.Join(" / ", labels(group)...)), Contents: b})
	}
}

// video shows a film. LINE wants a picture for it and makes none itself.
func (r *rendering) video(p *blocks.Media, source string) {
	preview := fileURL(p.PreviewURL)
	if preview == "" {
		r.warn("video:no_preview", "the video becomes a link: LINE shows one only with the https address of a preview picture")
		r.link(p, channels.Symbol(p.Kind))
		return
	}
	r.add(message{Type: "video", OriginalContentURL: source, PreviewImageURL: preview})
	r.flexText("", r.buttons(p.Buttons))
}

// audio plays a sound.
func (r *rendering) audio(p *blocks.Media, source string) {
	duration := p.Duration
	if duration <= 0 {
		r.warn("audio:no_duration", "the length of the audio is shown as one minute: it was not said")
		duration = unknownDuration
	}
	r.add(message{Type: "audio", OriginalContentURL: source, Duration: duration})
	r.flexText("", r.buttons(p.Buttons))
}

// link is a bubble with the file's name and a button that opens it, or the
// address as text where LINE does not open it.
func (r *rendering) link(p *blocks.Media, symbol string) {
	name := fileName(p)
	address := uri(p.URL)
	if address == "" {
		r.warn(p.Kind+":as_text", "the address of the %s is said as text: LINE opens no link like it", p.Kind)
		r.text(channels.Join("\n", symbol+" "+name, p.URL), p.Buttons)
		return
	}
	open := blocks.Button{Title: "⬇ " + name, Action: blocks.ActionURL, Value: p.URL}
	if !fits(&open, maxFlexLabel) {
		open.Title = "⬇" // the whole name stands over it
	}
	title := textBlock(cut(symbol+" "+name, 0, maxFlexTitleUnits))
	title.Weight = "bold"
	for i, group := range r.groups(append([]blocks.Button{open}, r.buttons(p.Buttons)...)) {
		b := &flex{Type: "bubble", Footer: group}
		if i == 0 {
			b.Body = vertical(title)
		}
		r.add(message{Type: "flex", AltText: alt(title.Text), Contents: b})
	}
}

// fileName is what a file is called: by its author, else in its address.
func fileName(p *blocks.Media) string {
	host := ""
	if u, err := url.Parse(p.URL); err == nil {
		host = u.Host
	}
	return cmp.Or(channels.Flat(p.Name), channels.NameIn(p.URL), host, p.Kind)
}
