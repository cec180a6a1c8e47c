package broadcast_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
)

// What is still to be sent, and segments, tell what they name: so that nobody
// takes it from under them unwarned.
func TestWhatBroadcastsAndSegmentsName(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		ctx := t.Context()
		must(t, h.db.DeclareAttribute(ctx, engine.Attribute{BotID: h.bot.ID, Name: "city", Type: "text"}))
		must(t, h.db.DeclareAttribute(ctx, engine.Attribute{BotID: h.bot.ID, Name: "points", Type: "number"}))
		_, hello, err := libraryOf(h).Find("hello")
		must(t, err)

		winter := plan()
		winter.Subject, winter.When = "Winter", engine.When{At: "2026-11-21T12:00"}
		winter.Content.Block = "Hello"
		winter.Audience = engine.Audience{Segment: "Taipei", Exclude: &engine.Audience{Where: `points > 5 or "VIP" in tags`}}
		winter.Tags = []string{"Told of  Winter"}
		winter.Attributes = map[string]any{"told": true}
		must(t, h.db.CreateSegment(ctx, engine.Segment{ID: h.Deps.NewID(), BotID: h.bot.ID, Name: "Taipei", Audience: engine.Audience{Where: `city == "Taipei" and tagged_at("New") > now - duration("7d")`}, CreatedAt: h.clock.Now(), UpdatedAt: h.clock.Now()}))
		h.scheduled(winter)

		own := plan()
		own.Subject, own.When = "Own words", engine.When{At: "2026-11-21T12:30"}
		own.Content = engine.Content{Messages: json.RawMessage(`[{"type": "text", "text": "Still in {{ city }}?", "buttons": [{"title": "Yes", "goto": "survey"}]}]`)}
		h.scheduled(own)
		_, err = h.Create(ctx, h.bot.ID, plan()) // a draft is nobody's loss
		must(t, err)
		_, survey, err := libraryOf(h).Find("survey")
		must(t, err)

		got, err := h.Dependents(ctx, h.bot.ID)
		must(t, err)
		want := []flows.Dependent{
			{What: `scheduled broadcast "Winter"`, Blocks: []flows.Naming{{ID: hello.ID, As: "Hello"}}, Attributes: []string{"points", "told"}, Tags: []string{"told of winter", "vip"}},
			{What: `scheduled broadcast "Own words"`, Blocks: []flows.Naming{{ID: survey.ID, As: "survey"}}, Attributes: []string{"city"}},
			{What: `segment "Taipei"`, Attributes: []string{"city"}, Tags: []string{"new"}},
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}

// libraryOf is what the harness's bot has published.
func libraryOf(h *harness) *engine.Library {
	h.t.Helper()
	l, err := h.Libraries.Library(h.t.Context(), h.bot.ID)
	must(h.t, err)
	return l
}

// A message of a broadcast's own shows what the bot keeps, and nothing else.
func TestAPictureTheBotDoesNotKeep(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		const lost = "media:0123456789abcdef0123456789abcdef"
		p := plan()
		p.Content = engine.Content{Messages: json.RawMessage(`[{"type": "image", "url": "` + lost + `"}]`)}
		_, err := h.Create(t.Context(), h.bot.ID, p)
		refused(t, err, "content.messages[0].url")
	})
}
