package line

import (
	"cmp"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// location shows a point on the map. LINE wants a title and an address; one
// stands in for the other, and the coordinates for both.
func (r *rendering) location(p *blocks.Location) {
	point := channels.Degrees(p.Latitude) + ", " + channels.Degrees(p.Longitude)
	if !channels.OnMap(p) {
		r.warn("location:refused", "%s is no place on the map: said as text", point)
		r.plain(channels.Join("\n", p.Title, p.Address, point))
		return
	}
	title, address := channels.Flat(p.Title), channels.Flat(p.Address)
	r.add(message{
		Type:      "location",
		Title:     r.place(cmp.Or(title, address, point)),
		Address:   r.place(cmp.Or(address, title, point)),
		Latitude:  &p.Latitude,
		Longitude: &p.Longitude,
	})
}

// place is a title or address within LINE's limit.
func (r *rendering) place(s string) string {
	short := cut(s, 0, maxLocationUnits)
	if short != s {
		r.warn("location:text_cut", "%q is cut to %d characters", clip(s), maxLocationUnits)
	}
	return short
}
