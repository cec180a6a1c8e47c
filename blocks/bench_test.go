package blocks_test

import (
	"testing"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/flows"
)

// BenchmarkSay measures an instruction that says a text, without and with
// something to evaluate.
func BenchmarkSay(b *testing.B) {
	for _, c := range []struct{ name, steps string }{
		{"constant", `[{"type": "text", "text": "Hello", "buttons": [{"title": "Shirts", "goto": "shirts"}]}]`},
		{"template", `[{"type": "text", "text": "Hi {{ first_name }}, {{ product }} is {{ total }}"}]`},
	} {
		b.Run(c.name, func(b *testing.B) {
			checked, problems := flows.Check(document([]byte(c.steps), false), "", flows.Catalog{})
			if checked == nil {
				b.Fatal(problems)
			}
			var say blocks.Instruction
			for _, block := range checked.Program.Blocks {
				if block.Name == "main" {
					say = block.Code[0]
				}
			}
			env := &quietEnv{values: checked.Program.Scope.Env(expression.Values{
				Facts:      map[string]any{"first_name": "Mai"},
				Attributes: map[string]any{"product": "bag", "total": 350000.0},
			})}
			b.ReportAllocs()
			for b.Loop() {
				say.Run(env)
			}
			if env.said == 0 {
				b.Fatal("nothing is said")
			}
		})
	}
}

// quietEnv evaluates and forgets what is said.
type quietEnv struct {
	blocks.Env
	values *expression.Env
	said   int
}

func (e *quietEnv) Text(t *expression.Template, locals map[string]any) (string, error) {
	return t.Text(e.values, locals)
}

func (e *quietEnv) Say(blocks.Message) { e.said++ }

// TestConstantSay checks that saying a constant text evaluates nothing: an Env
// without any values does.
func TestConstantSay(t *testing.T) {
	t.Parallel()
	checked, problems := flows.Check(document([]byte(`[{"type": "text", "text": "Hello", "buttons": [{"title": "Shirts", "goto": "shirts"}], "quick_replies": [{"title": "Call", "call": "113"}]}]`), false), "", flows.Catalog{})
	if checked == nil {
		t.Fatal(problems)
	}
	for _, block := range checked.Program.Blocks {
		if block.Name != "main" {
			continue
		}
		env := &sayOnly{}
		if _, ok := block.Code[0].Run(env).(blocks.Continue); !ok || len(env.said) != 1 {
			t.Errorf("it says %+v", env.said)
		}
	}
}

// sayOnly panics when it is asked for anything but to say.
type sayOnly struct {
	blocks.Env
	said []blocks.Message
}

func (e *sayOnly) Say(m blocks.Message) { e.said = append(e.said, m) }
