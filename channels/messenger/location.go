package messenger

import (
	"cmp"
	"math"
	"strconv"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// location shows a point on the map. Messenger has no message for one, so it
// becomes a card that opens a map.
func (r *rendering) location(p *blocks.Location) {
	point := degrees(p.Latitude) + ", " + degrees(p.Longitude)
	if !within(p.Latitude, 90) || !within(p.Longitude, 180) {
		r.warn("location:refused", "%s is no place on the map: said as text", point)
		r.plain(channels.Join("\n", p.Title, p.Address, point))
		return
	}
	r.warn("location:as_card", "the place becomes a card that opens a map: Messenger shows none itself")
	title, address := channels.Flat(p.Title), channels.Flat(p.Address)
	link := "https://www.google.com/maps/search/?api=1&query=" + degrees(p.Latitude) + "%2C" + degrees(p.Longitude)
	r.attach(payload{TemplateType: "generic", Elements: []element{{
		Title:         r.cardText("📍 "+cmp.Or(title, address, point), maxCardTitle),
		Subtitle:      r.cardText(cmp.Or(address, point), maxCardSubtitle),
		DefaultAction: &button{Type: "web_url", URL: link},
		Buttons:       []button{{Type: "web_url", Title: "Google Maps", URL: link}}, // a name, the same in any language
	}}})
}

// within is false also for what is no number.
func within(f, limit float64) bool { return math.Abs(f) <= limit }

func degrees(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
