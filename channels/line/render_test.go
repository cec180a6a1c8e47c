package line_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/line/line-bot-sdk-go/v8/linebot/messaging_api"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/blockstest"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/channeltest"
	"github.com/blockcast/blockcast/channels/sandbox/linerules"
)

// Three judges of what is rendered: LINE's own description, the types of its
// SDK, and its published limits.

func TestRenderedIsInTheDescription(t *testing.T) {
	t.Parallel()
	s := loadSchema(t, "messaging-api.yml")
	for _, c := range blockstest.Messages() {
		for i, p := range channel().Render([]blocks.Message{c.Message}) {
			call := fmt.Appendf(nil, `{"to":"U00112233445566778899aabbccddeeff","messages":%s}`, p.Body)
			for _, problem := range s.check("PushMessageRequest", call) {
				t.Errorf("%s, payload %d: %s", c.Name, i, problem)
			}
		}
	}
}

// What the SDK's types cannot hold LINE does not know: each message is read
// into them and written again, and must have lost nothing.
func TestRenderedIsKnownToTheSDK(t *testing.T) {
	t.Parallel()
	for _, c := range blockstest.Messages() {
		for _, p := range channel().Render([]blocks.Message{c.Message}) {
			for _, raw := range objects(t, p) {
				m, err := messaging_api.UnmarshalMessage(raw)
				if err != nil {
					t.Errorf("%s: %v", c.Name, err)
					continue
				}
				if _, unknown := m.(messaging_api.UnknownMessage); unknown {
					t.Errorf("%s: the SDK does not know %s", c.Name, raw)
					continue
				}
				again, err := json.Marshal(m)
				if err != nil {
					t.Errorf("%s: %v", c.Name, err)
					continue
				}
				if lost := missing("", tree(t, raw), tree(t, again)); len(lost) > 0 {
					t.Errorf("%s: the SDK does not know %v of %s", c.Name, lost, raw)
				}
			}
		}
	}
}

func TestRenderedIsWithinLimits(t *testing.T) {
	t.Parallel()
	channeltest.RunRules(t, channel(), rules)
}

// However a message came about, LINE's rules are kept.
func FuzzRender(f *testing.F) { channeltest.FuzzRules(f, channel(), rules) }

// rules says what of LINE's published limits a body breaks.
func rules(body []byte) error {
	if broken := linerules.Check(body); broken != nil {
		return broken
	}
	return nil
}

// Many messages are packed into as few calls as LINE allows, in their order,
// with the quick replies of all under the last.
func TestRenderPacks(t *testing.T) {
	t.Parallel()
	var messages []blocks.Message
	for i := range 7 {
		messages = append(messages, blocks.Message{
			Part:         &blocks.Text{Text: fmt.Sprint("text ", i)},
			QuickReplies: []blocks.Button{{Title: fmt.Sprint("quick ", i), Action: blocks.ActionGoto}},
		})
	}
	payloads := channeltest.Render(t, channel(), messages...)
	if len(payloads) != 2 || payloads[0].Messages != 5 || payloads[1].Messages != 2 {
		t.Fatalf("got %+v", payloads)
	}
	if strings.Contains(string(payloads[0].Body), "quickReply") {
		t.Errorf("the first call has quick replies: the second takes them away")
	}
	list := objects(t, payloads[1])
	if strings.Contains(string(list[0]), "quickReply") || strings.Count(string(list[1]), `"label"`) != 7 {
		t.Errorf("want 7 quick replies under the last message, got %s", payloads[1].Body)
	}
	for i := range 7 {
		if body := payloads[i/5].Body; !strings.Contains(string(body), fmt.Sprint("text ", i)) {
			t.Errorf("text %d is not in its place", i)
		}
	}
}

// A warning goes with the call that shows the message it is about.
func TestRenderKeepsWarningsWithTheirMessage(t *testing.T) {
	t.Parallel()
	messages := make([]blocks.Message, 6)
	for i := range messages {
		messages[i].Part = &blocks.Text{Text: "a"}
	}
	messages[5].Part = &blocks.Location{Title: "Mars", Latitude: 200}
	payloads := channeltest.Render(t, channel(), messages...)
	if len(payloads) != 2 || len(payloads[0].Warnings) != 0 || len(payloads[1].Warnings) != 1 {
		t.Fatalf("got %+v", payloads)
	}
}

func TestRenderOfNothing(t *testing.T) {
	t.Parallel()
	for name, messages := range map[string][]blocks.Message{
		"no messages":    nil,
		"an empty text":  {{Part: &blocks.Text{Text: " \n"}}},
		"no part at all": {{}},
	} {
		if payloads := channel().Render(messages); len(payloads) != 0 {
			t.Errorf("%s: got %+v", name, payloads)
		}
	}
}

// Quick replies need a message to stand under.
func TestRenderQuickRepliesAlone(t *testing.T) {
	t.Parallel()
	payloads := channeltest.Render(t, channel(), blocks.Message{
		Part:         &blocks.Text{},
		QuickReplies: []blocks.Button{{Title: "Yes", Action: blocks.ActionGoto}},
	})
	if len(payloads) != 1 || !strings.Contains(string(payloads[0].Body), `"label":"Yes"`) {
		t.Fatalf("got %+v", payloads)
	}
}

// Neither a word nor a button of a text may be lost, however long it is.
func TestRenderLosesNothing(t *testing.T) {
	t.Parallel()
	for _, length := range []int{1, 159, 160, 161, 1999, 2000, 2001, 4999, 5000, 5001, 12345} {
		for _, count := range []int{0, 1, 4, 5, 10, 11, 25} {
			text := strings.Repeat("abcdefghijklmnopqrstuvwxyz", length/26+1)[:length]
			var buttons []blocks.Button
			for i := range count {
				buttons = append(buttons, blocks.Button{Title: fmt.Sprintf("B%02d", i), Action: blocks.ActionGoto, Payload: fmt.Sprint(i)})
			}
			said, labels := spoken(t, channel().Render([]blocks.Message{{Part: &blocks.Text{Text: text, Buttons: buttons}}}))
			if said != text {
				t.Errorf("%d characters, %d buttons: %d characters are left", length, count, len(said))
			}
			if labels != count {
				t.Errorf("%d characters, %d buttons: %d buttons are left", length, count, labels)
			}
		}
	}
}

// spoken reads all text and counts all labels of payloads.
func spoken(t *testing.T, payloads []channels.Payload) (text string, labels int) {
	t.Helper()
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			if s, ok := v["text"].(string); ok {
				text += s
			}
			if _, ok := v["label"]; ok {
				labels++
			}
			for _, key := range sorted(v) {
				walk(v[key])
			}
		}
	}
	for _, p := range payloads {
		walk(tree(t, p.Body))
	}
	return text, labels
}

func objects(t *testing.T, p channels.Payload) []json.RawMessage {
	t.Helper()
	var list []json.RawMessage
	if err := json.Unmarshal(p.Body, &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != p.Messages || len(list) < 1 || len(list) > 5 {
		t.Fatalf("%d objects, said to be %d", len(list), p.Messages)
	}
	return list
}

func tree(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// missing lists the places of want that got lacks or has otherwise.
func missing(at string, want, got any) []string {
	switch want := want.(type) {
	case map[string]any:
		object, _ := got.(map[string]any)
		var lost []string
		for _, key := range sorted(want) {
			lost = append(lost, missing(at+"."+key, want[key], object[key])...)
		}
		return lost
	case []any:
		list, _ := got.([]any)
		if len(list) != len(want) {
			return []string{at}
		}
		var lost []string
		for i := range want {
			lost = append(lost, missing(fmt.Sprintf("%s[%d]", at, i), want[i], list[i])...)
		}
		return lost
	}
	if cmp.Equal(want, got) || want == 0.0 && got == nil {
		return nil // the SDK leaves a 0 out
	}
	return []string{at}
}

func long(n int) string { return strings.Repeat("x", n) }
