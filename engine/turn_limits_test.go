package engine_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/enginetest"
)

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
