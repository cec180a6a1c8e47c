package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/enginetest"
)

// TestLostLease holds that no URL is called for a turn that cannot be
// committed, and that such a turn is told apart from a broken flow.
func TestLostLease(t *testing.T) {
	t.Parallel()
	called := false
	deps := enginetest.Deps(t)
	deps.Fetch = func(context.Context, *blocks.Request) (*blocks.Response, error) {
		called = true
		return &blocks.Response{Status: 200}, nil
	}
	p := enginetest.NewPlayer(t, handmade(map[string][]blocks.Instruction{
		"start": {does(func(env blocks.Env) blocks.Next {
			if _, err := env.Fetch(&blocks.Request{}); err != nil {
				return blocks.Goto{Block: "default"}
			}
			return blocks.Continue{}
		})},
		"default": {says("sorry")},
	}))
	lost := errors.New("no longer ours")
	p.Situation.BeforeFetch = func(context.Context) error { return lost }
	turn := engine.New(deps).Resume(t.Context(), p.Situation, written("go"))
	if called || !errors.Is(turn.Failed, engine.ErrUnavailable) || !errors.Is(turn.Failed, lost) || len(turn.Messages) > 0 {
		t.Errorf("called %v, failed with %v, said %q", called, turn.Failed, enginetest.Said(turn))
	}
}

func written(text string) *engine.Interaction {
	return &engine.Interaction{ID: 9, Kind: engine.DidMessage, Inbound: engine.Inbound{Input: &blocks.Input{Kind: blocks.InputText, Text: text}}}
}

// TestSameTurn holds that a turn depends on nothing but what it is given, and
// changes nothing of that.
func TestSameTurn(t *testing.T) {
	t.Parallel()
	l := library(t, "testdata/flows/bench.json")
	p := enginetest.NewPlayer(t, l)
	p.Situation.Contact.Attributes = map[string]any{"city": "Huế", "visits": 1.0}
	p.Situation.BotValues = map[string]any{"open": true}
	p.Text("order")
	turn := p.Text("five")
	p.Situation.Session = turn.Session
	before := asJSON(t, p.Situation)
	in := written("5")
	input := asJSON(t, in)
	first := engine.New(enginetest.Deps(t)).Resume(t.Context(), p.Situation, in)
	second := engine.New(enginetest.Deps(t)).Resume(t.Context(), p.Situation, in)
	if len(first.Messages) != 3 {
		t.Fatalf("it came to %+v", first)
	}
	if a, b := asJSON(t, first), asJSON(t, second); a != b {
		t.Errorf("two turns of the same are\n%s\n%s", a, b)
	}
	if after := asJSON(t, p.Situation); after != before {
		t.Errorf("the situation became\n%s\nfrom\n%s", after, before)
	}
	if after := asJSON(t, in); after != input {
		t.Errorf("the input became\n%s\nfrom\n%s", after, input)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	if s, ok := v.(engine.Situation); ok {
		s.Library, s.Secrets, s.BeforeFetch = nil, nil, nil
		v = struct {
			engine.Situation
			Library, Secrets, BeforeFetch any
		}{Situation: s}
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestIdempotencyKey holds that a turn that is run again sends the same keys,
// and that no two requests that mean different things share one.
func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	fetch := func(headers map[string]string) does {
		return func(env blocks.Env) blocks.Next {
			_, _ = env.Fetch(&blocks.Request{Method: "POST", Headers: headers})
			return blocks.Continue{}
		}
	}
	given := map[string]string{"idempotency-key": "the author's"}
	p := enginetest.NewPlayer(t, handmade(map[string][]blocks.Instruction{
		"start": {fetch(nil), fetch(nil), fetch(given), goes(blocks.Wait{For: time.Minute}), fetch(nil)},
	}))
	run := func(f func(e *engine.Engine) *engine.Turn) []string {
		var keys []string
		deps := enginetest.Deps(t)
		deps.Fetch = func(_ context.Context, q *blocks.Request) (*blocks.Response, error) {
			for _, name := range []string{engine.IdempotencyHeader, "idempotency-key"} {
				if k, ok := q.Headers[name]; ok {
					keys = append(keys, k)
				}
			}
			return &blocks.Response{Status: 200}, nil
		}
		f(engine.New(deps))
		return keys
	}
	answer := func(id int64) []string {
		return run(func(e *engine.Engine) *engine.Turn {
			in := written("go")
			in.ID = id
			return e.Resume(t.Context(), p.Situation, in)
		})
	}
	send := func(id int64) []string {
		return run(func(e *engine.Engine) *engine.Turn {
			return e.Start(t.Context(), p.Situation, engine.Start{Block: "start", DeliveryID: id})
		})
	}
	timer := func(s *engine.Session) []string {
		situation := p.Situation
		situation.Session = s
		return run(func(e *engine.Engine) *engine.Turn {
			return e.Resume(t.Context(), situation, &engine.Interaction{Kind: engine.DidTimer})
		})
	}
	open := func(until time.Time) *engine.Session {
		return &engine.Session{VersionID: 1, Block: "start", PC: 4, Until: until}
	}
	seen := map[string]string{"the author's": "given"}
	for name, keys := range map[string][2][]string{
		"answer 1": {answer(1), answer(1)},
		"answer 2": {answer(2), answer(2)},
		"send 1":   {send(1), send(1)},
		"timer":    {timer(open(enginetest.Began)), timer(open(enginetest.Began))},
		"timer 2":  {timer(open(enginetest.Began.Add(-time.Hour))), timer(open(enginetest.Began.Add(-time.Hour)))},
	} {
		if !reflect.DeepEqual(keys[0], keys[1]) || len(keys[0]) == 0 {
			t.Errorf("%s: %q, again %q", name, keys[0], keys[1])
		}
		for i, k := range keys[0] {
			if other, ok := seen[k]; ok && k != "the author's" {
				t.Errorf("%s and %s share the key %s", name, other, k)
			}
			seen[k] = fmt.Sprintf("%s.%d", name, i)
		}
	}
	if len(given) != 1 {
		t.Errorf("the step's own headers were written to: %v", given)
	}
}
