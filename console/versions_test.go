package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
)

func TestEditing(t *testing.T) {
	h := newHarness(t)
	b := h.enter(h.bot)
	at := b.write("category", "news", "when", "at", "at", "2026-12-24T09:00", "zone", "Asia/Taipei", "first", "10")
	form := b.get(at + "/edit").body
	for _, want := range []string{`value="2026-12-24T09:00"`, `value="Asia/Taipei"`, `name="first" inputmode="numeric" value="10"`, `value="news"`} {
		if !strings.Contains(form, want) {
			t.Errorf("the form lost %s", want)
		}
	}
	if got := b.post(at+"/edit", written("subject", "Changed")); got.status != http.StatusSeeOther {
		t.Fatalf("saving: %d %s", got.status, got.body)
	}
	if got := b.post(at+"/edit", written("subject", "Changed by another")); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "read it again") {
		t.Errorf("saving what was read at an older version: %d", got.status)
	}
	if body := b.get(at).body; !strings.Contains(body, "Changed") || strings.Contains(body, "Asia/Taipei") {
		t.Error("what was changed is not there")
	}
}

func TestVersionsOfWhatWasChanged(t *testing.T) {
	h := newHarness(t)
	b := h.enter(h.bot)
	at := b.write("subject", "First")
	if body := b.get(at).body; strings.Contains(body, "Its versions") {
		t.Error("what nobody changed has a list of versions")
	}
	h.clock.Pass(time.Hour)
	b.get(at + "/edit")
	if got := b.post(at+"/edit", written("subject", "Second", "category", "news")); got.status != http.StatusSeeOther {
		t.Fatalf("saving: %d %s", got.status, got.body)
	}
	body := b.get(at).body
	for _, want := range []string{"Its versions", "<b>2</b> 21 Nov 2026, 11:00, by broadcasts of " + h.bot.ID, "changed: the category, the subject", "<b>1</b> 21 Nov 2026, 10:00, by broadcasts of"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if strings.Contains(body, "not kept") {
		t.Error("it says that versions are missing")
	}
	must(t, h.db.EditBroadcast(t.Context(), &engine.Broadcast{ID: strings.TrimPrefix(at, "/broadcasts/"), BotID: h.bot.ID, Version: 2, State: engine.BroadcastDraft, Plan: engine.Plan{Subject: "Third"}, UpdatedAt: h.clock.Now()}))
	if body := b.get(at).body; !strings.Contains(body, "<b>3</b> 21 Nov 2026, 11:00<small>") {
		t.Error("a version of which nobody knows who wrote it is not there, or tells a name")
	}
	_, err := h.db.Prune(t.Context(), h.clock.Now().AddDate(2, 0, 0), 100)
	must(t, err)
	if body := b.get(at).body; !strings.Contains(body, "Versions 1 to 2 are not kept") {
		t.Error("it does not say which versions are gone")
	}
}
