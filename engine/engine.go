package engine

import (
	"context"
	"sync"
	"time"
)

// Engine runs flows. It decides and changes nothing: what a turn comes to is
// returned for somebody else to commit. The same situation, input and answers
// of authors' URLs give the same Turn. It is safe for concurrent use.
type Engine struct {
	deps  Deps
	zones sync.Map // IANA name → *time.Location; loading one reads a file
}

// New makes an Engine.
func New(deps Deps) *Engine { return &Engine{deps: deps} }

// Start runs a block from its beginning: sending a block is this. When what it
// says cannot be made, the Turn has Failed and nothing else of the run. A block
// that does not come to wait leaves an open session alone.
func (e *Engine) Start(ctx context.Context, s Situation, st Start) *Turn {
	r := e.sending(ctx, &s, &st)
	if !r.enterNewest(st.Block) {
		r.gone(st.Block)
		r.fail(errBlockGone)
	}
	r.loop()
	if r.turn.Failed != nil {
		r.discard()
	}
	r.turn.ForAll = r.forAll()
	return r.turn
}

// forAll reports whether the run would come to the same with anybody.
func (r *run) forAll() bool {
	t := r.turn
	return !r.personal && r.changes+r.fetches == 0 && !t.Touched && t.Failed == nil && t.Deltas.Empty() && len(t.Answers)+len(t.Events)+len(t.Timers)+len(t.Canceled)+len(t.Notices) == 0
}

// sending is the run of a send that has not entered its block yet.
func (e *Engine) sending(ctx context.Context, s *Situation, st *Start) *run {
	r := e.newRun(ctx, s)
	r.send = st
	r.seed = st.Seed
	if r.seed == 0 {
		r.seed = uint64(st.DeliveryID)
	}
	r.talk = talk{attributes: st.Attributes, sendID: st.SendID, origin: st.DeliveryID, startedAt: r.now, seed: r.seed}
	return r
}

// Resume answers one input: the open question takes it, or a button's block or
// a trigger's is run, or nothing is. Outcome says which.
func (e *Engine) Resume(ctx context.Context, s Situation, in *Interaction) *Turn {
	r := e.newRun(ctx, &s)
	r.in = in
	r.seed = seedOf(in, s.Session)
	r.hear()
	return r.turn
}

// zone returns the contact's time zone, else the bot's, else UTC.
func (e *Engine) zone(s *Situation) *time.Location {
	for _, name := range [...]string{s.Contact.TimeZone, s.Bot.TimeZone} {
		if name == "" {
			continue
		}
		if z, ok := e.zones.Load(name); ok {
			return z.(*time.Location)
		}
		if z, err := time.LoadLocation(name); err == nil {
			e.zones.Store(name, z)
			return z
		}
	}
	return time.UTC
}
