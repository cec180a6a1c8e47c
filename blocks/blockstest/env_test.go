package blockstest_test

import (
	"testing"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/blockstest"
)

func TestEnvGivesTheInputOnce(t *testing.T) {
	t.Parallel()
	e := &blockstest.Env{Answer: &blocks.Input{Kind: blocks.InputText, Text: "blue"}}
	if input := e.Input(); input == nil || input.Text != "blue" {
		t.Errorf("got %+v, want the answer", input)
	}
	if input := e.Input(); input != nil {
		t.Errorf("got %+v a second time", input)
	}
}

func TestEnvFetchesInOrder(t *testing.T) {
	t.Parallel()
	e := &blockstest.Env{Responses: []*blocks.Response{{Status: 200}, {Status: 404}}}
	for _, want := range []int{200, 404} {
		r, err := e.Fetch(&blocks.Request{Method: "GET", URL: "https://shop.example.com"})
		if err != nil || r.Status != want {
			t.Errorf("got %+v, %v, want status %d", r, err, want)
		}
	}
	if r, err := e.Fetch(&blocks.Request{Method: "GET", URL: "https://shop.example.com"}); err == nil {
		t.Errorf("got %+v, want an error: no response is left", r)
	}
	if len(e.Requests) != 3 {
		t.Errorf("%d requests were kept, want 3", len(e.Requests))
	}
}

func TestEnvKeepsWhatWasDone(t *testing.T) {
	t.Parallel()
	e := &blockstest.Env{}
	e.Say(blocks.Message{Part: &blocks.Text{Text: "hi"}})
	e.Do(blocks.Tag{Name: "vip"})
	e.Do(blocks.SetAttribute{Name: "size", Value: "M"})
	e.Report("expression:invalid", "nothing to divide by")
	if len(e.Said) != 1 || len(e.Changes) != 2 || len(e.Reports) != 1 || e.Reports[0].Code != "expression:invalid" {
		t.Errorf("kept %+v", e)
	}
}
