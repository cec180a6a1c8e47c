package outbox

import (
	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/flows"
)

// Display lets a check of flows ask what a channel makes of messages.
func Display(ch channels.Channel) flows.Display {
	return flows.Display{
		Channel: string(ch.Kind()), Name: ch.Kind().Name(), Free: ch.Limits().Paid,
		Show: func(messages []blocks.Message) flows.Displayed {
			var d flows.Displayed
			for _, p := range ch.Render(messages) {
				d.Calls++
				d.Objects += p.Messages
				for _, w := range p.Warnings {
					d.Changed = append(d.Changed, w.Message)
				}
			}
			return d
		},
	}
}
