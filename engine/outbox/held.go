package outbox

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
)

// Made is what a row comes to when its message is made before it may go out.
type Made struct {
	Status engine.Status // held, or skipped or failed as it would be
	Reason string        // why it is skipped
	Class  string        // of the failure
	Error  string
	Route  string // push or template
	Render *engine.Render
	// Deltas is what the block changes of the person, once the message is out.
	Deltas   *engine.Deltas
	Version  int64
	Warnings []string
	Calls    int // of the platform
	// Later says that it has to be made again when it is sent: its block asks,
	// plans or tells, which must not happen before.
	Later bool
}

// errMade ends the making of a row where its state would be written.
var errMade = errors.New("made, and not to be written")

// Make runs a row's block for its person, as its first attempt would, and
// returns what it comes to. Nothing is written and nothing is sent; an author's
// URL is called where the block requests. track is how taps on the links of the
// row's run are counted. An error is ours: try again.
func (o *Outbox) Make(ctx context.Context, d *engine.Delivery, s *engine.Situation, track engine.Tracking) (Made, error) {
	row := *d
	row.Status = engine.Queued
	seen := *s
	kept := &making{}
	a := &attempt{o: o, d: &row, s: &seen, to: kept, lease: &Lease{ContactID: d.ContactID}, track: track}
	ch, err := o.channel(s.Account)
	if err != nil {
		return Made{Status: engine.Failed, Class: "unsupported", Error: err.Error()}, nil
	}
	a.ch = ch
	if _, err := a.prepare(ctx); err != nil && !errors.Is(err, errMade) {
		return Made{}, err
	}
	return kept.made()
}

// making is where an attempt writes that is only made.
type making struct {
	prepared *Prepared
	outcome  *Outcome
}

var _ writes = (*making)(nil)

// made is what was written.
func (m *making) made() (Made, error) {
	out := Made{Status: engine.Held}
	if o := m.outcome; o != nil {
		out.Status, out.Reason, out.Class, out.Error = o.Status, o.Reason, o.Class, o.Error
	}
	p := m.prepared
	if p == nil {
		if m.outcome == nil {
			return out, errors.New("make a row: it neither became a message nor ended")
		}
		return out, nil
	}
	t := p.Turn
	out.Version, out.Warnings = t.Version, p.Delivery.Warnings
	out.Later = t.Touched || len(t.Timers)+len(t.Canceled)+len(t.Notices) > 0
	for _, e := range t.Events {
		if e.Level == engine.LevelWarning && len(out.Warnings) < maxWarnings {
			out.Warnings = append(out.Warnings, e.Code+": "+e.Text)
		}
	}
	if p.Render == nil {
		return out, nil
	}
	var payloads []channels.Payload
	if err := json.Unmarshal(p.Render.Payloads, &payloads); err != nil {
		return Made{}, err
	}
	out.Render, out.Calls, out.Route = p.Render, len(payloads), string(channels.RoutePush)
	if len(payloads) > 0 && payloads[0].Template {
		out.Route = string(channels.RouteTemplate)
	}
	if !t.Deltas.Empty() {
		out.Deltas = &t.Deltas
	}
	return out, nil
}

// Prepare implements writes.
func (m *making) Prepare(_ context.Context, p Prepared) error {
	m.prepared = &p
	if p.Render == nil {
		return nil // that nothing is said follows
	}
	return errMade
}

// Finish implements writes.
func (m *making) Finish(_ context.Context, o Outcome) error {
	m.outcome = &o
	return errMade
}

// Release implements writes: it would wait for something.
func (m *making) Release(context.Context, Release) error {
	m.outcome = &Outcome{Status: engine.Held}
	return errMade
}

// Begin implements writes.
func (m *making) Begin(context.Context, *engine.Delivery, engine.Attempt) error { return errMade }

// Progress implements writes.
func (m *making) Progress(context.Context, *engine.Delivery, engine.Attempt, int, []string) error {
	return errMade
}

// PauseAccount implements writes.
func (m *making) PauseAccount(context.Context, string, string, string) error { return errMade }

// asMade is the reason of a row that is skipped: one that was made before its
// start for a window that has closed since is skipped because it was.
func (a *attempt) asMade(reason string) string {
	if reason == policy.WindowClosed && a.d.RunID != "" && a.d.InWindowOnly {
		return policy.RouteChanged
	}
	return reason
}
