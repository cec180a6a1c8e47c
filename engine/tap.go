package engine

import (
	"maps"
	"slices"

	"github.com/blockcast/blockcast/blocks"
)

// tap does what a button of ours says. What it sets is set in any case, also
// while a person leads the conversation: consent is withdrawn when the button
// is tapped. Then it answers the open question, or leaves it for a block.
func (r *run) tap() {
	in := r.in.Inbound.Input
	if in == nil || in.Tap == nil {
		in = &blocks.Input{Kind: blocks.InputTap, Tap: &blocks.Button{Action: blocks.ActionGoto, Value: r.in.Inbound.Block}}
	}
	r.press(in)
	switch in.Tap.Action {
	case blocks.ActionSay:
		r.sayFor(in)
	case blocks.ActionAskPhone, blocks.ActionAskEmail, blocks.ActionAskLocation, blocks.ActionAskTime:
		r.shared(in)
	case blocks.ActionGoto, blocks.ActionSubscribe, blocks.ActionUnsubscribe:
		r.tapTo(in.Tap.Value)
	}
}

// press applies what a tap changes by itself.
func (r *run) press(in *blocks.Input) {
	b := in.Tap
	for _, name := range slices.Sorted(maps.Keys(b.Set)) {
		r.Do(blocks.SetAttribute{Name: name, Value: b.Set[name]})
	}
	for _, t := range b.Tag {
		r.Do(blocks.Tag{Name: t})
	}
	for _, t := range b.Untag {
		r.Do(blocks.Tag{Name: t, Remove: true})
	}
	switch {
	case b.Action == blocks.ActionSubscribe:
		r.Do(blocks.Consent{Subscribed: true})
	case b.Action == blocks.ActionUnsubscribe:
		r.Do(blocks.Consent{Subscribed: false})
	case b.Action == blocks.ActionAskPhone && given(in):
		r.Do(blocks.SetAttribute{Name: "phone", Value: in.Text})
	case b.Action == blocks.ActionAskEmail && given(in):
		r.Do(blocks.SetAttribute{Name: "email", Value: in.Text})
	}
}

// sayFor hears what a button says for the person as if they had written it.
func (r *run) sayFor(in *blocks.Input) {
	said := *in
	if said.Tap.Value != "" {
		said.Text = said.Tap.Value
	}
	heard := *r.in
	heard.Inbound.Input = &said
	r.in = &heard
	r.message()
}

// given reports whether a tap on a button that asks for something brought it.
// Where a platform has no such dialogue the button opens the keyboard, and says
// no more than its title.
func given(in *blocks.Input) bool {
	return in.Kind != blocks.InputTap || in.Text != "" && in.Text != in.Tap.Title
}

// shared hears what a person gave by a platform's own dialogue: it answers the
// open question, and is kept and nothing more where there is none.
func (r *run) shared(in *blocks.Input) {
	switch s := r.s.Session; {
	case !given(in): // it comes by itself
	case r.handedOver():
		r.turn.Outcome = OutcomeHandedOver
		r.hush()
	case s != nil && s.Reply:
		r.answer(in)
	}
}

// tapTo leaves what is open for a block. A button without one leaves nothing.
func (r *run) tapTo(block string) {
	switch {
	case block == "":
		return
	case r.handedOver():
		r.turn.Outcome = OutcomeHandedOver
		r.hush()
		return
	}
	if _, _, ok := r.s.Library.Block(block); !ok {
		r.gone(block)
		r.startDefault()
		return
	}
	r.interrupt(newBlock)
	r.enterNewest(block)
	r.fresh()
	r.play()
}
