package engine_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/enginetest"
	"github.com/blockcast/blockcast/flows"
)

// does is an instruction of a test's own.
type does func(blocks.Env) blocks.Next

func (d does) Run(env blocks.Env) blocks.Next { return d(env) }

func says(text string) does {
	return func(env blocks.Env) blocks.Next {
		env.Say(blocks.Message{Part: &blocks.Text{Text: text}})
		return blocks.Continue{}
	}
}

func goes(next blocks.Next) does { return func(blocks.Env) blocks.Next { return next } }

// handmade publishes one flow of blocks by name, which is their id too, with a
// keyword "go" for the block "start" and the block "default" as default.
func handmade(code map[string][]blocks.Instruction) *engine.Library {
	scope, _ := expression.NewScope(expression.Options{Attributes: []expression.Declaration{{Name: "note", Type: expression.Text}}})
	p := &flows.Program{Flow: "handmade", Scope: scope, Blocks: map[string]*flows.Block{}}
	for name, list := range code {
		p.Blocks[name] = &flows.Block{ID: name, Name: name, Code: list, Asks: true}
	}
	p.Triggers = []flows.Trigger{{On: engine.OnKeyword, Any: []string{"go"}, Block: "start"}}
	if p.Blocks["default"] != nil {
		p.Triggers = append(p.Triggers, flows.Trigger{On: engine.OnDefault, Block: "default"})
	}
	return engine.NewLibrary("b", 1, []engine.Published{{FlowID: "f", Name: "handmade", Number: 1, VersionID: 1, Program: p}}, nil)
}

// TestTyping holds that typing is shown only where something is still to come.
func TestTyping(t *testing.T) {
	t.Parallel()
	types := does(func(env blocks.Env) blocks.Next {
		env.Do(blocks.Typing{For: 3 * time.Second})
		return blocks.Continue{}
	})
	p := enginetest.NewPlayer(t, handmade(map[string][]blocks.Instruction{
		"start": {types, says("a")},
		"waits": {says("a"), types, goes(blocks.Wait{For: 3 * time.Second}), says("b")},
	}))
	if turn := p.Send("start", nil); turn.Typing != 0 {
		t.Errorf("typing for %s after all is said", turn.Typing)
	}
	if turn := p.Send("waits", nil); turn.Typing != 3*time.Second {
		t.Errorf("typing for %s", turn.Typing)
	}
}

// TestInputOnce holds that what a person said is seen by the instruction that
// waited for it, and by no other.
func TestInputOnce(t *testing.T) {
	t.Parallel()
	var seen []string
	see := does(func(env blocks.Env) blocks.Next {
		if in := env.Input(); in != nil {
			seen = append(seen, fmt.Sprintf("%s %d", in.Text, in.Attempt))
		} else {
			seen = append(seen, "nothing")
		}
		return blocks.Continue{}
	})
	p := enginetest.NewPlayer(t, handmade(map[string][]blocks.Instruction{
		"start": {see, goes(blocks.Wait{Reply: true}), see, see},
	}))
	p.Text("go")
	p.Text("yes")
	if want := []string{"nothing", "yes 1", "nothing"}; !reflect.DeepEqual(seen, want) {
		t.Errorf("seen %q, want %q", seen, want)
	}
}

// TestModules holds that a run comes back from nested modules, also after the
// session was written and read.
func TestModules(t *testing.T) {
	t.Parallel()
	p := enginetest.NewPlayer(t, handmade(map[string][]blocks.Instruction{
		"start":  {says("1"), goes(blocks.Include{Block: "outer"}), says("5")},
		"outer":  {says("2"), goes(blocks.Include{Block: "inner"}), goes(blocks.Include{Block: "gone"}), says("4")},
		"inner":  {goes(blocks.Wait{Reply: true}), says("3")},
		"leaver": {goes(blocks.Include{Block: "leaves"}), says("never")},
		"leaves": {goes(blocks.Goto{Block: "inner"})},
	}))
	if got := enginetest.Said(p.Text("go")); !reflect.DeepEqual(got, []string{"1", "2"}) {
		t.Errorf("said %q", got)
	}
	turn := p.Text("on")
	if got := enginetest.Said(turn); !reflect.DeepEqual(got, []string{"3", "4", "5"}) || !hasEvent(turn, engine.LevelWarning, engine.EventBlockGone) {
		t.Errorf("said %q with the events %v", got, turn.Events)
	}
	p.Send("leaver", nil)
	if got := enginetest.Said(p.Text("on")); !reflect.DeepEqual(got, []string{"3"}) {
		t.Errorf("said %q", got)
	}
}

// TestGotoGone holds that a step that goes nowhere is told, and answered by the
// default block.
func TestGotoGone(t *testing.T) {
	t.Parallel()
	p := enginetest.NewPlayer(t, handmade(map[string][]blocks.Instruction{
		"start": {says("a"), goes(blocks.Goto{Block: "gone"})}, "default": {says("default")},
	}))
	turn := p.Text("go")
	if got := enginetest.Said(turn); !reflect.DeepEqual(got, []string{"a", "default"}) || !hasEvent(turn, engine.LevelWarning, engine.EventBlockGone) {
		t.Errorf("said %q with the events %v", got, turn.Events)
	}
	if turn := p.Send("start", nil); turn.Failed == nil || len(turn.Messages) > 0 {
		t.Errorf("a send came to %+v", turn)
	}
}
