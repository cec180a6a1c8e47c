package outbox

import (
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
)

// linking leads the links of a run's messages by addresses that count taps.
type linking struct {
	address  func(l *engine.Link, deliveryID int64) string
	run      string
	contact  int64
	delivery int64 // 0: one address for all
}

// linking is how the row's links are led by addresses of ours, nil when they
// are not: those of a run whose plan does not count, and where this process has
// no address that people reach.
func (a *attempt) linking() *linking {
	if !a.track.Counts() || a.o.Links == nil || a.d.RunID == "" {
		return nil
	}
	l := &linking{address: a.o.Links, run: a.d.RunID, contact: a.d.ContactID}
	if a.track == engine.TrackPerson {
		l.delivery = a.d.ID
	}
	return l
}

// linked is one button whose address is led by a link.
type linked struct {
	link    engine.Link
	address string // ours
}

// of are the links of messages, by the index of their button.
func (l *linking) of(botID string, messages []blocks.Message) map[int]linked {
	if l == nil {
		return nil
	}
	var out map[int]linked
	places, n := Places(messages), 0
	for i := range messages {
		messages[i].Buttons(func(b *blocks.Button) {
			n++
			if b.Action != blocks.ActionURL || !engine.Trackable(b.Value) {
				return
			}
			link := engine.NewLink(engine.Link{BotID: botID, RunID: l.run, Place: places[n-1], Title: b.Title, Target: b.Value, ContactID: l.contact})
			if out == nil {
				out = map[int]linked{}
			}
			out[n-1] = linked{link, l.address(&link, l.delivery)}
		})
	}
	return out
}

// led puts the addresses of links in the place of their targets, and returns
// what puts the targets back. A button without a title would show the address
// as its title, and shows its target as it would have.
func led(messages []blocks.Message, links map[int]linked) (back func()) {
	if len(links) == 0 {
		return func() {}
	}
	type was struct {
		button       *blocks.Button
		title, value string
	}
	var changed []was
	n := 0
	for i := range messages {
		messages[i].Buttons(func(b *blocks.Button) {
			if l, ok := links[n]; ok {
				changed = append(changed, was{b, b.Title, b.Value})
				if b.Title == "" && !strings.HasSuffix(l.link.Place, ".0") {
					b.Title = b.Value
				}
				b.Value = l.address
			}
			n++
		})
	}
	return func() {
		for _, w := range changed {
			w.button.Title, w.button.Value = w.title, w.value
		}
	}
}
