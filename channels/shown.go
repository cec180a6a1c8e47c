package channels

import (
	"math"
	"net/url"
	"path"
	"strconv"

	"github.com/blockcast/blockcast/blocks"
)

// What platforms show alike, so that each channel says it in the same words.

// Symbol stands before a file that is shown as a link.
func Symbol(kind string) string {
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

// NameIn is what a file is called in its address, "" where it has no name.
func NameIn(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	if name := Flat(path.Base(u.Path)); name != "." && name != "/" {
		return name
	}
	return ""
}

// OnMap reports whether a place is one on the map. Coordinates that are no
// numbers, which JSON cannot write, are none.
func OnMap(p *blocks.Location) bool {
	return math.Abs(p.Latitude) <= 90 && math.Abs(p.Longitude) <= 180
}

// Degrees writes a coordinate, as exact as it is given.
func Degrees(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
