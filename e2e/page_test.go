package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// page is the pretend Page's name.
const page = "page"

// connectPage connects a pretend Page as a second account of the bot.
func (w *world) connectPage() {
	w.t.Helper()
	w.must(w.line.AddMessengerAccount(sandbox.MessengerAccount{Name: page, AppSecret: "e2e-app-secret", AccessToken: "e2e-page-token",
		Templates: []sandbox.MessengerTemplate{{Name: "order_ready", Languages: []string{"en_US"}, Text: "Order {{1}} is ready."}}}))
	w.page = w.connects(w.bot, "page_access_token=e2e-page-token", "app_secret=e2e-app-secret", "verify_token=e2e-verify")
}

// connects connects a Page to a bot and returns the account's id.
func (w *world) connects(bot string, credentials ...string) string {
	w.t.Helper()
	return w.field(w.cli(append([]string{"accounts", "connect", "messenger", "--bot", bot, "--json"}, credentials...)...), "id")
}

// onPage returns the id of somebody on the pretend Page who has just written to
// it; of that the bot is not told.
func (w *world) onPage(n int) string {
	w.t.Helper()
	p := people[n]
	p.Account, p.Wrote = page, time.Now()
	p, err := w.line.AddPerson(p)
	w.must(err)
	return p.ID
}

// writesTo lets a person write to an account.
func (w *world) writesTo(account, person, text string) {
	w.t.Helper()
	_, err := w.line.Write(w.t.Context(), account, person, text)
	w.must(err)
}

// both makes one contact of a person on LINE and on the Page, as an import of
// the owner's does, with their phone.
func (w *world) both(n int) (line, messenger string) {
	w.t.Helper()
	line, messenger = w.person(n), w.onPage(n)
	id := fmt.Sprintf("crm-%d", n)
	w.imports(
		map[string]string{"external_id": id, "account": w.account, "user": line, "phone": people[n].Phone},
		map[string]string{"external_id": id, "account": w.page, "user": messenger},
	)
	return line, messenger
}

// imports takes people in, all of them.
func (w *world) imports(rows ...map[string]string) {
	w.t.Helper()
	importsAll(w, rows)
}

func importsAll[R any](w *world, rows []R) {
	w.t.Helper()
	var b strings.Builder
	for _, r := range rows {
		w.must(json.NewEncoder(&b).Encode(r))
	}
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.base+w.path("/contacts/import"), strings.NewReader(b.String()))
	w.must(err)
	req.Header.Set("Authorization", "Bearer "+w.token)
	req.Header.Set("Content-Type", "application/x-ndjson")
	res, err := http.DefaultClient.Do(req)
	w.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	w.must(err)
	var got struct{ Created, Updated int }
	w.must(json.Unmarshal(text, &got))
	if got.Created+got.Updated != len(rows) {
		w.t.Fatalf("not all are in: %s", text)
	}
}

// tells posts one event of the Page to its webhook.
func (w *world) tells(event map[string]any) {
	w.t.Helper()
	body, err := json.Marshal(map[string]any{"object": "page", "entry": []any{map[string]any{"id": pageID(page), "time": time.Now().UnixMilli(), "messaging": []any{event}}}})
	w.must(err)
	_, err = w.line.PostMessenger(w.t.Context(), page, body)
	w.must(err)
}

// pageID is Meta's id of a pretend Page.
func pageID(name string) string { return sandbox.MessengerUserID("page\x00" + name) }

// wroteAt is the event of a person who wrote to a Page at any time.
func wroteAt(at time.Time, page, person, text string) map[string]any {
	return map[string]any{
		"sender": map[string]string{"id": person}, "recipient": map[string]string{"id": page}, "timestamp": at.UnixMilli(),
		"message": map[string]any{"mid": fmt.Sprintf("m_%s_%d", person, at.UnixMilli()), "text": text},
	}
}

// colleagueWroteAt is the echo of what somebody of the shop wrote to a person
// in the Page's own inbox.
func colleagueWroteAt(at time.Time, page, person, text string) map[string]any {
	return map[string]any{
		"sender": map[string]string{"id": page}, "recipient": map[string]string{"id": person}, "timestamp": at.UnixMilli(),
		"message": map[string]any{"mid": fmt.Sprintf("m_echo_%s_%d", person, at.UnixMilli()), "text": text, "is_echo": true, "app_id": 263902037430900},
	}
}

// sends orders a send by the API and returns the answer.
func (w *world) sends(body string) map[string]any {
	w.t.Helper()
	status, answer := w.calls(http.MethodPost, w.path("/sends"), w.token, body)
	if status != http.StatusAccepted {
		w.t.Fatalf("%d %v", status, answer)
	}
	return answer
}

// becomes waits until a delivery has a status, and returns it.
func (w *world) becomes(id any, status string) map[string]any {
	w.t.Helper()
	return w.has(id, "status", status)
}

// has waits until a delivery has a value in a field, and returns it.
func (w *world) has(id any, field, want string) map[string]any {
	w.t.Helper()
	var last map[string]any
	for range polls {
		var answer map[string]any
		_, answer = w.calls(http.MethodGet, w.path("/sends/"+idText(id)), w.token, "")
		if last = delivery(answer); last[field] == want {
			return last
		}
		w.pause()
	}
	w.t.Fatalf("delivery %v never has %s %s: %v", id, field, want, last)
	return nil
}

// delivery is the row of a send that went to one person.
func delivery(send map[string]any) map[string]any {
	if all, ok := send["deliveries"].([]any); ok && len(all) > 0 {
		story, _ := all[0].(map[string]any)
		row, _ := story["delivery"].(map[string]any)
		return row
	}
	return nil
}

// idText writes an id that JSON has read as a number.
func idText(id any) string {
	if n, ok := id.(float64); ok {
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprint(id)
}
