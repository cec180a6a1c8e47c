package line

import (
	"encoding/json"
	"fmt"
	"sync"

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
	data := channels.CleanJSON(r.Body)
	var body struct {
		Destination string  `json:"destination"`
		Events      []event `json:"events"`
	}
	if err := json.Unmarshal(data, &body); err != nil {
		return c.receiveApart(data)
	}
	raw := sync.OnceValue(func() []json.RawMessage {
		_, raw, _ := apart(data) // they have just been read as events
		return raw
	})
	received := &channels.Received{}
	for i := range body.Events {
		c.add(received, body.Destination, &body.Events[i], func() json.RawMessage { return raw()[i] })
	}
	return received, nil
}

// receiveApart reads a webhook whose events cannot all be read as what they
// should be: the others still are.
func (c *Channel) receiveApart(data []byte) (*channels.Received, error) {
	destination, events, err := apart(data)
	if err != nil {
		return nil, fmt.Errorf("read webhook: %w", err)
	}
	received := &channels.Received{}
	for _, raw := range events {
		var e event
		if json.Unmarshal(raw, &e) != nil {
			e = event{}
		}
		c.add(received, destination, &e, func() json.RawMessage { return raw })
	}
	return received, nil
}

// apart gives a webhook's events as they came.
func apart(data []byte) (destination string, events []json.RawMessage, err error) {
	var body struct {
		Destination string            `json:"destination"`
		Events      []json.RawMessage `json:"events"`
	}
	err = json.Unmarshal(data, &body)
	return body.Destination, body.Events, err
}

// add adds an event to what was received.
func (c *Channel) add(received *channels.Received, account string, e *event, raw func() json.RawMessage) {
	switch {
	case e.Source.id() == "":
		received.Ignored++ // nobody's: of a module channel, or of a kind to come
	case e.Type == "delivery":
		received.Receipts = append(received.Receipts, e.receipt(account))
	default:
		received.Updates = append(received.Updates, c.update(account, e, raw))
	}
}
