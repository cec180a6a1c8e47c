package flows_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/blockstest"
	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/flows"
)

// TestExamplesRun runs every block of the examples, for a person of whom all
// is known and for a stranger. Nothing may fail or be reported to the author.
// What a whole conversation says is held by the goldens of package engine.
func TestExamplesRun(t *testing.T) {
	t.Parallel()
	for _, file := range exampleFlows(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		checked, problems := flows.Check(data, file, flows.Catalog{})
		if checked == nil {
			t.Fatalf("%s: %+v", file, problems)
		}
		known := map[string]any{}
		for _, d := range checked.Program.Attributes {
			if declared, ok := checked.Program.Scope.Attribute(d.Name); ok && declared.Sample != nil {
				known[d.Name] = declared.Sample
			}
		}
		facts := map[string]any{"first_name": "Mai", "phone": "+84912345678", "birthday": "1990-03-01", "subscribed": true}
		for who, values := range map[string]expression.Values{
			"known":    {Facts: facts, Attributes: known},
			"stranger": {},
		} {
			for _, b := range checked.Program.Blocks {
				if len(b.Needs) > 0 && who == "stranger" {
					continue // its caller brings what it says
				}
				t.Run(filepath.Base(file)+"/"+b.Name+"/"+who, func(t *testing.T) {
					t.Parallel()
					runBlock(t, checked.Program, b, values)
				})
			}
		}
	}
}

// runBlock runs a block up to where it waits, leaves or ends.
func runBlock(t *testing.T, p *flows.Program, b *flows.Block, values expression.Values) {
	values.Now = time.Date(2026, 3, 8, 3, 0, 0, 0, time.UTC)
	env := &blockstest.Env{Values: p.Scope.Env(values)}
	did := false
	for pc := 0; pc < len(b.Code); {
		switch n := b.Code[pc].Run(env).(type) {
		case blocks.Continue:
			pc++
		case blocks.Jump:
			pc = n.PC
		case blocks.Fail:
			t.Fatal(n.Err)
		case blocks.Include:
			did = true
			pc++
		case blocks.Goto:
			did = true
			if p.Blocks[n.Block] == nil {
				t.Fatalf("goes to %q, which is no block", n.Block)
			}
			pc = len(b.Code)
		default: // a wait or the end
			did = true
			pc = len(b.Code)
		}
	}
	for _, r := range env.Reports {
		t.Errorf("%s: %s", r.Code, r.Text)
	}
	if !did && len(env.Said)+len(env.Changes) == 0 {
		t.Error("it does nothing")
	}
	for i := range env.Said {
		env.Said[i].Buttons(func(b *blocks.Button) {
			if b.Action == blocks.ActionGoto && p.Blocks[b.Value] == nil {
				t.Errorf("button %q goes to %q, which is no block", b.Title, b.Value)
			}
		})
	}
}
