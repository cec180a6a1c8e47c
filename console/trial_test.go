package console_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/engine"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func TestATestGoesToAFew(t *testing.T) {
	h := newHarness(t)
	h.people(12)
	h.leaves(3)
	b := h.enter(h.bot)
	at := b.write()
	got := b.post(at+"/test", url.Values{"to": {"P11\n\n P3 "}})
	if got.status != http.StatusOK || strings.Count(got.body, "on its way") != 2 {
		t.Errorf("%d %s", got.status, got.body)
	}
	if body := b.get(at).body; !strings.Contains(body, `class="state draft"`) || !strings.Contains(body, "Nobody has checked it yet") {
		t.Error("a test is more than a test")
	}
	for to, says := range map[string]string{
		"":                           "Say who gets the test",
		"nobody here":                "Nobody is known here by",
		"#99999":                     "Nobody is known here by",
		"P1":                         "More than one person",
		"P3\nP4\nP5\nP6\nP7\nP8\nP9": "at most 5 people",
	} {
		if got := b.post(at+"/test", url.Values{"to": {to}}); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, says) || !strings.Contains(got.body, `id="to-wrong"`) {
			t.Errorf("to %q: %d", to, got.status)
		}
	}
	if got := h.enter(h.other).post(at+"/test", url.Values{"to": {"P3"}}); got.status != http.StatusNotFound {
		t.Errorf("another bot's: %d", got.status)
	}
}

func TestALockedWay(t *testing.T) {
	h := newHarness(t)
	h.people(2)
	account := "acc" + h.bot.ID[3:]
	must(t, h.db.LockRoute(t.Context(), &engine.RouteLock{ID: "lock1", BotID: h.bot.ID, AccountID: account, Intent: engine.IntentUtility, Reason: "reads like promotion " + nasty,
		Hits: []engine.Hit{{Found: "50% off", Text: "now 50% off " + nasty}}, LockedAt: h.clock.Now()}))
	b := h.enter(h.bot)
	at := b.write("intent", "utility")
	body := b.get(at).body
	if !strings.Contains(body, "may not send this") || !strings.Contains(body, "50% off") || strings.Contains(body, nasty) || strings.Contains(body, "Unlock it") {
		t.Errorf("the lock: %s", body)
	}
	if body := b.get(b.write()).body; strings.Contains(body, "may not send this") {
		t.Error("promotion is shown a lock of another intent")
	}
	if got := b.post(at+"/locks/lock1", url.Values{"note": {"It is about an order."}}); got.status != http.StatusForbidden || !strings.Contains(got.body, "console --admin") {
		t.Errorf("unlocking as a sender: %d", got.status)
	}
	admin := h.enterAs(h.bot, engine.ScopeAdmin)
	if !strings.Contains(admin.get(at).body, "Unlock it") {
		t.Error("who administers the bot cannot unlock")
	}
	if got := admin.post(at+"/locks/lock1", url.Values{"note": {" "}}); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "what you looked at") {
		t.Errorf("without a note: %d", got.status)
	}
	if got := h.enterAs(h.other, engine.ScopeAdmin).post(at+"/locks/lock1", url.Values{"note": {"Mine."}}); got.status != http.StatusNotFound {
		t.Errorf("another bot's: %d", got.status)
	}
	if got := admin.post(at+"/locks/lock1", url.Values{"note": {"It is about an order."}}); got.status != http.StatusSeeOther {
		t.Fatalf("unlocking: %d %s", got.status, got.body)
	}
	locks, err := h.broadcasts.Locks(t.Context(), h.bot.ID, true)
	must(t, err)
	if len(locks) != 1 || locks[0].Note != "It is about an order." || !strings.HasPrefix(locks[0].UnlockedBy, "admin of") {
		t.Errorf("%+v", locks)
	}
	if strings.Contains(admin.get(at).body, "may not send this") {
		t.Error("it is locked still")
	}
}
