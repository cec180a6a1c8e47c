package outbox

import (
	"context"
	"errors"
	"time"

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

// Make runs the blocks of a run's rows for their people, as their first
// attempts would, and returns what each comes to: of fewer than all when ctx has
// ended or it is until, of the first in any case while ctx lasts. Nothing is
// written and nothing is sent; an author's URL is called where the block requests.
// track is how taps on the links of the run are counted. An error is ours: try
// again.
func (o *Outbox) Make(ctx context.Context, rows []engine.Delivery, track engine.Tracking, until time.Time) ([]Made, error) {
	all := make([]*engine.Delivery, len(rows))
	for i := range rows {
		row := rows[i]
		row.Status = engine.Queued
		all[i] = &row
	}
	if len(all) == 0 {
		return nil, nil
	}
	people, bare, err := o.situate(ctx, all)
	if err != nil {
		return nil, err
	}
	told, out := newAlike(), make([]Made, 0, len(all))
	for _, row := range all {
		if ctx.Err() != nil || len(out) > 0 && o.Deps.Now().After(until) {
			break
		}
		one := Made{Status: engine.Canceled, Reason: policy.Erased}
		if s := people[row.IdentityID]; s != nil {
			a := &attempt{o: o, d: row, s: s, bare: bare, lease: &Lease{ContactID: row.ContactID}, alike: told, track: track}
			if one, err = a.make(ctx); err != nil {
				return nil, err
			}
		}
		out = append(out, one)
	}
	return out, nil
}

// make is the attempt up to where something of it would be written.
func (a *attempt) make(ctx context.Context) (made Made, err error) {
	kept := &making{alike: a.alike}
	a.to = kept
	if a.ch, err = a.o.channel(a.s.Account); err != nil {
		return Made{Status: engine.Failed, Class: "unsupported", Error: err.Error()}, nil
	}
	if _, err := a.prepare(ctx); err != nil && !errors.Is(err, errMade) {
		return Made{}, err
	}
	return kept.made()
}

// making is where an attempt writes that is only made.
type making struct {
	alike    *alike
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
	payloads, err := m.alike.read(p.Render)
	if err != nil {
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
// start for a way that is closed by now is skipped because it was.
func (a *attempt) asMade(reason string) string {
	if a.madeBefore || reason == policy.WindowClosed && a.d.RunID != "" && a.d.InWindowOnly {
		return policy.RouteChanged
	}
	return reason
}
