package channels_test

import (
	"math"
	"testing"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

func TestNameIn(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://shop.example/files/prices.pdf?v=2": "prices.pdf",
		"https://shop.example/files/":               "files",
		"https://shop.example/":                     "",
		"https://shop.example":                      "",
		"https://shop.example/a%0Ab":                "a b",
		"https://shop.example/%zz":                  "",
		"":                                          "",
	} {
		if got := channels.NameIn(address); got != want {
			t.Errorf("%q names %q, want %q", address, got, want)
		}
	}
}

func TestOnMap(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		latitude, longitude float64
		want                bool
	}{
		{25.03, 121.56, true}, {-90, 180, true}, {0, 0, true}, {90.1, 0, false}, {0, -180.5, false},
		{math.NaN(), 0, false}, {0, math.NaN(), false}, {math.Inf(1), 0, false},
	} {
		if got := channels.OnMap(&blocks.Location{Latitude: c.latitude, Longitude: c.longitude}); got != c.want {
			t.Errorf("%v, %v is on the map: %v", c.latitude, c.longitude, got)
		}
	}
	if got := channels.Degrees(121.5); got != "121.5" {
		t.Errorf("121.5 is written %s", got)
	}
}
