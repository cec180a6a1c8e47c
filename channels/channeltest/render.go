package channeltest

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/blockstest"
	"github.com/blockcast/blockcast/blocks/goldentest"
	"github.com/blockcast/blockcast/channels"
)

const renderFolder = "testdata/render"

// RunRender renders every message of the corpus and compares payloads and
// warnings with testdata/render/<message>.json. A message without a golden
// fails, and so does a golden without a message.
func RunRender(t *testing.T, ch channels.Channel) {
	t.Helper()
	var names []string
	for _, c := range blockstest.Messages() {
		names = append(names, c.Name)
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			payloads := Render(t, ch, c.Message)
			if payloads == nil {
				payloads = []channels.Payload{} // said in the golden as []
			}
			goldentest.Compare(t, filepath.Join(renderFolder, c.Name+".json"), goldentest.JSON(t, payloads))
		})
	}
	for _, name := range files(t, renderFolder) {
		if !slices.Contains(names, name) {
			t.Errorf("%s/%s.json shows no message of the corpus: remove it", renderFolder, name)
		}
	}
}

// Render renders messages and checks what holds for every channel: it is pure,
// leaves the messages as they are, and says nothing empty.
func Render(t *testing.T, ch channels.Channel, messages ...blocks.Message) []channels.Payload {
	t.Helper()
	before := goldentest.JSON(t, messages)
	payloads := ch.Render(messages)
	if diff := cmp.Diff(string(before), string(goldentest.JSON(t, messages))); diff != "" {
		t.Errorf("rendering changed the messages (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(string(goldentest.JSON(t, payloads)), string(goldentest.JSON(t, ch.Render(messages)))); diff != "" {
		t.Errorf("rendering twice differs (-first +second):\n%s", diff)
	}
	for i, p := range payloads {
		if !json.Valid(p.Body) {
			t.Errorf("payload %d is no JSON: %s", i, p.Body)
		}
		if p.Messages < 1 {
			t.Errorf("payload %d holds %d messages", i, p.Messages)
		}
		for _, w := range p.Warnings {
			if !strings.Contains(w.Code, ":") || w.Message == "" {
				t.Errorf("payload %d has a warning without a code like card:too_many_buttons or without words: %+v", i, w)
			}
		}
	}
	return payloads
}
