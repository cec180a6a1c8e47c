package engine_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/enginetest"
	"github.com/blockcast/blockcast/flows"
)

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
