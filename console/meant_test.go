package console_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/engine"
)

// carried is the value of a field that a page's form carries unseen.
func carried(page, name string) string {
	_, rest, _ := strings.Cut(page, `name="`+name+`" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// Somebody starts what the page said is for two people. Meanwhile there are
// thirty: nothing goes out before they say so.
func TestTenTimesAsManyAsThePageSaid(t *testing.T) {
	h := newHarness(t)
	h.people(2)
	b := h.enter(h.bot)
	at := b.write("when", "at", "at", "2026-12-24T09:00", "zone", "UTC")
	page := b.get(at).body
	if !strings.Contains(page, "As things stand 2 of 2 people meant would get it.") || !strings.Contains(page, `name="asks" value="Send it to 2 people now?"`) {
		t.Errorf("the page does not say how many it is for: %s", page)
	}
	h.people(30)
	if got := b.post(at+"/start", url.Values{"expected": {carried(page, "expected")}}); got.status != http.StatusSeeOther {
		t.Fatalf("starting: %d %s", got.status, got.body)
	}
	h.work()
	page = html.UnescapeString(b.get(at).body)
	for _, want := range []string{`class="state paused"`, "the audience is 30 people, more than ten times the 2 that were expected: resume to send it to them, or cancel", ">Go on<", ">Cancel<"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if n := len(h.platform.Made()); n != 0 {
		t.Fatalf("%d went out before somebody was asked", n)
	}
	if got := b.post(at+"/resume", nil); got.status != http.StatusSeeOther {
		t.Fatalf("going on: %d %s", got.status, got.body)
	}
	h.work()
	if page := b.get(at).body; !strings.Contains(page, `class="state finished"`) || !strings.Contains(page, "30 sent") {
		t.Errorf("it did not go on: %s", page)
	}
}

// As many as it said, and a few more, are no reason to ask.
func TestAboutAsManyAsThePageSaid(t *testing.T) {
	h := newHarness(t)
	h.people(2)
	b := h.enter(h.bot)
	at := b.write()
	page := b.get(at).body
	h.people(20)
	b.post(at+"/start", url.Values{"expected": {carried(page, "expected")}})
	h.work()
	if page := b.get(at).body; !strings.Contains(page, `class="state finished"`) {
		t.Errorf("it asked: %s", page)
	}
}

// A number nobody can have seen is none; a broadcast whose people cannot be
// counted has a page all the same.
func TestWhoIsMeantIsNotKnown(t *testing.T) {
	h := newHarness(t)
	h.people(1)
	b := h.enter(h.bot)
	at := b.write()
	for _, wrong := range []string{"", "many", "-4", "99999999999999999999"} {
		again := b.write()
		if got := b.post(again+"/start", url.Values{"expected": {wrong}}); got.status != http.StatusSeeOther {
			t.Errorf("expecting %q: %d", wrong, got.status)
		}
	}
	plan := engine.Plan{Subject: "Gone", Content: engine.Content{Block: "hello"}, Audience: engine.Audience{Segment: "nowhere"}}
	must(t, h.db.EditBroadcast(t.Context(), &engine.Broadcast{ID: strings.TrimPrefix(at, "/broadcasts/"), BotID: h.bot.ID, Version: 1, State: engine.BroadcastDraft, Plan: plan, UpdatedAt: h.clock.Now()}))
	got := b.get(at)
	if got.status != http.StatusOK || strings.Contains(got.body, "As things stand") || !strings.Contains(got.body, "Start now") {
		t.Errorf("a broadcast whose segment is gone: %d %s", got.status, got.body)
	}
}
