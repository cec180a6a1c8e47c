package outbox

import (
	"bytes"
	"encoding/json"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// alike holds what the rows of a visit are told, so that what many are told is
// made and read once. A nil one holds nothing. It is used while one row is
// looked at after the other.
type alike struct {
	renders  map[string]*engine.Render
	warnings map[string][]string
	said     map[string][]channels.Payload
	told     map[blockOn]*told
}

// blockOn is a block and an account it is said on.
type blockOn struct{ account, block string }

// told is what anybody is told by a block.
type told struct {
	revision int64       // of what is published
	turn     engine.Turn // without its messages
	render   *engine.Render
	warnings []string
}

func newAlike() *alike {
	return &alike{renders: map[string]*engine.Render{}, warnings: map[string][]string{}, said: map[string][]channels.Payload{}, told: map[blockOn]*told{}}
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

// toldBefore is what somebody of the visit was told by the row's block and
// anybody is; nil when that is not known.
func (a *attempt) toldBefore() *told {
	if a.alike == nil {
		return nil
	}
	if t := a.alike.told[blockOn{a.d.AccountID, a.d.BlockID}]; t != nil && t.revision == a.s.Library.Revision {
		return t
	}
	return nil
}

// tells notes that the row's block tells anybody the same, where it does. An
// address of ours in its links is of one person.
func (a *attempt) tells(turn *engine.Turn, render *engine.Render, warnings []string) {
	if a.alike == nil || !turn.ForAll || len(a.d.Attributes)+len(render.Links) > 0 {
		return
	}
	same := *turn
	same.Messages = nil
	a.alike.told[blockOn{a.d.AccountID, a.d.BlockID}] = &told{a.s.Library.Revision, same, render, warnings}
	a.o.forAll.note(a.d.BotID, a.d.BlockID, a.s.Library.Revision)
}
