package messenger

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
)

// notes remembers in memory, files of https://ours.example alone.
type notes struct {
	mu  sync.Mutex
	ids map[string]string
}

func (n *notes) Attachment(_ context.Context, account, url, kind string) (string, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	id, known := n.ids[account+kind+url]
	return id, strings.HasPrefix(url, "https://ours.example/") && (!known || id != "")
}

func (n *notes) KeepAttachment(_ context.Context, account, url, kind, id string, _ time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ids[account+kind+url] = id
}

func (n *notes) DropAttachment(_ context.Context, account, url, kind, _ string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.ids, account+kind+url)
}

// graph is a pretend Graph API: what it was asked, and which of Meta's ids it
// refuses. It takes no upload of a file called bad.png.
type graph struct {
	mu      sync.Mutex
	asked   []string
	refuses string
}

func (g *graph) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	g.mu.Lock()
	defer g.mu.Unlock()
	_, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	g.asked = append(g.asked, path+" "+string(body))
	switch {
	case strings.HasSuffix(r.URL.Path, "/message_attachments") && strings.Contains(string(body), "bad.png"):
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":{"message":"(#100) Upload failed","code":100,"error_subcode":2018047}}`)
	case strings.HasSuffix(r.URL.Path, "/message_attachments"):
		_, _ = io.WriteString(w, `{"attachment_id":"77"}`)
	case g.refuses != "" && strings.Contains(string(body), `"attachment_id":"`+g.refuses+`"`):
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":{"message":"(#100) Invalid attachment","code":100,"error_subcode":2018074}}`)
	default:
		_, _ = io.WriteString(w, `{"recipient_id":"1","message_id":"m_1"}`)
	}
}

func (g *graph) calls() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string(nil), g.asked...)
}

func shown(kind, url string) channels.Payload {
	body, _ := json.Marshal(map[string]any{"attachment": map[string]any{"type": kind, "payload": map[string]string{"url": url}}, "quick_replies": []any{map[string]string{"content_type": "text", "title": "More", "payload": "b1"}}})
	return channels.Payload{Body: body, Messages: 1}
}

func sends(t *testing.T, c *Channel, p channels.Payload) {
	t.Helper()
	to := channels.Target{Account: channels.Account{ID: "a1", ExternalID: "100", Secrets: map[string]string{tokenField: "t"}}, To: "1", Route: channels.RoutePush}
	if sent, err := c.Send(t.Context(), to, p, channels.Key{Metadata: "d:1.0"}); err != nil || len(sent.MessageIDs) != 1 {
		t.Fatalf("sent %v, error %v", sent, err)
	}
}

func TestAFileIsUploadedOnce(t *testing.T) {
	t.Parallel()
	g, n := &graph{}, &notes{ids: map[string]string{}}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	c := New(server.Client(), Config{BaseURL: server.URL, Attachments: n})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() { sends(t, c, shown("image", "https://ours.example/a.png")) })
	}
	group.Wait()
	uploads, byID := 0, 0
	for _, call := range g.calls() {
		switch {
		case strings.HasPrefix(call, "100/message_attachments"):
			uploads++
			if !strings.Contains(call, `"url":"https://ours.example/a.png"`) || !strings.Contains(call, `"is_reusable":true`) {
				t.Errorf("uploaded by %s", call)
			}
		case strings.Contains(call, `"payload":{"attachment_id":"77"}`) && strings.Contains(call, `"quick_replies"`) && strings.Contains(call, `"metadata":"d:1.0"`):
			byID++
		}
	}
	if uploads != 1 || byID != 8 {
		t.Errorf("%d uploads, %d messages by id: %v", uploads, byID, g.calls())
	}
}

// An id that Meta has forgotten is made anew with the next message; this one goes
// by the address, and nobody gets it twice.
func TestARefusedIDGoesByTheAddress(t *testing.T) {
	t.Parallel()
	g, n := &graph{refuses: "66"}, &notes{ids: map[string]string{"a1videohttps://ours.example/v.mp4": "66"}}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	c := New(server.Client(), Config{BaseURL: server.URL, Attachments: n})
	sends(t, c, shown("video", "https://ours.example/v.mp4"))
	sends(t, c, shown("video", "https://ours.example/v.mp4"))
	var got []string
	for _, call := range g.calls() {
		path, body, _ := strings.Cut(call, " ")
		switch {
		case strings.Contains(body, "attachment_id"):
			got = append(got, path+" by id")
		default:
			got = append(got, path+" by address")
		}
	}
	want := "100/messages by id, 100/messages by address, 100/message_attachments by address, 100/messages by id"
	if strings.Join(got, ", ") != want {
		t.Errorf("the calls are %v\nwant %s", got, want)
	}
}

func TestOtherMessagesGoAsTheyAre(t *testing.T) {
	t.Parallel()
	g, n := &graph{}, &notes{ids: map[string]string{}}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	c := New(server.Client(), Config{BaseURL: server.URL, Attachments: n})
	for _, p := range []channels.Payload{
		shown("image", "https://shop.example/a.png"), {Body: json.RawMessage(`{"text":"hi"}`)}, shown("template", "https://ours.example/a.png"),
		{Body: json.RawMessage(`{"attachment":{"type":"image","payload":{"attachment_id":"5"}}}`)}, {Body: json.RawMessage(`{"attachment":{"type":"image","payload":{"url":"https://ours.example/a.png","is_reusable":true}}}`)},
	} {
		sends(t, c, p)
	}
	if calls := strings.Join(g.calls(), "\n"); len(g.calls()) != 5 || strings.Contains(calls, "message_attachments") || strings.Contains(calls, `"77"`) {
		t.Errorf("the calls are %s", calls)
	}
	for range 2 { // one that Meta does not take is tried once, and goes by its address
		sends(t, c, shown("image", "https://ours.example/bad.png"))
	}
	if calls := g.calls()[5:]; len(calls) != 3 || !strings.HasPrefix(calls[0], "100/message_attachments") || strings.Contains(calls[1]+calls[2], "attachment_id") {
		t.Errorf("the calls are %v", calls)
	}
}
