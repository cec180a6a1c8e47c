package engine

import (
	"errors"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/flows"
)

// hear finds what the input is for and runs it.
func (r *run) hear() {
	r.turn.Outcome = OutcomeSilent
	switch {
	case r.in.Standby:
		r.turn.Outcome = OutcomeStandby
	case r.in.Kind == DidTimer:
		r.timer()
	case r.in.Kind == DidTap:
		r.tap()
	case r.in.Kind == DidMessage:
		r.message()
	case r.in.Kind == DidPostback:
		r.happened(On{Kind: OnPostback, Data: r.in.Inbound.Data})
	case r.in.Kind == DidReferral:
		r.happened(On{Kind: OnReferral, Data: r.in.Inbound.Data})
	case r.in.Kind == DidFollow:
		r.happened(On{Kind: OnFollow})
	case r.in.Kind == DidUnfollow:
		r.interrupt(newLeave)
		r.tell(TopicContactBlocked, noticed{})
		r.happened(On{Kind: OnUnfollow})
	}
}

// message gives what a person wrote or sent to the open question, else to a
// trigger. A question that lets keywords interrupt is asked after them.
func (r *run) message() {
	in := r.in.Inbound.Input
	if in == nil {
		in = &blocks.Input{Kind: blocks.InputText}
	}
	if r.handedOver() {
		r.despite(r.occasion(in), On{Kind: OnDefault})
		return
	}
	s := r.s.Session
	asked := s != nil && s.Reply
	if asked && !s.Keywords {
		if r.answer(in) {
			return
		}
		asked = false
	}
	if r.start(r.occasion(in)) {
		return
	}
	if asked && r.answer(in) {
		return
	}
	r.startDefault()
}

// occasion is what triggers are asked about a message.
func (r *run) occasion(in *blocks.Input) On {
	switch in.Kind {
	case blocks.InputMedia, blocks.InputLocation, blocks.InputSticker:
		return On{Kind: OnMedia}
	}
	return On{Kind: OnKeyword, Text: in.Text}
}

// happened runs the trigger for something that is no message.
func (r *run) happened(on On) {
	if r.handedOver() {
		r.despite(on)
		return
	}
	if !r.start(on) {
		r.turn.Outcome = OutcomeNoMatch
	}
}

// timer goes on after a wait that has passed.
func (r *run) timer() {
	s := r.s.Session
	if s == nil || s.Until.IsZero() || r.now.Before(s.Until) {
		r.turn.Outcome = OutcomeStale
		return
	}
	if r.handedOver() && (s.Reply || !s.HandedOver) {
		r.turn.Outcome = OutcomeHandedOver
		r.hush()
		return
	}
	if s.Reply {
		r.resume(&blocks.Input{Kind: blocks.InputTimeout})
	} else {
		r.resume(nil)
	}
}

// answer gives an input to the open question; false when its place is gone.
func (r *run) answer(in *blocks.Input) bool {
	heard := *in
	heard.Attempt = r.s.Session.Attempts + 1
	return r.resume(&heard)
}

// resume goes on where the session waits; false when its place is gone.
func (r *run) resume(in *blocks.Input) bool {
	err := r.restore(r.s.Session)
	if errors.Is(err, ErrUnavailable) {
		r.turn.Failed, r.turn.Outcome = err, OutcomeFailed
		return true
	}
	if err != nil {
		r.event(Event{Level: LevelWarning, Code: EventSessionLost, Text: err.Error(), Block: r.s.Session.Block})
		r.taken, r.turn.Session, r.turn.Touched = true, nil, true
		return false
	}
	if in != nil && in.Attempt > 0 {
		r.talk.attempt = in.Attempt
	}
	r.input = in
	r.play()
	return true
}

// start runs the block of the trigger for the occasion; false when there is
// none.
func (r *run) start(on On) bool {
	r.place(&on)
	_, t, ok := r.s.Library.Match(on)
	if !ok {
		return false
	}
	return r.trigger(t)
}

// startDefault answers what nothing else is for. A pause goes on under it:
// somebody who writes "ok" meanwhile does not lose the rest.
func (r *run) startDefault() {
	on := On{Kind: OnDefault}
	r.place(&on)
	_, t, ok := r.s.Library.Match(on)
	if !ok || !r.enterNewest(t.Block) {
		r.turn.Outcome = OutcomeNoMatch
		return
	}
	r.fresh()
	r.play()
}

func (r *run) trigger(t *flows.Trigger) bool {
	r.interrupt(newBlock)
	if !r.enterNewest(t.Block) {
		r.gone(t.Block)
		return false
	}
	r.fresh()
	r.play()
	return true
}

// despite runs only what its author wants to run while a person leads the
// conversation.
func (r *run) despite(occasions ...On) {
	for _, on := range occasions {
		on.HandedOver = true
		if r.start(on) {
			return
		}
	}
	r.turn.Outcome = OutcomeHandedOver
	r.hush()
}

// hush closes what is open while a person leads the conversation: the answer to
// a question of the bot's would come when nobody remembers it. What the flow
// still has to say after its own handover is said.
func (r *run) hush() {
	if s := r.s.Session; s != nil && (s.Reply || !s.HandedOver) {
		r.interrupt(newPerson)
	}
}

// place adds to an occasion where it is.
func (r *run) place(on *On) {
	on.Text = strings.TrimSpace(on.Text)
	on.Channel, on.AccountID, on.AccountExternalID = r.s.Account.Channel, r.s.Account.ID, r.s.Account.ExternalID
	on.Group = r.s.Identity.Group
}

func (r *run) handedOver() bool { return r.s.Identity.HandedOver(r.now) }

// play runs to the end of the turn; where something could not be said, the
// default block answers instead.
func (r *run) play() {
	r.loop()
	if r.turn.Failed != nil && !r.limited && !r.fell {
		r.fallBack()
		return
	}
	switch {
	case len(r.turn.Messages) > 0:
		r.turn.Outcome = OutcomeAnswered
	case r.turn.Failed != nil:
		r.turn.Outcome = OutcomeFailed
	}
}

// fallBack runs the default block after a step failed.
func (r *run) fallBack() {
	r.fell = true
	on := On{Kind: OnDefault}
	r.place(&on)
	_, t, ok := r.s.Library.Match(on)
	failed := r.position
	if !ok || !r.enterNewest(t.Block) || r.block == failed.block {
		r.turn.Outcome = OutcomeFailed
		if len(r.turn.Messages) > 0 {
			r.turn.Outcome = OutcomeAnswered
		}
		return
	}
	r.frames, r.ended, r.input = r.frames[:0], false, nil
	r.fresh()
	r.play()
}
