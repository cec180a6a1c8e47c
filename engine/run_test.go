package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
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

// TestLimits holds that what never ends, or grows without end, is stopped with
// an event that says so; a send then says nothing at all.
func TestLimits(t *testing.T) {
	t.Parallel()
	repeat := func(n int, f func(blocks.Env)) does {
		return func(env blocks.Env) blocks.Next {
			for range n {
				f(env)
			}
			return blocks.Continue{}
		}
	}
	large := strings.Repeat("x", engine.MaxSessionSize)
	tests := []struct {
		name string
		code map[string][]blocks.Instruction
		want string
		said int // in an answer
	}{
		{"jumps in a circle", map[string][]blocks.Instruction{"start": {says("a"), goes(blocks.Jump{PC: 1})}}, engine.EventLimitSteps, 1},
		{"blocks in a circle", map[string][]blocks.Instruction{"start": {goes(blocks.Goto{Block: "start"})}}, engine.EventLimitSteps, 0},
		{"a module in itself", map[string][]blocks.Instruction{"start": {goes(blocks.Include{Block: "start"})}}, engine.EventLimitDepth, 0},
		{"messages", map[string][]blocks.Instruction{"start": {repeat(100, func(env blocks.Env) { says("a")(env) })}}, engine.EventLimitMessages, engine.MaxMessagesPerTurn},
		{"events", map[string][]blocks.Instruction{"start": {repeat(1000, func(env blocks.Env) { env.Report("some:thing", "again") }), says("after")}}, engine.EventLimitEvents, 0},
		{"changes", map[string][]blocks.Instruction{"start": {repeat(2000, func(env blocks.Env) { env.Do(blocks.Tag{Name: "a"}) }), says("after")}}, engine.EventLimitChanges, 0},
		{"requests", map[string][]blocks.Instruction{"start": {repeat(100, func(env blocks.Env) { _, _ = env.Fetch(&blocks.Request{Method: "GET"}) }), says("after")}}, engine.EventLimitFetches, 0},
		{"a session", map[string][]blocks.Instruction{"start": {
			does(func(env blocks.Env) blocks.Next {
				env.Do(blocks.SetAnswer{Name: "a", Value: large})
				return blocks.Wait{Reply: true}
			})}}, engine.EventLimitSession, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.code["default"] = []blocks.Instruction{says("default")}
			p := enginetest.NewPlayer(t, handmade(tt.code))
			turn := p.Text("go")
			if turn.Failed == nil || !hasEvent(turn, engine.LevelFailure, tt.want) {
				t.Errorf("failed with %v and the events %v, want %s", turn.Failed, turn.Events, tt.want)
			}
			if len(turn.Messages) != tt.said || turn.Session != nil {
				t.Errorf("said %q, session %+v", enginetest.Said(turn), turn.Session)
			}
			if len(turn.Events) > engine.MaxEventsPerTurn {
				t.Errorf("%d events", len(turn.Events))
			}
			turn = p.Send("start", nil)
			if turn.Failed == nil || !hasEvent(turn, engine.LevelFailure, tt.want) || len(turn.Messages) > 0 || !turn.Deltas.Empty() {
				t.Errorf("a send came to %+v", turn)
			}
		})
	}
}

func hasEvent(turn *engine.Turn, level, code string) bool {
	for _, e := range turn.Events {
		if e.Code == code && e.Level == level && e.Text != "" {
			return true
		}
	}
	return false
}

// TestFetchBudget holds that slow systems are not waited for longer than the
// contact may be held.
func TestFetchBudget(t *testing.T) {
	t.Parallel()
	clock := enginetest.NewClock()
	deps := enginetest.DepsAt(t, clock)
	var timeouts []time.Duration
	deps.Fetch = func(ctx context.Context, _ *blocks.Request) (*blocks.Response, error) {
		until, _ := ctx.Deadline()
		timeouts = append(timeouts, time.Until(until).Round(time.Second))
		clock.Advance(9 * time.Second)
		return &blocks.Response{Status: 200}, nil
	}
	fetch := does(func(env blocks.Env) blocks.Next {
		_, _ = env.Fetch(&blocks.Request{Method: "GET", Timeout: time.Minute})
		return blocks.Continue{}
	})
	p := enginetest.NewPlayer(t, handmade(map[string][]blocks.Instruction{"start": {fetch, fetch, fetch, fetch, says("after")}}))
	turn := engine.New(deps).Start(t.Context(), p.Situation, engine.Start{Block: "start", DeliveryID: 1})
	if want := []time.Duration{20 * time.Second, 11 * time.Second, 2 * time.Second}; !reflect.DeepEqual(timeouts, want) {
		t.Errorf("waited at most %v, want %v", timeouts, want)
	}
	if !hasEvent(turn, engine.LevelFailure, engine.EventLimitBudget) {
		t.Errorf("events %v", turn.Events)
	}
}

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

// TestPlaceGone holds that a session whose place is not there any more is
// closed and what the person wrote is heard anew.
func TestPlaceGone(t *testing.T) {
	t.Parallel()
	l := handmade(map[string][]blocks.Instruction{"start": {says("hello")}, "default": {says("default")}})
	for name, s := range map[string]engine.Session{
		"version":  {VersionID: 7, Block: "start"},
		"block":    {VersionID: 1, Block: "gone"},
		"place":    {VersionID: 1, Block: "start", PC: 99},
		"negative": {VersionID: 1, Block: "start", PC: -1},
		"frame":    {VersionID: 1, Block: "start", Frames: []engine.Frame{{VersionID: 1, Block: "gone"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := enginetest.NewPlayer(t, l)
			s.Reply = true
			p.Situation.Session = &s
			for text, want := range map[string]string{"go": "hello", "what": "default"} {
				turn := engine.New(enginetest.Deps(t)).Resume(t.Context(), p.Situation, written(text))
				if got := enginetest.Said(turn); len(got) != 1 || got[0] != want {
					t.Errorf("%s: said %q, want %q", text, got, want)
				}
				if !turn.Touched || turn.Session != nil || !hasEvent(turn, engine.LevelWarning, engine.EventSessionLost) {
					t.Errorf("%s: %+v", text, turn)
				}
			}
		})
	}
}

// TestVersionUnavailable holds that an answer is not taken for something else
// while its flow version cannot be read.
func TestVersionUnavailable(t *testing.T) {
	t.Parallel()
	l := handmade(map[string][]blocks.Instruction{"start": {says("hello")}, "default": {says("default")}})
	away := errors.New("database away")
	l.Version = func(int64) (*flows.Program, error) { return nil, away }
	p := enginetest.NewPlayer(t, l)
	p.Situation.Session = &engine.Session{VersionID: 7, Block: "start", Reply: true}
	turn := engine.New(enginetest.Deps(t)).Resume(t.Context(), p.Situation, written("go"))
	if !errors.Is(turn.Failed, engine.ErrUnavailable) || !errors.Is(turn.Failed, away) || turn.Touched || len(turn.Messages) > 0 {
		t.Errorf("it came to %+v", turn)
	}
}

// TestSilence holds what nothing is answered to.
func TestSilence(t *testing.T) {
	t.Parallel()
	l := handmade(map[string][]blocks.Instruction{"start": {says("hello")}, "default": {says("default")}})
	open := &engine.Session{VersionID: 1, Block: "start", Until: enginetest.Began.Add(time.Hour)}
	tests := []struct {
		name    string
		in      engine.Interaction
		session *engine.Session
		want    string
	}{
		{"standby", engine.Interaction{Standby: true, Kind: engine.DidMessage, Inbound: written("go").Inbound}, open, engine.OutcomeStandby},
		{"other", engine.Interaction{Kind: engine.DidOther}, open, engine.OutcomeSilent},
		{"a timer of a wait that was answered", engine.Interaction{Kind: engine.DidTimer}, nil, engine.OutcomeStale},
		{"a timer before its time", engine.Interaction{Kind: engine.DidTimer}, open, engine.OutcomeStale},
		{"a timer of a question without end", engine.Interaction{Kind: engine.DidTimer}, &engine.Session{VersionID: 1, Block: "start", Reply: true}, engine.OutcomeStale},
		{"a follow that nothing is on", engine.Interaction{Kind: engine.DidFollow}, open, engine.OutcomeNoMatch},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := enginetest.NewPlayer(t, l)
			p.Situation.Session = tt.session
			turn := engine.New(enginetest.Deps(t)).Resume(t.Context(), p.Situation, &tt.in)
			if turn.Outcome != tt.want || turn.Touched || turn.Session != tt.session || len(turn.Messages) > 0 || len(turn.Events) > 0 {
				t.Errorf("it came to %+v", turn)
			}
		})
	}
}

// TestFailingDefault holds that a default block that fails itself is not tried
// for ever.
func TestFailingDefault(t *testing.T) {
	t.Parallel()
	broken := goes(blocks.Fail{Err: errors.New("broken")})
	p := enginetest.NewPlayer(t, handmade(map[string][]blocks.Instruction{"start": {broken}, "default": {broken}}))
	for _, text := range []string{"go", "what"} {
		turn := p.Text(text)
		if turn.Failed == nil || turn.Outcome != engine.OutcomeFailed || len(turn.Events) > 2 {
			t.Errorf("%s came to %+v", text, turn)
		}
	}
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

// TestDespiteHandover holds which triggers run while a person leads the
// conversation.
func TestDespiteHandover(t *testing.T) {
	t.Parallel()
	l := handmade(map[string][]blocks.Instruction{"start": {says("hello")}, "default": {says("away")}})
	even := *l.Flows[0].Program
	even.Triggers = slices.Clone(even.Triggers)
	even.Triggers[1].Even = true // the default
	for name, tt := range map[string]struct {
		library *engine.Library
		want    []string
	}{
		"none":        {l, nil},
		"the default": {engine.NewLibrary("b", 1, []engine.Published{{Name: "even", VersionID: 1, Program: &even}}, nil), []string{"away"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := enginetest.NewPlayer(t, tt.library)
			i := p.Situation.Identity
			i.Conversation, i.ConversationUntil = engine.ConversationAgent, enginetest.Began.Add(time.Hour)
			if got := enginetest.Said(p.Text("go")); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("said %q, want %q", got, tt.want)
			}
		})
	}
}
