package broadcast_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/engine"
)

func messages(steps ...string) engine.Content {
	return engine.Content{Messages: json.RawMessage("[" + strings.Join(steps, ",") + "]")}
}

func TestMessagesOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(3)
		p := plan()
		p.Content = messages(`{"type": "text", "text": "Dear {{ first_name }} of {{ city ?? 'nowhere' }},"}`, `{"type": "module", "module": "hello"}`)
		b, r := h.started(p)
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 3})
		h.state(b, engine.BroadcastFinished)
		if got := h.platform.heard["U001"]; len(got) != 2 || got[0] != "Dear P1 of nowhere," || got[1] != "Hello P1!" {
			t.Errorf("one heard %q", got)
		}
	})
}

func TestMessagesThatCannotBe(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		for field, c := range map[string]engine.Content{
			"content":                                    {Block: "hello", Messages: json.RawMessage(`[]`)},
			"content.messages":                           {Messages: json.RawMessage(`{}`)},
			"content.messages[1].text":                   messages(`{"type": "text", "text": "a"}`, `{"type": "text", "text": "{{ frist_name }}"}`),
			"content.messages[0].module":                 messages(`{"type": "module", "module": "helo"}`),
			"content.messages[0]":                        messages(`{"type": "ask", "text": "Which?", "expect": "text", "save_to": "city"}`),
			"content.messages[0].buttons[0].goto":        messages(`{"type": "text", "text": "a", "buttons": [{"title": "b", "goto": "nowhere"}]}`),
			"content.template":                           {Template: json.RawMessage(`{"language": "en"}`)},
			"content.messages[0] without a text":         messages(`{"type": "text"}`),
			"content.messages of six, which is too many": messages(`1`, `2`, `3`, `4`, `5`, `6`),
		} {
			p := plan()
			p.Content = c
			_, err := h.Create(t.Context(), h.bot.ID, p)
			t.Log(err)
			field, _, _ = strings.Cut(field, " ")
			refused(t, err, field)
		}
	})
}

func TestSayingHowToUnsubscribe(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(1)
		h.rules(engine.BroadcastSettings{Unsubscribe: engine.Unsubscribing{Text: "Reply STOP {{ to end }} this", Required: true}})
		_, err := h.Create(t.Context(), h.bot.ID, plan())
		refused(t, err, "unsubscribe")
		p := plan()
		p.Unsubscribe = true
		h.started(p)
		h.work()
		if got := h.platform.heard["U000"]; len(got) != 2 || got[0] != "Hello P0!" || got[1] != "Reply STOP { { to end }} this" {
			t.Errorf("heard %q", got)
		}
		p.Content.Block, p.AllowQuestions = "survey", true
		_, err = h.Create(t.Context(), h.bot.ID, p)
		refused(t, err, "content.block")
		p = plan()
		p.Intent = engine.IntentUtility
		_, err = h.Create(t.Context(), h.bot.ID, p)
		must(t, err)
	})
}

func TestABlockDeletedAfterScheduling(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(2)
		p := plan()
		p.When = engine.When{At: "2026-11-21T12:00"}
		b := h.scheduled(p)
		h.publishAgain(1, `{"format": 1, "flow": "news", "modules": [{"name": "other", "steps": [{"type": "text", "text": "Other"}]}]}`)
		h.at("2026-11-21T04:00:05Z")
		h.state(b, engine.BroadcastMissed)
		now, err := h.db.Broadcast(t.Context(), h.bot.ID, b.ID)
		must(t, err)
		if !strings.Contains(now.Reason, `"hello"`) {
			t.Errorf("the reason does not name the block: %s", now.Reason)
		}
		if h.heard() != 0 {
			t.Error("somebody heard something")
		}
	})
}

func TestAnApprovedTemplateIsAContent(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		p := plan()
		p.Content = engine.Content{Template: json.RawMessage(`{"name": "order_update", "language": "zh_TW", "body": ["{{ first_name }}"]}`)}
		_, err := h.Create(t.Context(), h.bot.ID, p)
		must(t, err)
	})
}
