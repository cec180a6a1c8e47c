package messenger_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/channeltest"
	"github.com/blockcast/blockcast/channels/sandbox/messengerrules"
)

func TestRenderedIsWithinLimits(t *testing.T) {
	t.Parallel()
	channeltest.RunRules(t, channel(), rules)
}

// However a message came about, Meta's rules are kept.
func FuzzRender(f *testing.F) { channeltest.FuzzRules(f, channel(), rules) }

// rules says what of Meta's published limits a body breaks.
func rules(body []byte) error {
	if broken := messengerrules.Check(body); broken != nil {
		return broken
	}
	return nil
}

// Each message is a call of its own, in order, and the quick replies of all
// stand under the last: another message would take them away.
func TestRenderOneMessageACall(t *testing.T) {
	t.Parallel()
	var messages []blocks.Message
	for i := range 7 {
		messages = append(messages, blocks.Message{
			Part:         &blocks.Text{Text: fmt.Sprint("text ", i)},
			QuickReplies: []blocks.Button{{Title: fmt.Sprint("quick ", i), Action: blocks.ActionGoto}},
		})
	}
	payloads := channeltest.Render(t, channel(), messages...)
	if len(payloads) != 7 {
		t.Fatalf("got %d payloads, want 7", len(payloads))
	}
	for i, p := range payloads {
		body := string(p.Body)
		if p.Messages != 1 || !strings.Contains(body, fmt.Sprint("text ", i)) {
			t.Errorf("payload %d is %s", i, body)
		}
		want := 0
		if i == 6 {
			want = 7
		}
		if got := strings.Count(body, `"content_type"`); got != want {
			t.Errorf("payload %d has %d quick replies, want %d", i, got, want)
		}
	}
}

// A warning goes with the call that shows the message it is about.
func TestRenderKeepsWarningsWithTheirMessage(t *testing.T) {
	t.Parallel()
	payloads := channeltest.Render(t, channel(),
		blocks.Message{Part: &blocks.Text{Text: "a"}},
		blocks.Message{Part: &blocks.Location{Title: "Mars", Latitude: 200}},
	)
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
	if len(payloads) != 1 || !strings.Contains(string(payloads[0].Body), `"title":"Yes"`) {
		t.Fatalf("got %+v", payloads)
	}
}

// Messenger asks for one phone number, however many buttons want it.
func TestRenderAsksOnce(t *testing.T) {
	t.Parallel()
	ask := blocks.Button{Title: "My phone", Action: blocks.ActionAskPhone}
	payloads := channeltest.Render(t, channel(), blocks.Message{
		Part:         &blocks.Text{Text: "Your number?", Buttons: []blocks.Button{ask}},
		QuickReplies: []blocks.Button{ask},
	})
	if len(payloads) != 1 || strings.Count(string(payloads[0].Body), "user_phone_number") != 1 {
		t.Fatalf("got %+v", payloads)
	}
}

// Neither a word nor a button of a text may be lost, however long it is.
func TestRenderLosesNothing(t *testing.T) {
	t.Parallel()
	for _, length := range []int{1, 639, 640, 641, 1279, 1999, 2000, 2639, 2640, 12345} {
		for _, count := range []int{0, 1, 3, 4, 25} {
			text := strings.Repeat("abcdefghijklmnopqrstuvwxyz", length/26+1)[:length]
			var buttons []blocks.Button
			for i := range count {
				buttons = append(buttons, blocks.Button{Title: fmt.Sprintf("B%02d", i), Action: blocks.ActionGoto, Payload: fmt.Sprint(i)})
			}
			said, titles := spoken(t, channel().Render([]blocks.Message{{Part: &blocks.Text{Text: text, Buttons: buttons}}}))
			if said != text {
				t.Errorf("%d characters, %d buttons: %d characters are left", length, count, len(said))
			}
			if titles != count {
				t.Errorf("%d characters, %d buttons: %d buttons are left", length, count, titles)
			}
		}
	}
}

// Every button of every card survives, whatever Messenger shows on one.
func TestRenderLosesNoCard(t *testing.T) {
	t.Parallel()
	for _, cards := range []int{1, 3, 10, 11, 25} {
		for _, count := range []int{1, 3, 4, 7} {
			c := &blocks.Carousel{}
			for i := range cards {
				card := blocks.Card{Title: fmt.Sprint("Card ", i)}
				for j := range count {
					card.Buttons = append(card.Buttons, blocks.Button{Title: fmt.Sprint("B", j), Action: blocks.ActionGoto, Payload: "p"})
				}
				c.Cards = append(c.Cards, card)
			}
			payloads := channeltest.Render(t, channel(), blocks.Message{Part: c})
			buttons := 0
			for _, p := range payloads {
				if problem := messengerrules.Check(p.Body); problem != nil {
					t.Errorf("%d cards of %d buttons: %v", cards, count, problem)
				}
				buttons += strings.Count(string(p.Body), `"postback"`)
			}
			if buttons != cards*count {
				t.Errorf("%d cards of %d buttons: %d buttons are left", cards, count, buttons)
			}
		}
	}
}

// spoken reads what is said, but for what stands in for a text, and counts the
// buttons.
func spoken(t *testing.T, payloads []channels.Payload) (said string, buttons int) {
	t.Helper()
	for _, p := range payloads {
		var m struct {
			Text       string `json:"text"`
			Attachment struct {
				Payload struct {
					Text    string            `json:"text"`
					Buttons []json.RawMessage `json:"buttons"`
				} `json:"payload"`
			} `json:"attachment"`
		}
		if err := json.Unmarshal(p.Body, &m); err != nil {
			t.Fatal(err)
		}
		said += m.Text
		if over := m.Attachment.Payload.Text; over != "…" {
			said += over
		}
		buttons += len(m.Attachment.Payload.Buttons)
	}
	return said, buttons
}

// A template goes out by its own route, and nothing stands under it.
func TestRenderTemplate(t *testing.T) {
	t.Parallel()
	made := &blocks.ApprovedTemplate{Name: "order_ready", Language: "vi"}
	payloads := channeltest.Render(t, channel(), blocks.Message{Part: &blocks.Text{Text: "a"}},
		blocks.Message{Part: made, QuickReplies: []blocks.Button{{Title: "b", Action: blocks.ActionSay}}})
	if len(payloads) != 2 || payloads[0].Template || !payloads[1].Template {
		t.Fatalf("got %+v", payloads)
	}
	if strings.Contains(string(payloads[1].Body), "quick_replies") || len(payloads[1].Warnings) != 1 {
		t.Errorf("the quick reply stands under the template: %+v", payloads[1])
	}
}
