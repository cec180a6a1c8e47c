package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/blockcast/blockcast/blocks"
)

// talk is what is carried from turn to turn.
type talk struct {
	attributes  map[string]any // of the send that started it
	changed     []string       // of these, what was set since: the contact's value is the newer one
	answers     map[string]any
	sendID      string
	origin      int64
	startedAt   time.Time
	interaction int64
	seed        uint64
	handedOver  bool

	question place // where this turn was resumed, until the run leaves the block
	attempt  int   // of the answer heard there
}

// place names a position without its program.
type place struct {
	block string
	pc    int
}

// fresh begins a talk by what a person did, or by what a pause of theirs led to.
func (r *run) fresh() {
	heard := r.in.ID
	if heard == 0 {
		heard = r.talk.interaction
	}
	r.talk = talk{startedAt: r.now, interaction: heard, seed: uint64(heard)}
}

// restore goes to where a session waits. An error that is not ErrUnavailable
// means that its place is gone.
func (r *run) restore(s *Session) error {
	here, err := r.find(Frame{VersionID: s.VersionID, Block: s.Block, PC: s.PC})
	if err != nil {
		return err
	}
	frames := make([]position, 0, len(s.Frames))
	for _, f := range s.Frames {
		p, err := r.find(f)
		if err != nil {
			return err
		}
		frames = append(frames, p)
	}
	r.position, r.frames = here, frames
	r.begin()
	r.talk = talk{attributes: s.Attributes, changed: s.Changed, answers: maps.Clone(s.Answers), sendID: s.SendID, origin: s.Origin,
		startedAt: s.StartedAt, interaction: s.Interaction, seed: s.Seed, handedOver: s.HandedOver,
		question: place{s.Block, s.PC}, attempt: s.Attempts}
	if r.in.ID != 0 {
		r.talk.interaction = r.in.ID
	}
	r.taken = true
	return nil
}

func (r *run) find(f Frame) (position, error) {
	p, err := r.s.Library.program(f.VersionID)
	switch {
	case IsCode(err, NotFound):
		return position{}, err
	case err != nil:
		return position{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	b, ok := p.Blocks[f.Block]
	if !ok || f.PC < 0 || f.PC > len(b.Code) {
		return position{}, errors.New("the place of the conversation is not in its flow version")
	}
	return position{f.VersionID, p, b, f.PC}, nil
}

// wait ends the turn with a session that goes on at the following instruction.
func (r *run) wait(w blocks.Wait) {
	if !w.Reply && w.For <= 0 {
		r.pc++ // a pause of nothing
		return
	}
	r.ended = true
	t := &r.talk
	s := &Session{
		IdentityID: r.s.Identity.ID, VersionID: r.version, Block: r.block.ID, PC: r.pc + 1,
		Reply: w.Reply, Expect: w.Expect, Keywords: w.Keywords, Undelivered: w.Undelivered,
		Attributes: t.attributes, Changed: t.changed, Answers: t.answers, SendID: t.sendID, Origin: t.origin,
		Interaction: t.interaction, Seed: t.seed, StartedAt: t.startedAt, HandedOver: t.handedOver,
	}
	if w.For > 0 {
		s.Until = r.now.Add(w.For)
	}
	if w.Reply {
		s.AskedAt = r.now
		if t.question == (place{s.Block, s.PC}) {
			s.Attempts = t.attempt
		}
	}
	for _, f := range r.frames {
		s.Frames = append(s.Frames, Frame{VersionID: f.version, Block: f.block.ID, PC: f.pc})
	}
	if size := sizeOf(t.attributes) + sizeOf(t.answers); size > MaxSessionSize {
		r.limit(EventLimitSession, fmt.Sprintf("the conversation carries %d bytes of attributes and answers, more than %d", size, MaxSessionSize))
		return
	}
	r.next = s
}

// settle says what becomes of the session.
func (r *run) settle() {
	switch {
	case r.next != nil:
		if !r.taken {
			r.interrupted(newBlock)
		}
		r.turn.Session, r.turn.Touched = r.next, true
	case r.taken:
		r.turn.Session, r.turn.Touched = nil, true
	}
}

// Why an open question or pause was left.
const (
	newBlock  = "another block began"
	newPerson = "a person leads the conversation"
	newLeave  = "the person left"
)

// interrupt leaves the open question or pause, if there is one.
func (r *run) interrupt(why string) {
	r.interrupted(why)
	if r.s.Session != nil {
		r.taken, r.turn.Session, r.turn.Touched = true, nil, true
	}
}

func (r *run) interrupted(why string) {
	s := r.s.Session
	if s == nil || r.taken {
		return
	}
	what := "a pause was ended"
	if s.Reply {
		what = "an open question was left"
	}
	r.event(Event{Level: LevelInfo, Code: EventInterrupted, Text: what + ": " + why, Block: r.nameOf(s), Extra: map[string]any{"block_id": s.Block}})
}

// nameOf returns the name of the block a session is in, its id when it is gone.
func (r *run) nameOf(s *Session) string {
	if p, err := r.s.Library.program(s.VersionID); err == nil {
		if b, ok := p.Blocks[s.Block]; ok {
			return b.Name
		}
	}
	return s.Block
}

// sizeOf is about how many bytes a value takes as JSON.
func sizeOf(v any) int {
	switch v := v.(type) {
	case map[string]any:
		n := 2
		for k, item := range v {
			n += len(k) + 4 + sizeOf(item)
		}
		return n
	case []any:
		n := 2
		for _, item := range v {
			n += 1 + sizeOf(item)
		}
		return n
	case string:
		return len(v) + 2
	case json.Number:
		return len(v)
	}
	return 8
}
