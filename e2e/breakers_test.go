package e2e_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// A platform that takes the account's token no more pauses the account: its
// people wait, and go on when the account is active again.
func TestARevokedTokenPausesTheAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.foreseen = "account"
		people := w.crowd(20)
		w.must(w.line.SetFaults(sandbox.Fault{Kind: sandbox.Revoked, Account: shop}))
		id := w.says("Sale")
		w.cli("broadcasts", "start", id)
		reason := w.stands(id, "running", "is paused, its people wait", "invalid token")
		status, account := w.calls(http.MethodGet, w.path("/accounts/"+w.account), w.token, "")
		if status != http.StatusOK || account["state"] != "paused" || !strings.Contains(reason, account["name"].(string)) {
			t.Errorf("the account: %d %v, the broadcast says %q", status, account, reason)
		}
		if why, _ := account["reason"].(string); !strings.Contains(why, "invalid token") {
			t.Errorf("the account does not say why it is paused: %v", account)
		}
		if sum := w.sum(id); sum != "20 = 20 queued" {
			t.Errorf("while it waits the sum is %s", sum)
		}

		w.must(w.line.SetFaults())
		if status, a := w.calls(http.MethodPatch, w.path("/accounts/"+w.account), w.token, `{"state":"active"}`); status != http.StatusOK {
			t.Fatalf("activating: %d %v", status, a)
		}
		w.stands(id, "finished")
		if n := w.told(people, "Sale"); n != 20 {
			t.Errorf("%d got it, want each of 20 once", n)
		}
	})
}

// A month's messages that are used up pause it with the day they begin anew.
func TestAUsedUpMonthPausesWithItsEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.foreseen = "broadcast paused"
		people := w.crowd(20)
		w.must(w.line.SetFaults(sandbox.Fault{Kind: sandbox.OverQuota, Account: shop}))
		id := w.says("Sale")
		w.cli("broadcasts", "start", id)
		zone, err := time.LoadLocation(w.zone())
		w.must(err)
		now := time.Now().In(zone)
		anew := time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, zone).Format(time.DateOnly)
		w.stands(id, "paused", "the month's messages of the account", "are used up; they begin anew on "+anew, "You have reached your monthly limit")
		if n := w.told(people, "Sale"); n != 0 {
			t.Errorf("%d got it", n)
		}

		w.must(w.line.SetFaults()) // more were bought
		w.cli("broadcasts", "resume", id)
		w.stands(id, "finished")
		if n := w.told(people, "Sale"); n != 20 {
			t.Errorf("%d got it, want each of 20 once", n)
		}
	})
}

// zone is the bot's.
func (w *world) zone() string {
	w.t.Helper()
	_, bot := w.calls(http.MethodGet, w.path(""), w.token, "")
	zone, _ := bot["time_zone"].(string)
	return zone
}

// Of people most of whom have blocked the account, it says so; somebody lets it
// go on all the same, and the others have it once.
func TestManyWhoBlockedPauseIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.foreseen = "broadcast paused"
		gone, here := w.crowd(120), w.crowd(60)
		w.must(w.line.SetFaults(sandbox.Fault{Kind: sandbox.Refuse, Account: shop, Users: gone}))
		id := w.field(w.cli("broadcasts", "create", "Sale", "--text", "Dear {{ name }}: sale", "--all", "--json"), "id")
		w.cli("broadcasts", "start", id)
		w.stands(id, "paused", "many people cannot be reached", "they have blocked the account, or the list is old; resume to go on all the same")
		for range 5 { // each look at so many pauses it anew
			w.cli("broadcasts", "resume", id)
			if w.over(id) == "finished" {
				break
			}
		}
		w.stands(id, "finished")
		if sum := w.sum(id); sum != "180 = 60 sent + 120 failed" {
			t.Errorf("the sum is %s", sum)
		}
		for _, person := range here {
			if n := len(w.line.AcceptedFor(person)); n != 1 {
				t.Errorf("somebody who is there got it %d times", n)
			}
		}
		out := w.cli("broadcasts", "report", id)
		if !strings.Contains(out, "failed: blocked") {
			t.Errorf("the report does not say why:\n%s", out)
		}
	})
}

// over waits until a broadcast does not run and returns its state.
func (w *world) over(id string) string {
	w.t.Helper()
	for range polls {
		_, b := w.calls(http.MethodGet, w.path("/broadcasts/"+id), w.token, "")
		if state, _ := b["state"].(string); state != "running" {
			return state
		}
		w.pause()
	}
	w.t.Fatal("the broadcast does not end")
	return ""
}

// What the platform does not take pauses it before everybody is used up for a
// mistake in the text.
func TestRefusedContentPausesIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.foreseen = "broadcast paused"
		people := w.crowd(60)
		w.must(w.line.SetFaults(sandbox.Fault{Kind: sandbox.Malformed, Account: shop}))
		id := w.field(w.cli("broadcasts", "create", "Sale", "--text", "Dear {{ name }}: sale", "--all", "--json"), "id")
		w.cli("broadcasts", "start", id)
		w.stands(id, "paused", "the platform refuses what is said", "look at a refused recipient, put it right, and resume")
		failed := w.cli("broadcasts", "recipients", id, "--outcome", "failed", "--csv")
		if !strings.Contains(failed, "content") || !strings.Contains(failed, "invalid") {
			t.Errorf("a refused recipient does not say why:\n%s", failed)
		}
		w.must(w.line.SetFaults())
		w.cli("broadcasts", "cancel", id)
		w.stands(id, "canceled")
		if n := w.told(people, "Sale"); n != 0 {
			t.Errorf("%d got it", n)
		}
	})
}
