package console_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
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

func TestPreviews(t *testing.T) {
	h := newHarness(t)
	h.people(2)
	b := h.enter(h.bot)
	var got struct {
		Samples []struct {
			Person, Channel, Skipped string
			Messages                 []json.RawMessage
		}
		Error string
	}
	read := func(form url.Values) {
		t.Helper()
		a := b.post("/broadcasts/preview", form)
		got.Samples, got.Error = nil, ""
		if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	read(written())
	if len(got.Samples) != 2 || len(got.Samples[0].Messages) != 1 || !strings.Contains(string(got.Samples[0].Messages[0]), "Hello P") {
		t.Errorf("a block: %+v", got)
	}
	read(written("says", "messages", "message1_text", "Dear {{ first_name }}", "message1_button", "Look", "message1_url", "https://x.example/a"))
	if len(got.Samples) != 2 || len(got.Samples[0].Messages) != 1 || !strings.Contains(string(got.Samples[0].Messages[0]), "Dear P") {
		t.Errorf("messages: %+v", got)
	}
	read(written("says", "messages", "message0_text", "Dear {{ first_name"))
	if got.Error == "" {
		t.Error("a template that does not end has no mistake")
	}
	at := b.write("says", "messages", "message0_text", "Kept {{ first_name }}")
	read(url.Values{"id": {strings.TrimPrefix(at, "/broadcasts/")}})
	if len(got.Samples) != 2 || !strings.Contains(string(got.Samples[0].Messages[0]), "Kept P") {
		t.Errorf("what is kept: %+v", got)
	}
	read(written("block", "helo"))
	if got.Error == "" || len(got.Samples) != 0 {
		t.Errorf("a block there is not: %+v", got)
	}
	read(written("block", ""))
	if got.Error != "" || len(got.Samples) != 0 {
		t.Errorf("no block yet: %+v", got)
	}
}

func TestFiles(t *testing.T) {
	h := newHarness(t)
	stranger := &browser{h: h}
	for path, kind := range map[string]string{
		"static/console.js": "text/javascript; charset=utf-8", "static/console.css": "text/css; charset=utf-8", "static/line.js": "text/javascript; charset=utf-8",
		"static/chat.css": "text/css; charset=utf-8", "static/logo.svg": "image/svg+xml", "media/shirt.png": "image/svg+xml",
	} {
		got := stranger.get("/broadcasts/" + path)
		if got.status != http.StatusOK || got.header.Get("Content-Type") != kind || got.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d, %s", path, got.status, got.header.Get("Content-Type"))
		}
	}
	for _, path := range []string{"static/nothing.js", "static/..%2fconsole.go", "static/%2e%2e"} {
		if got := stranger.get("/broadcasts/" + path); got.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

func TestAFileOfPeople(t *testing.T) {
	h := newHarness(t)
	h.people(2)
	b := h.enter(h.bot)
	contacts, _, err := h.db.ListContacts(t.Context(), h.bot.ID, "", engine.Page{})
	must(t, err)
	if body := b.get("/broadcasts/new").body; !strings.Contains(body, "/broadcasts/lists") {
		t.Error("nothing leads to it")
	}
	got := b.file("/broadcasts/lists", fmt.Sprintf("contact_id\n%d\n%d\nnobody <b>\n", contacts[0].ID, contacts[0].ID))
	for _, want := range []string{"1 person", "of 3 rows, 1 of them somebody again, 1 that mean nobody", "line 4", "nobody &lt;b&gt;"} {
		if !strings.Contains(got.body, want) {
			t.Errorf("it does not say %q: %d", want, got.status)
		}
	}
	_, rest, _ := strings.Cut(got.body, "/broadcasts/new?list=")
	id, _, _ := strings.Cut(rest, `"`)
	if body := b.get("/broadcasts/new?list=" + id).body; !strings.Contains(body, `value="list" checked`) || !strings.Contains(body, `value="`+id+`" selected`) {
		t.Error("the list is not chosen")
	}
	if body := b.get(b.write("who", "list", "list", id)).body; !strings.Contains(body, "A list") {
		t.Error("the plan does not say that a list is meant")
	}
	for name, text := range map[string]string{"empty": "", "of other columns": "a,b\n1,2\n"} {
		if got := b.file("/broadcasts/lists", text); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `role="alert"`) {
			t.Errorf("a file that is %s: %d", name, got.status)
		}
	}
	if other := h.enter(h.other).get("/broadcasts/new"); strings.Contains(other.body, id) {
		t.Error("another bot is offered the list")
	}
}
