package e2e_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// In a real browser somebody signs in by a link, writes a broadcast, mends a
// mistake beside its field, checks it, sends it, and watches its bar fill.
func TestTheBroadcastsPageInABrowser(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := openTab(t)
		mai, lin := w.knows(0), w.knows(1)
		link := w.field(w.cli("console", "--json", "--url", w.base, "--token", w.token), "url")
		b.opens(w.base + "/broadcasts/sign-in")
		b.until(`document.getElementById("sign-in")`)
		b.opens(link) // in the same tab: it comes without a reload
		b.presses("New broadcast")

		b.presses("Save and check")
		b.until(`document.activeElement.id === "subject" && document.getElementById("subject-wrong")`)
		b.types("subject", "Chủ nhật 星期日")
		b.clicks(`input[name=who][value=where]`)
		b.types("where", `channel == "line`)
		b.until(`document.querySelector("#reach .wrong")`)
		b.types("where", `channel == "line"`)
		b.until(`document.querySelector("#reach b")?.innerText === "2 people"`)
		b.clicks(`input[name=says][value=messages]`)
		b.types("m0t", "Dear {{ name }}, we are open on Sundays.")
		b.until(`document.querySelector("#preview .chat")?.innerText.includes("Dear Mai")`)
		b.clicks(`#preview .flip button:last-of-type`)
		b.until(`document.querySelector("#preview .chat")?.innerText.includes("Dear 小華")`)
		b.presses("Save and check")

		b.presses("Check it")
		b.until(`document.querySelector(".report .big")?.innerText.startsWith("2 of 2 people")`)
		w.must(w.line.SetFaults(sandbox.Fault{Kind: sandbox.Latency, Account: shop, Endpoint: sandbox.LINEPush, Min: sandbox.Duration(3 * time.Second)}))
		b.presses("Send what was checked")
		const filled = `[...document.querySelectorAll("#live rect.part:not(.open)")].reduce((sum, r) => sum + +r.getAttribute("width"), 0)`
		b.until(`document.querySelector("#live .state")?.innerText === "running" && ` + filled + ` === 0 && (window.stayed = true)`)
		b.until(`window.stayed && document.querySelector("#live .state")?.innerText === "finished" && ` + filled + ` === 1000`)
		if sum := b.until(`document.querySelector(".sum")?.innerText`); sum != "2 = 0 read + 0 delivered + 2 sent + 0 unknown + 0 failed + 0 skipped + 0 canceled + 0 open" {
			t.Errorf("the sum is %s", sum)
		}
		for person, text := range map[string]string{mai: "push: Dear Mai, we are open on Sundays.", lin: "push: Dear 小華, we are open on Sundays."} {
			if got := said(w.line.AcceptedFor(person)); len(got) == 0 || got[len(got)-1] != text {
				t.Errorf("somebody heard %q", got)
			}
		}

		b.until(`document.querySelector(".report a[href*=recipients]").click() ?? true`)
		b.until(`document.querySelectorAll(".people .dot.sent").length === 2`)
		if !slices.ContainsFunc(b.asks, func(q string) bool { return strings.Contains(q, "Send it to 2 people now?") }) {
			t.Errorf("before it was sent the page asked %q", b.asks)
		}
		b.unharmed()
	})
}
