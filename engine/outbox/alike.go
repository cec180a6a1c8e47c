package outbox

import (
	"bytes"
	"encoding/json"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// alike holds what the rows of a visit are told, by the ids of its renders, so
// that what many are told is made and read once. A nil one holds nothing. It is
// used while one row is looked at after the other.
type alike struct {
	renders  map[string]*engine.Render
	warnings map[string][]string
	said     map[string][]channels.Payload
}

func newAlike() *alike {
	return &alike{renders: map[string]*engine.Render{}, warnings: map[string][]string{}, said: map[string][]channels.Payload{}}
}

// made returns a render that was made before, nil when none was.
func (k *alike) made(id string) (*engine.Render, []string) {
	if k == nil {
		return nil, nil
	}
	return k.renders[id], k.warnings[id]
}

// keep keeps a render that was made.
func (k *alike) keep(r *engine.Render, warnings []string) {
	if k != nil {
		k.renders[r.ID], k.warnings[r.ID] = r, warnings
	}
}

// say keeps the payloads a render was made of, where they are stored as they
// are: else they are what is read from it.
func (k *alike) say(r *engine.Render, payloads []channels.Payload) {
	if k == nil {
		return
	}
	for _, p := range payloads {
		if !bytes.Contains(r.Payloads, p.Body) {
			return
		}
	}
	k.said[r.ID] = payloads
}

// read returns the payloads of a render: as they are stored, for the same bytes
// must go out when the call is repeated.
func (k *alike) read(r *engine.Render) ([]channels.Payload, error) {
	if k != nil {
		if said, ok := k.said[r.ID]; ok {
			return said, nil
		}
	}
	var said []channels.Payload
	if err := json.Unmarshal(r.Payloads, &said); err != nil {
		return nil, err
	}
	if k != nil {
		k.said[r.ID] = said
	}
	return said, nil
}
