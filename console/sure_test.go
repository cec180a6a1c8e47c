package console_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var (
	forms  = regexp.MustCompile(`(?s)<form [^>]*action="([^"]*)"[^>]*>.*?</form>`)
	inputs = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
	button = regexp.MustCompile(`<button class="[^"]*"(?: name="([^"]*)" value="([^"]*)")?>([^<]*)</button>`)
)

// press does what a browser without scripts does with a button of a page.
func (b *browser) press(page, says string) answer {
	b.h.t.Helper()
	for _, f := range forms.FindAllStringSubmatch(page, -1) {
		of := button.FindStringSubmatch(f[0])
		if of == nil || of[3] != says {
			continue
		}
		sent := url.Values{}
		for _, i := range inputs.FindAllStringSubmatch(f[0], -1) {
			sent.Set(i[1], html.UnescapeString(i[2]))
		}
		if of[1] != "" {
			sent.Set(of[1], html.UnescapeString(of[2]))
		}
		return b.do(http.MethodPost, f[1], sent)
	}
	b.h.t.Fatalf("no button %q on %s", says, page)
	return answer{}
}

// Buttons that ask do so without the page's script, too, and lose nothing of
// what they were to send.
func TestButtonsAskWithoutAScript(t *testing.T) {
	for _, c := range []struct {
		says, asks, before, after string
		steps                     []string // buttons that are pressed before it
	}{
		{says: "Start now", asks: "Send it to 2 people now?", before: "draft", after: "running"},
		{says: "Send what was checked", asks: "Send it to 2 people now?", before: "draft", after: "running", steps: []string{"Check it"}},
		{says: "Cancel", asks: "Cancel it for good? What has not gone out will not.", before: "running", after: "canceled", steps: []string{"Start now", "Yes"}},
		{says: "Delete", asks: "Delete this draft for good?", before: "draft"},
	} {
		t.Run(c.says, func(t *testing.T) {
			h := newHarness(t)
			h.people(2)
			b := h.enter(h.bot)
			at := b.write()
			page := b.get(at).body
			for _, says := range c.steps {
				if page = b.press(page, says).body; says == "Check it" {
					h.work()
				}
				if page == "" {
					page = b.get(at).body
				}
			}
			asked := b.press(page, c.says)
			if asked.status != http.StatusOK || !strings.Contains(asked.body, "<h1>"+c.asks+"</h1>") || strings.Contains(asked.body, nasty) {
				t.Fatalf("it is answered with %d %s", asked.status, asked.body)
			}
			if !strings.Contains(b.get(at).body, `class="state `+c.before+`"`) {
				t.Fatalf("it was done before somebody said yes: %s", b.get(at).body)
			}
			if !strings.Contains(asked.body, `href="`+at+`">No, go back</a>`) {
				t.Errorf("there is no way back: %s", asked.body)
			}
			done := b.press(asked.body, "Yes")
			if done.status != http.StatusSeeOther {
				t.Fatalf("saying yes is answered with %d %s", done.status, done.body)
			}
			shown := b.get(at)
			if c.after == "" && shown.status != http.StatusNotFound || c.after != "" && !strings.Contains(shown.body, `class="state `+c.after+`"`) {
				t.Errorf("it is not done: %d %s", shown.status, shown.body)
			}
		})
	}
}

// What was asked about is what happens: the number on the first page is carried
// past the question.
func TestAQuestionCarriesWhatThePageTold(t *testing.T) {
	h := newHarness(t)
	h.people(2)
	b := h.enter(h.bot)
	at := b.write()
	page := b.get(at).body
	h.people(30)
	asked := b.press(page, "Start now")
	if got := carried(asked.body, "expected"); got != "2" || !strings.Contains(asked.body, "Send it to 2 people now?") {
		t.Errorf("the question carries %q: %s", got, asked.body)
	}
	b.press(asked.body, "Yes")
	h.work()
	if shown := b.get(at).body; !strings.Contains(shown, `class="state paused"`) {
		t.Errorf("thirty got what was for two: %s", shown)
	}
}

func TestNobodyIsAskedAboutAnothersBroadcast(t *testing.T) {
	h := newHarness(t)
	h.people(1)
	b := h.enter(h.bot)
	at := b.write()
	other := h.enter(h.other)
	if got := other.post(at+"/cancel", url.Values{"asks": {"Cancel it?"}}); got.status != http.StatusNotFound {
		t.Errorf("another bot's person is asked: %d", got.status)
	}
}
