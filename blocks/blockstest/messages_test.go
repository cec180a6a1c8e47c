package blockstest_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/blockstest"
)

// Every message survives its JSON form, and the corpus shows every part and
// every action.
func TestMessages(t *testing.T) {
	t.Parallel()
	parts, actions := map[string]bool{}, map[blocks.Action]bool{}
	for _, c := range blockstest.Messages() {
		text, err := json.Marshal(c.Message)
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		var head struct {
			Type string `json:"type"`
		}
		var again blocks.Message
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		if err := json.Unmarshal(text, &head); err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		parts[head.Type] = true

		payloads := map[string]bool{}
		c.Message.Buttons(func(b *blocks.Button) {
			actions[b.Action] = true
			if b.Payload == "" || payloads[b.Payload] {
				t.Errorf("%s: the button %q has the payload %q", c.Name, b.Title, b.Payload)
			}
			payloads[b.Payload] = true
			b.Payload = "" // no part of the JSON form
		})
		if diff := cmp.Diff(c.Message, again); diff != "" {
			t.Errorf("%s changes on its way through JSON (-before +after):\n%s", c.Name, diff)
		}
	}
	for _, part := range []string{"text", blocks.Image, blocks.Video, blocks.Audio, blocks.File, "carousel", "image_carousel", "location", "raw"} {
		if !parts[part] {
			t.Errorf("no message shows the part %s", part)
		}
	}
	for _, action := range []blocks.Action{
		blocks.ActionGoto, blocks.ActionURL, blocks.ActionCall, blocks.ActionSay, blocks.ActionAskPhone, blocks.ActionAskEmail,
		blocks.ActionAskLocation, blocks.ActionAskTime, blocks.ActionSubscribe, blocks.ActionUnsubscribe,
	} {
		if !actions[action] {
			t.Errorf("no message shows the action %s", action)
		}
	}
}
