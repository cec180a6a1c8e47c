package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// Somebody has counted three people and starts for three; meanwhile a file of
// forty came in. Nothing goes out before a person has said that it may, by the
// API, the command line and the page alike.
func TestTenTimesAsManyAsEstimated(t *testing.T) {
	const asks = "the audience is 43 people, more than ten times the 3 that were expected: resume to send it to them, or cancel"
	each(t, func(t *testing.T, w *world) {
		few := w.crowd(3)
		status, e := w.calls(http.MethodPost, w.path("/audience/estimate"), w.token, `{"audience":{"all":true}}`)
		if status != http.StatusOK || e["reached"] != 3.0 {
			t.Fatalf("the estimate: %d %v", status, e)
		}
		counted := w.cli("audience", "estimate", "--all")
		if !strings.HasPrefix(counted, "3 people; 3 ") {
			t.Errorf("the estimate of the command line: %s", counted)
		}
		byAPI, byCommand, canceled := w.says("By API"), w.says("By command"), w.says("Never")
		everybody := append(w.crowd(40), few...)

		status, b := w.calls(http.MethodPost, w.path("/broadcasts/"+byAPI+"/start"), w.token, fmt.Sprintf(`{"expected":%v}`, e["reached"]))
		if status != http.StatusOK {
			t.Fatalf("starting: %d %v", status, b)
		}
		if got := w.stands(byAPI, "paused", "more than ten times"); got != asks {
			t.Errorf("it asks %q", got)
		}
		if n := w.told(everybody, "By API"); n != 0 {
			t.Fatalf("%d people got it before somebody was asked", n)
		}
		if sum := w.sum(byAPI); sum != "43 = 43 held" {
			t.Errorf("while it asks the sum is %s", sum)
		}
		if status, b := w.calls(http.MethodPost, w.path("/broadcasts/"+byAPI+"/resume"), w.token, ""); status != http.StatusOK {
			t.Fatalf("going on: %d %v", status, b)
		}
		w.stands(byAPI, "finished")
		if n := w.told(everybody, "By API"); n != 43 {
			t.Errorf("%d people got it, want each of 43 once", n)
		}

		out := w.asks("broadcasts", "start", byCommand, "--expect", "3", "--follow")
		if !strings.Contains(out, " is paused: "+asks+"\n43 = 43 held\n") {
			t.Errorf("the command says\n%s", out)
		}
		for _, want := range []string{"blockcast broadcasts resume " + byCommand, "blockcast broadcasts cancel " + byCommand} {
			if !strings.Contains(out, want) {
				t.Errorf("the command does not say how to go on, with %q:\n%s", want, out)
			}
		}
		if shown := w.cli("broadcasts", "show", byCommand); !strings.Contains(shown, asks) || !strings.Contains(shown, "blockcast broadcasts resume "+byCommand) {
			t.Errorf("its page of the command line does not ask:\n%s", shown)
		}
		w.cli("broadcasts", "resume", byCommand)
		w.asks("broadcasts", "follow", byCommand)
		w.stands(byCommand, "finished")
		if n := w.told(everybody, "By command"); n != 43 {
			t.Errorf("%d people got it, want each of 43 once", n)
		}

		w.asks("broadcasts", "start", canceled, "--expect", "3", "--follow")
		w.cli("broadcasts", "cancel", canceled)
		w.stands(canceled, "canceled")
		if n := w.told(everybody, "Never"); n != 0 {
			t.Errorf("%d people got what was canceled instead", n)
		}
	})
}

// asks runs a command that talks to the server: it sees what the server does.
func (w *world) asks(args ...string) string {
	w.t.Helper()
	return w.cli(append(args, "--url", w.base, "--token", w.token)...)
}

// The same in a real browser: the page says how many it is for, and that there
// are ten times as many; one button sends it to them.
func TestThePageAsksBeforeTenTimesAsMany(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := openTab(t)
		few := w.crowd(2)
		id := w.says("On the page")
		b.opens(w.field(w.cli("console", "--json", "--url", w.base, "--token", w.token), "url"))
		b.until(`document.querySelector(".row .subject")?.innerText === "On the page"`)
		b.opens(w.base + "/broadcasts/" + id)
		b.until(`document.getElementById("live").innerText.includes("As things stand 2 of 2 people meant would get it.")`)
		everybody := append(w.crowd(40), few...)
		b.presses("Start now")
		b.until(`location.pathname.endsWith("` + id + `") && document.querySelector("#live .state")?.innerText === "paused"`)
		b.until(`document.getElementById("live").innerText.toLowerCase().includes("the audience is 42 people, more than ten times the 2 that were expected: resume to send it to them, or cancel")`)
		if n := w.told(everybody, "On the page"); n != 0 {
			t.Fatalf("%d people got it before somebody was asked", n)
		}
		b.presses("Go on")
		b.until(`document.querySelector("#live .state")?.innerText === "finished"`)
		if n := w.told(everybody, "On the page"); n != 42 {
			t.Errorf("%d people got it, want each of 42 once", n)
		}
		if !slices.ContainsFunc(b.asks, func(q string) bool { return strings.Contains(q, "Send it to 2 people now?") }) {
			t.Errorf("before it was sent the page asked %q", b.asks)
		}
		b.unharmed()
	})
}
