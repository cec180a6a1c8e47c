package engine_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine/enginetest"
)

// A start tells anybody the same when it asked nothing of the person, changed
// nothing and waits for nothing.
func TestForAll(t *testing.T) {
	t.Parallel()
	scope, _ := expression.NewScope(expression.Options{})
	text := func(source string) *expression.Template {
		made, problems := scope.Template(source)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		return made
	}
	step := func(do func(blocks.Env)) does {
		return func(env blocks.Env) blocks.Next {
			do(env)
			return blocks.Continue{}
		}
	}
	says := func(source string) does {
		made := text(source)
		return step(func(env blocks.Env) {
			said, err := env.Text(made, nil)
			if err != nil {
				t.Error(err)
			}
			env.Say(blocks.Message{Part: &blocks.Text{Text: said}})
		})
	}
	for name, c := range map[string]struct {
		code []blocks.Instruction
		want bool
	}{
		"says constants":     {[]blocks.Instruction{says("Hello"), says("all")}, true},
		"says a name":        {[]blocks.Instruction{says("Hello {{ first_name }}")}, false},
		"says the time":      {[]blocks.Instruction{says("It is {{ now }}")}, false},
		"asks for the place": {[]blocks.Instruction{says("Hello"), step(func(env blocks.Env) { env.Place() })}, false},
		"sets":               {[]blocks.Instruction{says("Hello"), step(func(env blocks.Env) { env.Do(blocks.Typing{For: time.Second}) })}, false},
		"fetches": {[]blocks.Instruction{says("Hello"), step(func(env blocks.Env) {
			_, _ = env.Fetch(&blocks.Request{Method: "GET", URL: "https://shop.example.com"}) // nothing can be fetched here
		})}, false},
		"reports": {[]blocks.Instruction{says("Hello"), step(func(env blocks.Env) { env.Report("note", "something is odd") })}, false},
		"waits":   {[]blocks.Instruction{says("Hello"), goes(blocks.Wait{Reply: true}), says("Thanks")}, false},
		"fails":   {[]blocks.Instruction{goes(blocks.Goto{Block: "gone"})}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			turn := enginetest.NewPlayer(t, handmade(map[string][]blocks.Instruction{"start": c.code})).Send("start", nil)
			if turn.ForAll != c.want {
				t.Errorf("for all: %t", turn.ForAll)
			}
		})
	}
}
