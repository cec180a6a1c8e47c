package line

import (
	"context"
	"net/http"
	"strings"

	"github.com/blockcast/blockcast/channels"
)

// Typing implements channels.Typer by LINE's loading animation, which a person
// sees only while the chat is open and which ends with our next message. Groups
// and rooms have none: nothing happens there. 0 seconds are LINE's own 20.
func (c *Channel) Typing(ctx context.Context, a channels.Account, to string, seconds int) error {
	if !strings.HasPrefix(to, userID) {
		return nil
	}
	body := struct {
		ChatID  string `json:"chatId"`
		Seconds int    `json:"loadingSeconds"`
	}{to, loading(seconds)}
	return c.call(ctx, a, http.MethodPost, "/v2/bot/chat/loading/start", body, nil)
}

// loading is the next step LINE has at or above the wanted time.
func loading(seconds int) int {
	if seconds <= 0 {
		return defaultTyping
	}
	steps := (min(seconds, maxTyping) + stepTyping - 1) / stepTyping
	return max(minTyping, steps*stepTyping)
}
