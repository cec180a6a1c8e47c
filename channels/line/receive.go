package line

import (
	"encoding/json"
	"fmt"

	"github.com/blockcast/blockcast/channels"
)

// Receive implements channels.Channel. It is strict about the signature and
// lenient about all else: what it does not know it counts and passes over, as
// LINE adds kinds of events, messages and properties at any time. LINE's own
// test of the webhook is a signed body without events.
func (c *Channel) Receive(a channels.Account, r *channels.Request) (*channels.Received, error) {
	if !signed(credential(a, secretField), r) {
		return nil, channels.ErrSignature
	}
	var body struct {
		Destination string            `json:"destination"`
		Events      []json.RawMessage `json:"events"`
	}
	if err := json.Unmarshal(channels.CleanJSON(r.Body), &body); err != nil {
		return nil, fmt.Errorf("read webhook: %w", err)
	}
	received := &channels.Received{}
	for _, raw := range body.Events {
		var e event
		if err := json.Unmarshal(raw, &e); err != nil || e.Source.id() == "" {
			received.Ignored++ // nobody's: of a module channel, or of a kind to come
			continue
		}
		if e.Type == "delivery" {
			received.Receipts = append(received.Receipts, e.receipt(body.Destination))
			continue
		}
		received.Updates = append(received.Updates, c.update(body.Destination, &e, raw))
	}
	return received, nil
}
