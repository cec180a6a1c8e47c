package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/enginetest"
	"github.com/blockcast/blockcast/engine/media"
	"github.com/blockcast/blockcast/flows"
)

// BenchmarkTurn is a turn as it happens all day: the session is read, an answer
// resumes it, a branch is taken, two attributes are set, three messages with
// values in them are said and the session is written. Goal: 15 µs and 120
// allocations.
func BenchmarkTurn(b *testing.B) {
	l := library(b, "testdata/flows/bench.json")
	p := enginetest.NewPlayer(b, l)
	p.Situation.Contact.Attributes = map[string]any{"city": "Huế", "visits": 3.0}
	p.Situation.Contact.Tags = []string{"vip", "customer"}
	asked := p.Text("order")
	if asked.Session == nil {
		b.Fatalf("nothing was asked: %+v", asked)
	}
	stored, err := json.Marshal(asked.Session)
	if err != nil {
		b.Fatal(err)
	}
	deps := enginetest.Deps(b)
	deps.Media = media.New(media.Config{PublicURL: "https://bot.example.com"}).Resolve // as where it runs
	e := engine.New(deps)
	in := &engine.Interaction{ID: 7, Kind: engine.DidMessage,
		Inbound: engine.Inbound{Input: &blocks.Input{Kind: blocks.InputText, Text: "3"}}}
	s := p.Situation
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		var session engine.Session
		if err := session.UnmarshalJSON(stored); err != nil { // as the store calls it
			b.Fatal(err)
		}
		s.Session = &session
		turn := e.Resume(ctx, s, in)
		if len(turn.Messages) != 3 || len(turn.Deltas.Set) != 2 || turn.Session == nil {
			b.Fatalf("it came to %+v", turn)
		}
		if _, err := turn.Session.MarshalJSON(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkKeywords finds one of ten thousand keywords in what people write.
func BenchmarkKeywords(b *testing.B) {
	program := &flows.Program{Flow: "many", Blocks: map[string]*flows.Block{}}
	for i := range 5000 {
		program.Triggers = append(program.Triggers, flows.Trigger{On: engine.OnKeyword, Block: "x",
			Any: []string{fmt.Sprintf("sản phẩm %d", i), fmt.Sprintf("商品%d號", i)}})
	}
	l := engine.NewLibrary("b", 1, []engine.Published{{Name: "many", Program: program}}, nil)
	for _, text := range []string{
		"cho mình hỏi về sản phẩm 4711 với ạ",
		"san pham 4711",
		"請問商品4711號還有嗎？",
		"something that nobody has a keyword for, and a little longer than usual",
	} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l.Match(engine.On{Kind: engine.OnKeyword, Text: text, Channel: "line"})
			}
		})
	}
}

// library publishes one document.
func library(t testing.TB, file string) *engine.Library {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	checked, problems := flows.Check(data, file, flows.Catalog{})
	if checked == nil {
		t.Fatalf("%s: %v", file, problems)
	}
	return engine.NewLibrary("b00000000000000000000001", 1, []engine.Published{
		{FlowID: "f", Name: checked.Program.Flow, Number: 1, VersionID: 1, Program: checked.Program}}, nil)
}
