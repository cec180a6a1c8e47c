package flows

import (
	"fmt"
	"strings"

	"github.com/blockcast/blockcast/blocks"
)

// Display tells what a channel makes of messages. It belongs to the channels;
// a check only asks it.
type Display struct {
	Channel string // kind, as in "line"
	Name    string // as people write it
	// Free says that one call is free where it answers what a person did, and
	// every other one costs money.
	Free bool
	// Show says what becomes of messages that are said at once.
	Show func(messages []blocks.Message) Displayed
}

// Displayed is what a channel makes of messages.
type Displayed struct {
	Objects int      // the platform's messages
	Calls   int      // they take
	Changed []string // what is shown in another way than it is written
}

// Limits of what a check shows to itself.
const (
	maxDisplayed = 2000 // messages of a document, by channel
	maxAtOnce    = 30   // messages of one turn
)

// display warns of messages that a channel shows in another way than they are
// written, and of blocks whose messages take several calls there.
func (c *checking) display(p *Program) {
	if c.problems.failed() { // what is wrong may look otherwise when it is right
		return
	}
	for i := range c.catalog.Displays {
		s := &showing{Display: &c.catalog.Displays[i], program: p, said: map[blocks.Instruction]blocks.Message{}}
		s.env = newSampling(c.scope, c.declared, s.Channel)
		s.say(c.sayings)
		for _, d := range c.blocks {
			s.walk(p.Blocks[d.id])
		}
		s.tell(c)
	}
}

// showing is what one channel makes of a document.
type showing struct {
	*Display
	program *Program
	env     *sampling
	said    map[blocks.Instruction]blocks.Message
	reached map[blocks.Instruction]bool
	most    map[string][]blocks.Message // by block: the most it says at once
}

// say makes the messages of all steps.
func (s *showing) say(all []blocks.Saying) {
	for i := range all[:min(len(all), maxDisplayed)] {
		if m, ok := all[i].Message(s.env); ok {
			s.said[all[i].Instruction] = m
		}
	}
}

// walk finds what of a block can be reached on the channel, and the most that
// it says before it waits.
func (s *showing) walk(b *Block) {
	if s.reached == nil {
		s.reached, s.most = map[blocks.Instruction]bool{}, map[string][]blocks.Message{}
	}
	w := &walking{showing: s, code: b.Code, known: make([][]blocks.Message, len(b.Code)), state: make([]bool, len(b.Code))}
	longest := w.from(0)
	for i := 0; i < len(w.begins); i++ { // grows as waits are found
		if said := w.from(w.begins[i]); len(said) > len(longest) {
			longest = said
		}
	}
	s.most[b.ID] = longest
}

// walking is the way through one block.
type walking struct {
	*showing
	code   []blocks.Instruction
	known  [][]blocks.Message // by instruction: the most that is said from there on
	state  []bool             // whether it is known, or being found out
	begins []int              // where the turns after a wait begin
}

// from is the most that is said at once from an instruction on.
func (w *walking) from(pc int) []blocks.Message {
	if pc >= len(w.code) || w.state[pc] {
		if pc < len(w.code) {
			return w.known[pc]
		}
		return nil
	}
	w.state[pc] = true
	i := w.code[pc]
	ways := blocks.WaysWith(i, w.env)
	said := w.at(i, ways)
	if ways.Asks || ways.Pauses {
		w.begins = append(w.begins, pc+1)
		w.known[pc] = said
		return said
	}
	var longest []blocks.Message
	next := ways.Jumps
	if ways.Next {
		next = append([]int{pc + 1}, next...)
	}
	for _, to := range next {
		if rest := w.from(to); len(rest) > len(longest) {
			longest = rest
		}
	}
	w.known[pc] = append(said[:len(said):len(said)], longest[:min(len(longest), maxAtOnce)]...)
	return w.known[pc]
}

// at is what an instruction itself says: a message, or those of a module.
func (w *walking) at(i blocks.Instruction, ways blocks.Ways) []blocks.Message {
	if ways.Module != "" {
		return w.module(ways.Module)
	}
	if ways.Messages == 0 {
		return nil
	}
	w.reached[i] = true
	if m, ok := w.said[i]; ok {
		return []blocks.Message{m}
	}
	return nil
}

// module is what an included module says.
func (s *showing) module(id string) []blocks.Message {
	b := s.program.Blocks[id]
	if b == nil {
		return nil // another flow's
	}
	if _, known := s.most[id]; !known {
		s.most[id] = nil // it may include itself: said elsewhere
		s.walk(b)
	}
	return s.most[id]
}

// tell warns of all that was found.
func (s *showing) tell(c *checking) {
	for _, saying := range c.sayings {
		m, ok := s.said[saying.Instruction]
		if !ok || !s.reached[saying.Instruction] {
			continue
		}
		if changed := s.Show([]blocks.Message{m}).Changed; len(changed) > 0 {
			c.problems.warn(CodeBecomes, saying.Path, s.Name+": "+summed(changed), "")
		}
	}
	for _, d := range c.blocks {
		if !s.Free || len(s.most[d.id]) == 0 {
			continue
		}
		shown := s.Show(s.most[d.id])
		if shown.Calls < 2 {
			continue
		}
		price := fmt.Sprintf("1 free and %d paid as an answer", shown.Calls-1)
		if d.module || d.form.Entry != nil {
			price += fmt.Sprintf(", %d paid when it is sent", shown.Calls)
		}
		c.problems.warn(CodeCalls, d.path+"/name", fmt.Sprintf("%s: up to %d messages at once in %d calls, %s", s.Name, shown.Objects, shown.Calls, price),
			"say less before the person is asked something, or put it together")
	}
}

// summed are the first few of what is changed in a message.
func summed(changed []string) string {
	const most = 3
	if len(changed) > most {
		changed = append(changed[:most:most], fmt.Sprintf("and %d more", len(changed)-most))
	}
	return strings.Join(changed, "; ")
}
