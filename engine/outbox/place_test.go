package outbox_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/blockstest"
	"github.com/blockcast/blockcast/engine/outbox"
)

// Places follow the order in which buttons are numbered, whatever holds them.
func TestPlacesAreThoseOfTheButtons(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, c := range blockstest.Messages() {
		name, m, n := c.Name, c.Message, 0
		m.Buttons(func(*blocks.Button) { n++ })
		places := outbox.Places([]blocks.Message{m})
		if len(places) != n {
			t.Errorf("%s has %d buttons and the places %q", name, n, places)
		}
		if slices.Sort(places); len(slices.Compact(places)) != n {
			t.Errorf("%s has two buttons at one place: %q", name, places)
		}
		seen += n
	}
	if seen < 20 {
		t.Fatalf("only %d buttons were looked at", seen)
	}
}

func TestPlaceOf(t *testing.T) {
	t.Parallel()
	tap := &blocks.Button{Action: blocks.ActionURL, Value: "https://shop.example.com"}
	render, err := json.Marshal([]blocks.Message{
		{Part: &blocks.Text{Text: "Hi", Buttons: []blocks.Button{{Title: "A"}, {Title: "B"}}}, QuickReplies: []blocks.Button{{Title: "Q"}}},
		{Part: &blocks.Carousel{Cards: []blocks.Card{{Title: "x"}, {Title: "y", Tap: tap, Buttons: []blocks.Button{{Title: "C"}}}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for index, want := range []string{"0.0.1", "0.0.2", "0.0.3", "1.1.0", "1.1.1", ""} {
		if got := outbox.PlaceOf(render, index); got != want {
			t.Errorf("button %d is at %q, want %q", index, got, want)
		}
	}
	if got := outbox.PlaceOf(json.RawMessage("{"), 0); got != "" {
		t.Errorf("a broken render has a button at %q", got)
	}
}
