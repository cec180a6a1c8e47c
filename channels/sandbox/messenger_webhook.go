package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// SignMessenger is the X-Hub-Signature-256 of a webhook body under the app's
// secret.
func SignMessenger(appSecret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(appSecret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// escapeUnicode writes JSON as Meta does, before it signs it: everything
// outside ASCII as \uXXXX in small hex digits, and / as \/.
func escapeUnicode(plain []byte) []byte {
	const digits = "0123456789abcdef"
	out := make([]byte, 0, len(plain)+len(plain)/4)
	unit := func(u uint16) {
		out = append(out, '\\', 'u', digits[u>>12], digits[u>>8&15], digits[u>>4&15], digits[u&15])
	}
	for i := 0; i < len(plain); {
		r, n := utf8.DecodeRune(plain[i:])
		switch {
		case r == '/':
			out = append(out, '\\', '/')
		case r < utf8.RuneSelf:
			out = append(out, byte(r))
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			unit(uint16(high))
			unit(uint16(low))
		default:
			unit(uint16(r))
		}
		i += n
	}
	return out
}

// graphEntry is what happened on one Page.
type graphEntry struct {
	ID        string            `json:"id"`
	Time      int64             `json:"time"`
	Messaging []json.RawMessage `json:"messaging"`
}

// graphItem is one event on its way to a webhook, and the field it is of.
type graphItem struct {
	field string
	raw   json.RawMessage
}

// postPage posts events of a Page in one webhook, signed as Meta signs it.
func (s *Sandbox) postPage(ctx context.Context, account string, items ...json.RawMessage) (int, error) {
	s.mu.Lock()
	m := s.messenger[account]
	s.mu.Unlock()
	body, err := encode(map[string]any{
		"object": "page", "entry": []graphEntry{{ID: m.PageID, Time: s.now().UnixMilli(), Messaging: items}},
	})
	if err != nil {
		return 0, fmt.Errorf("write webhook: %w", err)
	}
	return s.PostMessenger(ctx, account, escapeUnicode(body))
}

// PostMessenger signs a webhook body as it is, posts it to where the Page's
// app wants it, and tells the status of the answer. An answer that is no 2xx
// is an error too. It is for webhooks of several Pages, and for broken ones.
func (s *Sandbox) PostMessenger(ctx context.Context, account string, body []byte) (int, error) {
	s.mu.Lock()
	m := s.messenger[account]
	if m == nil {
		s.mu.Unlock()
		return 0, fmt.Errorf("account: there is no Page named %q", account)
	}
	url, secret := m.app.callback, m.app.secret
	s.mu.Unlock()
	if url == "" {
		return 0, fmt.Errorf("account %s: its app has no webhook URL yet", account)
	}
	status, err := s.postSigned(ctx, url, secret, body)
	s.posted(account, &m.counts, status, err)
	return status, err
}

func (s *Sandbox) postSigned(ctx context.Context, url, secret string, body []byte) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "facebookexternalua")
	req.Header.Set("X-Hub-Signature-256", SignMessenger(secret, body))
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

// wants tells whether the Page tells its app of such events. The caller holds
// the lock.
func (m *messengerAccount) wants(field string) bool {
	return m.app.callback != "" && slices.Contains(m.subscribed, field) && slices.Contains(m.app.fields, field)
}

// tell posts an event in the background, after those before it. The caller
// holds the lock.
func (s *Sandbox) tell(m *messengerAccount, field string, event any) {
	raw, err := encode(event)
	if err != nil || !m.wants(field) {
		return
	}
	m.queue = append(m.queue, graphItem{field, raw})
	if !m.telling {
		m.telling = true
		go s.tellAll(m)
	}
}

// tellAll posts what is queued until nothing is, or the sandbox is closed.
func (s *Sandbox) tellAll(m *messengerAccount) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-s.closed:
			cancel()
		case <-ctx.Done():
		}
	}()
	for {
		s.mu.Lock()
		if len(m.queue) == 0 || ctx.Err() != nil {
			m.queue, m.telling = nil, false
			s.mu.Unlock()
			return
		}
		item := m.queue[0]
		m.queue = m.queue[1:]
		s.mu.Unlock()
		_, _ = s.postPage(ctx, m.name, item.raw) // counted and logged there
	}
}
