package console_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// written is a form that is right.
func written(change ...string) url.Values {
	f := url.Values{"subject": {"News " + nasty}, "who": {"all"}, "says": {"block"}, "block": {"hello"}, "intent": {"promotional"}, "when": {"hand"}, "version": {"1"}}
	for i := 0; i < len(change); i += 2 {
		f.Set(change[i], change[i+1])
	}
	return f
}

// write makes a draft and returns where it is.
func (b *browser) write(change ...string) string {
	b.h.t.Helper()
	got := b.post("/broadcasts/new", written(change...))
	if got.status != http.StatusSeeOther {
		b.h.t.Fatalf("writing: %d %s", got.status, got.body)
	}
	return got.header.Get("Location")
}

func TestABroadcastFromItsFirstWordToItsReport(t *testing.T) {
	h := newHarness(t)
	h.people(3)
	b := h.enter(h.bot)
	if body := b.get("/broadcasts").body; !strings.Contains(body, "Write the first broadcast") {
		t.Error("an empty list does not say how to begin")
	}
	at := b.write("tags", "told,  twice ")
	draft := b.get(at)
	for _, want := range []string{"Start now", "Change it", "Everyone", "The module hello", ">twice<", "draft"} {
		if !strings.Contains(draft.body, want) {
			t.Errorf("a draft does not show %q", want)
		}
	}
	if got := b.post(at+"/pause", nil); got.status != http.StatusConflict || !strings.Contains(got.body, `role="alert"`) {
		t.Errorf("pausing a draft: %d", got.status)
	}
	if got := b.post(at+"/start", nil); got.status != http.StatusSeeOther {
		t.Fatalf("starting: %d %s", got.status, got.body)
	}
	if got := b.post(at+"/start", nil); got.status != http.StatusConflict {
		t.Errorf("starting twice: %d", got.status)
	}
	running := b.get(at)
	if !strings.Contains(running.body, `data-live="`+at+`/progress"`) || !strings.Contains(running.body, "Pause") {
		t.Error("a running broadcast is not looked at again, or cannot be paused")
	}
	h.work()
	progress := b.get(at + "/progress")
	for _, want := range []string{"3 = 0 read + 0 delivered + 3 sent + 0 unknown + 0 failed + 0 skipped + 0 canceled + 0 open", "finished", `data-live=""`, "LINE does not tell"} {
		if !strings.Contains(html.UnescapeString(progress.body), want) {
			t.Errorf("the progress does not show %q", want)
		}
	}
	if strings.Contains(progress.body, "<html") {
		t.Error("the progress is a whole page")
	}
	people := b.get(at + "/recipients?outcome=accepted")
	if strings.Count(people.body, "P0 ") != 1 || strings.Count(people.body, `<span class="dot sent">`) != 3 {
		t.Errorf("the people: %s", people.body)
	}
	if got := b.get(at + "/recipients?outcome=failed"); !strings.Contains(got.body, "Nobody.") {
		t.Errorf("those it failed for: %s", got.body)
	}
	if got := b.get(at + "/recipients?outcome=nonsense"); got.status != http.StatusNotFound {
		t.Errorf("an outcome there is not: %d", got.status)
	}
	if got := b.post(at+"/again", nil); got.status != http.StatusConflict {
		t.Errorf("again to nobody: %d", got.status)
	}
	if got := b.get(at + "/edit"); got.status != http.StatusSeeOther {
		t.Errorf("changing what has gone out: %d", got.status)
	}
}

func TestACheckIsWhatIsSent(t *testing.T) {
	h := newHarness(t)
	h.people(3)
	b := h.enter(h.bot)
	at := b.write()
	if body := b.get(at).body; !strings.Contains(body, "Nobody has checked it yet") {
		t.Error("it does not say that nothing was checked")
	}
	if got := b.post(at+"/check", nil); got.status != http.StatusSeeOther {
		t.Fatalf("checking: %d %s", got.status, got.body)
	}
	if body := b.get(at).body; !strings.Contains(body, `data-live="`+at+`/progress"`) {
		t.Error("a check that is being made is not looked at again")
	}
	h.work()
	checked := b.get(at).body
	for _, want := range []string{"<b>3</b> of 3 people would get it", "Send what was checked", "Check again", "Hello P", "paid by the message"} {
		if !strings.Contains(checked, want) {
			t.Errorf("the check does not show %q", want)
		}
	}
	_, rest, _ := strings.Cut(checked, `name="prepared_id" value="`)
	prepared, _, _ := strings.Cut(rest, `"`)
	if got := b.post(at+"/start", url.Values{"prepared_id": {"nonsense"}}); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a check there is not: %d", got.status)
	}
	if got := b.post(at+"/start", url.Values{"prepared_id": {prepared}}); got.status != http.StatusSeeOther {
		t.Fatalf("starting it: %d %s", got.status, got.body)
	}
	h.work()
	if body := b.get(at).body; !strings.Contains(body, "3 of 3 reached") {
		t.Error("what was checked has not gone out")
	}
	changed := b.write()
	b.post(changed+"/check", nil)
	h.work()
	b.post(changed+"/edit", written("subject", "Other"))
	if body := b.get(changed).body; strings.Contains(body, "Send what was checked") {
		t.Error("an older check can be sent after a change")
	}
}

func TestReach(t *testing.T) {
	h := newHarness(t)
	h.people(3)
	b := h.enter(h.bot)
	if got := b.post("/broadcasts/reach", written()); !strings.Contains(got.body, "<b>3 people</b>, of whom 3 would get it") {
		t.Errorf("everyone: %d %s", got.status, got.body)
	}
	if got := b.post("/broadcasts/reach", written("who", "where", "where", `first_name == "P1"`)); !strings.Contains(got.body, "<b>1 person</b>") {
		t.Errorf("some: %d %s", got.status, got.body)
	}
	if got := b.post("/broadcasts/reach", written("who", "where", "where", `first_nam == "P1"`)); !strings.Contains(got.body, "At letter 1") {
		t.Errorf("a mistake: %d %s", got.status, got.body)
	}
	if got := b.post("/broadcasts/reach", written("who", "where", "where", `<script>`)); strings.Contains(got.body, "<script>") {
		t.Errorf("what was typed: %s", got.body)
	}
}

func TestScheduling(t *testing.T) {
	h := newHarness(t)
	h.people(2)
	b := h.enter(h.bot)
	at := b.write("when", "at", "at", "2026-12-24T09:00", "zone", "Asia/Ho_Chi_Minh")
	if got := b.post(at+"/schedule", nil); got.status != http.StatusSeeOther {
		t.Fatalf("scheduling: %d %s", got.status, got.body)
	}
	if body := b.get(at).body; !strings.Contains(body, "starts 24 Dec 2026, 09:00") {
		t.Errorf("it does not say when it starts: %s", body)
	}
	b.post(at+"/check", nil)
	h.work()
	if body := b.get(at).body; !strings.Contains(body, "Check again") || strings.Contains(body, "Check it") {
		t.Error("what was checked is to be checked, and not again")
	}
	if got := b.post(at+"/cancel", nil); got.status != http.StatusSeeOther {
		t.Fatalf("canceling: %d", got.status)
	}
	if body := b.get(at).body; !strings.Contains(body, `class="state canceled"`) {
		t.Error("it is not canceled")
	}
}

func TestWhatCannotBe(t *testing.T) {
	h := newHarness(t)
	b := h.enter(h.bot)
	for name, c := range map[string]struct {
		change []string
		says   string
		at     string // the field beside which it is said
	}{
		"no subject":          {[]string{"subject", " "}, "subject", "subject"},
		"no block":            {[]string{"block", ""}, "Choose the block", "block"},
		"another block":       {[]string{"block", "helo"}, "helo", "block"},
		"a long category":     {[]string{"category", "abcdefghijklmnopqrstu"}, "20 characters", "category"},
		"no expression":       {[]string{"who", "where"}, "Write who is meant", "where"},
		"no number":           {[]string{"first", "many"}, "no number above 0", "first"},
		"nobody":              {[]string{"first", "-1"}, "no number above 0", "first"},
		"no time":             {[]string{"when", "at"}, "Choose the day", "at"},
		"a time that is none": {[]string{"when", "at", "at", "tomorrow"}, "tomorrow", "at"},
		"no zone":             {[]string{"when", "at", "at", "2026-12-24T09:00", "zone", "Mars"}, "Mars", "zone"},
		"nothing said":        {[]string{"says", "messages"}, "Write at least one message", "m0t"},
		"half a button":       {[]string{"says", "messages", "message0_text", "Hi", "message0_button", "Open"}, "A button needs both", "m0u"},
		"no days":             {[]string{"when", "at", "at", "2026-12-24T09:00", "zone", "UTC", "repeat", "weekdays"}, "Choose the days", "repeat"},
		"never again":         {[]string{"when", "at", "at", "2026-12-24T09:00", "zone", "UTC", "repeat", "days", "repeat_days", "0"}, "no number above 0", "repeat_days"},
		"a wrong expression":  {[]string{"who", "where", "where", `"vip" in tag`}, "Did you mean tags?", "where"},
		"a wrong exception":   {[]string{"but", `city ==`}, "ends too early", "but"},
		"a text that is none": {[]string{"says", "messages", "message1_text", "Hi", "message1_image", "https://x.example/a.png", "message3_text", "Hi {{ first_nam }}"}, "first_name", "m3t"},
		"a wrong address":     {[]string{"says", "messages", "message0_text", "Hi", "message0_button", "Look", "message0_url", "x"}, "x", "m0u"},
		"a variant unnamed":   {[]string{"says", "variants", "variant1_block", "hello"}, "needs a name", "v1n"},
		"an unknown variant":  {[]string{"says", "variants", "variant0_name", "a", "variant0_block", "hello", "variant2_name", "b", "variant2_block", "helo"}, "helo", "variant2_block"},
		"no JSON":             {[]string{"says", "messages", "raw", "{"}, "no JSON", "raw"},
	} {
		got := b.post("/broadcasts/new", written(c.change...))
		_, alert, _ := strings.Cut(got.body, `role="alert">`)
		alert, _, _ = strings.Cut(html.UnescapeString(alert), "</p>")
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(alert, c.says) {
			t.Errorf("%s: %d, says %q", name, got.status, alert)
		}
		if !strings.Contains(got.body, `aria-describedby="`+c.at+`-wrong" autofocus`) || !strings.Contains(got.body, `id="`+c.at+`-wrong"`) {
			_, marked, _ := strings.Cut(got.body, `aria-describedby="`)
			marked, _, _ = strings.Cut(marked, `"`)
			t.Errorf("%s: it is said beside %q, not %q", name, marked, c.at)
		}
		if c.change[0] != "subject" && !strings.Contains(got.body, "News &lt;script&gt;") {
			t.Errorf("%s: what was typed is lost", name)
		}
	}
}

func TestADeedThereIsNot(t *testing.T) {
	h := newHarness(t)
	b := h.enter(h.bot)
	if got := b.post(b.write()+"/nonsense", nil); got.status != http.StatusNotFound {
		t.Errorf("a deed there is not: %d", got.status)
	}
	if got := b.get("/broadcasts/nonsense"); got.status != http.StatusNotFound || !strings.Contains(got.body, "There is nothing at this address") {
		t.Errorf("a broadcast there is not: %d", got.status)
	}
}

func TestNothingTypedBecomesAPage(t *testing.T) {
	h := newHarness(t)
	h.people(1)
	b := h.enter(h.bot)
	at := b.write("category", "<b>x</b>", "tags", nasty)
	must(t, second(h.broadcasts.Start(t.Context(), h.bot.ID, strings.TrimPrefix(at, "/broadcasts/"))))
	h.work()
	for _, path := range []string{"/broadcasts", at, at + "/progress", at + "/recipients", "/broadcasts/new", "/broadcasts/" + url.PathEscape(nasty)} {
		got := b.get(path)
		if strings.Contains(got.body, "<script>") || strings.Contains(got.body, "<b>x</b>") {
			t.Errorf("%s shows what was typed as it is", path)
		}
		policy := got.header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
			t.Errorf("%s has the policy %q", path, policy)
		}
		if strings.Contains(got.body, "style=") || strings.Contains(got.body, "onclick") || strings.Contains(strings.ReplaceAll(got.body, `placeholder="https://"`, ""), `="http`) {
			t.Errorf("%s has something that its policy forbids", path)
		}
	}
}

func second[T any](_ T, err error) error { return err }
