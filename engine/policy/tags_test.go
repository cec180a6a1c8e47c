package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
)

func TestTag(t *testing.T) {
	t.Parallel()
	before := time.Date(2026, 4, 26, 23, 59, 0, 0, time.UTC)
	tests := []struct {
		product, tag string
		at           time.Time
		intent       engine.Intent
		inWindow     bool
		warned       string
	}{
		{policy.AhaChat, "", now, engine.IntentUtility, false, ""},
		{policy.AhaChat, "NON_PROMOTIONAL_SUBSCRIPTION", now, engine.IntentUtility, false, "tag_ended"},
		{policy.AhaChat, "CONFIRMED_EVENT_UPDATE", now, engine.IntentUtility, false, "tag_ended"},
		{policy.AhaChat, "CONFIRMED_EVENT_UPDATE", before, engine.IntentUtility, false, ""},
		{policy.Chatfuel, " post_purchase_update ", now, engine.IntentUtility, false, "tag_ended"},
		{policy.Chatfuel, "UPDATE", now, engine.IntentInWindow, true, ""},
		{policy.Chatfuel, "HUMAN_AGENT", now, engine.IntentAgent, false, ""},
		{policy.BotBonnie, "ACCOUNT_UPDATE", now, engine.IntentUtility, false, "tag_ended"},
		{policy.BotBonnie, "UPDATE", now, engine.IntentInWindow, true, ""},
		{policy.BotBonnie, "SHIPPING_UPDATE", now, engine.IntentUtility, false, "tag_unknown"},
		{"", "SHIPPING_UPDATE", now, engine.IntentUtility, false, "tag_ended"},
		{"", strings.Repeat("ữ", 100), now, engine.IntentUtility, false, "tag_unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.product+" "+tt.tag, func(t *testing.T) {
			t.Parallel()
			intent, inWindow, warning := policy.Tag(tt.product, tt.tag, tt.at)
			code, _, _ := strings.Cut(warning, ":")
			if intent != tt.intent || inWindow != tt.inWindow || code != tt.warned {
				t.Errorf("got %s, %v, %q", intent, inWindow, warning)
			}
			if len(warning) > 300 {
				t.Errorf("the warning is %d bytes long", len(warning))
			}
		})
	}
}

// TestMessageTags holds that the table tells of every tag all that is shown.
func TestMessageTags(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, tag := range policy.MessageTags(now) {
		if seen[tag.Tag] {
			t.Errorf("%s is listed twice", tag.Tag)
		}
		seen[tag.Tag] = true
		if tag.Meaning == "" || tag.Now == "" || tag.Intent == "" || len(tag.Products) == 0 {
			t.Errorf("%s is not told whole: %+v", tag.Tag, tag)
		}
		if tag.InWindow != (tag.Intent == engine.IntentInWindow) {
			t.Errorf("%s: intent %s, in the window only %v", tag.Tag, tag.Intent, tag.InWindow)
		}
		if (tag.EndedOn != "") != strings.Contains(tag.Now, "warning") {
			t.Errorf("%s ended on %q and is %s", tag.Tag, tag.EndedOn, tag.Now)
		}
	}
	if len(seen) < 20 {
		t.Errorf("only %d tags", len(seen))
	}
}
