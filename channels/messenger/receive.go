package messenger

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/blockcast/blockcast/channels"
)

// Receive implements channels.Channel. A GET is Meta's handshake. A POST must
// be signed with the app secret; about all else it is lenient: what it does
// not know it counts and passes over, as Meta adds events and fields at any
// time. One webhook may hold events of several Pages of the same app, so each
// update names its own.
func (*Channel) Receive(a channels.Account, r *channels.Request) (*channels.Received, error) {
	if r.Method == http.MethodGet {
		return &channels.Received{Answer: handshake(a, r)}, nil
	}
	if !signed(credential(a, secretField), r) {
		return nil, channels.ErrSignature
	}
	var body struct {
		Object string            `json:"object"`
		Entry  []json.RawMessage `json:"entry"`
	}
	if err := json.Unmarshal(channels.CleanJSON(r.Body), &body); err != nil {
		return nil, fmt.Errorf("read webhook: %w", err)
	}
	in := &reading{}
	for _, raw := range body.Entry {
		var e entry
		if body.Object != "page" || json.Unmarshal(raw, &e) != nil || e.ID == "" {
			in.got.Ignored++ // another product's, or a kind to come
			continue
		}
		in.entry(&e)
	}
	return &in.got, nil
}

// entry is what happened on one Page. Of changes, which are news of posts and
// comments, none starts anything here.
type entry struct {
	ID        text              `json:"id"`
	Time      moment            `json:"time"`
	Messaging []json.RawMessage `json:"messaging"` // we lead the conversation
	Standby   []json.RawMessage `json:"standby"`   // another application does
	Changes   []json.RawMessage `json:"changes"`
}

// reading is one webhook under way.
type reading struct {
	got channels.Received
}

func (in *reading) entry(e *entry) {
	for _, raw := range e.Messaging {
		in.item(e, raw, false)
	}
	for _, raw := range e.Standby {
		in.item(e, raw, true)
	}
	in.got.Ignored += len(e.Changes)
}

// item reads one event.
func (in *reading) item(page *entry, raw json.RawMessage, standby bool) {
	e := event{page: string(page.ID), standby: standby, raw: raw}
	if json.Unmarshal(raw, &e.wire) != nil {
		in.got.Ignored++ // no object, or one of another shape
		return
	}
	if e.at = e.wire.Timestamp.Time; e.at.IsZero() {
		e.at = page.Time.Time
	}
	if e.wire.Policy != nil {
		in.got.Notices = append(in.got.Notices, e.notice())
		return
	}
	if e.person() == "" {
		in.got.Ignored++ // nobody's, as the opt-in of somebody without an id
		return
	}
	if receipts := e.receipts(); receipts != nil {
		in.got.Receipts = append(in.got.Receipts, receipts...)
		return
	}
	updates := e.updates()
	if len(updates) == 0 {
		in.got.Ignored++
	}
	in.got.Updates = append(in.got.Updates, updates...)
}
