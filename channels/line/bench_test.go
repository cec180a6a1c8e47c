package line

import (
	"fmt"
	"testing"

	"github.com/blockcast/blockcast/blocks"
)

// What a personal broadcast and a catalogue cost to render.
func BenchmarkRender(b *testing.B) {
	button := blocks.Button{Title: "Track it", Action: blocks.ActionGoto, Payload: "b1.k7q2m9x4t1wz.0.65f0a1b2c3d4e5f6a7b8c901"}
	var cards []blocks.Card
	for i := range 12 {
		cards = append(cards, blocks.Card{Title: fmt.Sprint("Tee ", i), Subtitle: "Cotton", ImageURL: "https://cdn.example.com/p.jpg", Buttons: []blocks.Button{button}})
	}
	for name, m := range map[string]blocks.Message{
		"text":     {Part: &blocks.Text{Text: "Hi Mai, order A1024 (NT$1,280) is on its way."}},
		"buttons":  {Part: &blocks.Text{Text: "Order A1024 is on its way.", Buttons: []blocks.Button{button, button, button}}},
		"carousel": {Part: &blocks.Carousel{Cards: cards}},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if len((&Channel{}).Render([]blocks.Message{m})) != 1 {
					b.Fatal("want one payload")
				}
			}
		})
	}
}
