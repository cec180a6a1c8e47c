package line

import (
	"cmp"
	"math"
	"strconv"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// location shows a point on the map. LINE wants a title and an address; one
// stands in for the other, and the coordinates for both.
func (r *rendering) location(p *blocks.Location) {
	point := number(p.Latitude) + ", " + number(p.Longitude)
	if !within(p.Latitude, 90) || !within(p.Longitude, 180) {
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

// within is false also for what is no number, which JSON cannot write.
func within(f, limit float64) bool { return math.Abs(f) <= limit }

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
