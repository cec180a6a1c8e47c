package messenger

import (
	"cmp"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// location shows a point on the map. Messenger has no message for one, so it
// becomes a card that opens a map.
func (r *rendering) location(p *blocks.Location) {
	point := channels.Degrees(p.Latitude) + ", " + channels.Degrees(p.Longitude)
	if !channels.OnMap(p) {
		r.warn("location:refused", "%s is no place on the map: said as text", point)
		r.plain(channels.Join("\n", p.Title, p.Address, point))
		return
	}
	r.warn("location:as_card", "the place becomes a card that opens a map: Messenger shows none itself")
	title, address := channels.Flat(p.Title), channels.Flat(p.Address)
	link := "https://www.google.com/maps/search/?api=1&query=" + channels.Degrees(p.Latitude) + "%2C" + channels.Degrees(p.Longitude)
	r.attach(payload{TemplateType: "generic", Elements: []element{{
		Title:         r.cardText("📍 "+cmp.Or(title, address, point), maxCardTitle),
		Subtitle:      r.cardText(cmp.Or(address, point), maxCardSubtitle),
		DefaultAction: &button{Type: "web_url", URL: link},
		Buttons:       []button{{Type: "web_url", Title: "Google Maps", URL: link}}, // a name, the same in any language
	}}})
}
