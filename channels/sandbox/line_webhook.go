package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/blockcast/blockcast/channels/sandbox/linerules"
)

const (
	maxWebhookURL    = 500
	maxWebhookAnswer = 64 << 10
)

// SignLINE is the X-Line-Signature of a webhook body: the standard Base64 of
// its HMAC-SHA256 under the channel secret, taken as text.
func SignLINE(channelSecret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(channelSecret))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// webhook is what is posted.
type webhook struct {
	Destination string            `json:"destination"`
	Events      []json.RawMessage `json:"events"`
}

// Post signs and posts events as they are, in one webhook, and tells the
// status of the answer. An answer that is no 2xx is an error too.
func (s *Sandbox) Post(ctx context.Context, account string, events ...json.RawMessage) (int, error) {
	if s.isMessenger(account) {
		return s.postPage(ctx, account, events...)
	}
	a, url, err := s.lineAccount(account)
	if err != nil {
		return 0, err
	}
	if url == "" {
		return 0, fmt.Errorf("account %s: it has no webhook URL yet", account)
	}
	status, err := s.post(ctx, a, url, events)
	s.posted(account, &a.counts, status, err)
	return status, err
}

func (s *Sandbox) lineAccount(name string) (*lineAccount, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.line[name]
	if a == nil {
		return nil, "", fmt.Errorf("account: there is none named %q", name)
	}
	return a, a.WebhookURL, nil
}

func (s *Sandbox) post(ctx context.Context, a *lineAccount, url string, events []json.RawMessage) (int, error) {
	if events == nil {
		events = []json.RawMessage{}
	}
	body, err := encode(webhook{Destination: a.UserID, Events: events})
	if err != nil {
		return 0, fmt.Errorf("write webhook: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "LineBotWebhook/2.0")
	req.Header.Set("X-Line-Signature", SignLINE(a.ChannelSecret, body))
	res, err := s.config.Client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("post webhook: %w", err)
	}
	defer res.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(res.Body, maxWebhookAnswer))
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return res.StatusCode, fmt.Errorf("post webhook: answered %d: %.200s", res.StatusCode, answer)
	}
	return res.StatusCode, nil
}

// encode writes JSON as LINE does: other scripts and <, > and & unescaped.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func (s *Sandbox) lineGetWebhook(c *lineCall) lineAnswer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.account.WebhookURL == "" {
		return lineError(http.StatusNotFound, "Webhook endpoint not found")
	}
	return lineAnswer{status: http.StatusOK, body: map[string]any{"endpoint": c.account.WebhookURL, "active": true}}
}

// lineSetWebhook points the webhooks somewhere. LINE wants https; here plain
// http does too when it goes to the machine itself.
func (s *Sandbox) lineSetWebhook(c *lineCall) lineAnswer {
	endpoint, ok := c.text("endpoint")
	if message := webhookFault(endpoint); !ok || message != "" {
		return lineRefusal(linerules.Problem{Message: message, Property: "endpoint"})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c.account.WebhookURL = endpoint
	s.notify()
	return lineAnswer{status: http.StatusOK, body: struct{}{}}
}

func webhookFault(endpoint string) string {
	u, err := url.Parse(endpoint)
	switch {
	case endpoint == "":
		return mayNotBeEmpty
	case linerules.UTF16(endpoint) > maxWebhookURL:
		return "Length must be between 1 and " + strconv.Itoa(maxWebhookURL)
	case err != nil || u.Hostname() == "":
		return "Invalid webhook endpoint URL"
	case u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()):
		return ""
	}
	return "Invalid webhook endpoint URL"
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// lineTestWebhook posts a signed webhook without events and tells what came
// of it, in an answer that is always 200.
func (s *Sandbox) lineTestWebhook(c *lineCall) lineAnswer {
	endpoint, ok := c.text("endpoint")
	if !ok || endpoint != "" && webhookFault(endpoint) != "" {
		return lineRefusal(linerules.Problem{Message: "Invalid webhook endpoint URL", Property: "endpoint"})
	}
	if endpoint == "" {
		_, endpoint, _ = s.lineAccount(c.account.name)
	}
	if endpoint == "" {
		return lineError(http.StatusNotFound, "Webhook endpoint not found")
	}
	status, err := s.post(c.r.Context(), c.account, endpoint, nil)
	reason, detail := webhookOutcome(status, err)
	return lineAnswer{status: http.StatusOK, body: map[string]any{
		"success": err == nil, "timestamp": s.now().Format("2006-01-02T15:04:05.000Z"),
		"statusCode": status, "reason": reason, "detail": detail,
	}}
}

func webhookOutcome(status int, err error) (reason, detail string) {
	var timeout net.Error
	switch {
	case err == nil:
		return "OK", strconv.Itoa(status)
	case status != 0:
		return "ERROR_STATUS_CODE", strconv.Itoa(status)
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "REQUEST_TIMEOUT", "Request timeout"
	}
	return "COULD_NOT_CONNECT", "The webhook server could not be reached"
}

// ulidAlphabet is Crockford's base 32.
const ulidAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// ulid makes a webhookEventId: the time, then chance.
func (s *Sandbox) ulid(at time.Time) string {
	sum := sha256.Sum256([]byte(s.config.NewID()))
	id := make([]byte, 26)
	ms := uint64(at.UnixMilli())
	for i := 9; i >= 0; i-- {
		id[i] = ulidAlphabet[ms&31]
		ms >>= 5
	}
	for i := 10; i < 26; i++ {
		id[i] = ulidAlphabet[sum[i]&31]
	}
	return string(id)
}
