package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"
	"time"
)

const (
	retryKeyHeader = "X-Line-Retry-Key"
	retryKeyLife   = 24 * time.Hour
)

var retryKeyForm = regexp.MustCompile(`^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`)

// retryKey is an X-Line-Retry-Key as bytes.
type retryKey [16]byte

// accepted is what an accepted retry key stands for; narrow, as there is one
// for each push of a broadcast.
type accepted struct {
	at        time.Time
	hash      [16]byte // of endpoint and body
	requestID string
	firstID   int64 // of its messages; 0 when the answer has none
	messages  int
}

// retryKey reads the X-Line-Retry-Key. It is for calls that name their own
// recipients; anywhere else LINE refuses it.
func (c *lineCall) retryKey() (key retryKey, present bool, refusal *lineAnswer) {
	text := c.r.Header.Get(retryKeyHeader)
	if text == "" {
		return key, false, nil
	}
	refuse := func(message string) (retryKey, bool, *lineAnswer) {
		a := lineError(http.StatusBadRequest, message)
		return key, true, &a
	}
	switch c.endpoint {
	case LINEPush, LINEMulticast, LINENarrowcast, LINEBroadcast:
	default:
		return refuse("The retry key can not be used with this API")
	}
	if !retryKeyForm.MatchString(text) {
		return refuse("The retry key is invalid")
	}
	_, _ = hex.Decode(key[:], []byte(strings.ReplaceAll(text, "-", "")))
	return key, true, nil
}

func (c *lineCall) hash() [16]byte {
	h := sha256.New()
	h.Write([]byte(c.endpoint))
	h.Write(c.body)
	return [16]byte(h.Sum(nil))
}

// repeated answers a call whose retry key was accepted before: 409 stands for
// "done already" and names the first call; a key on other bytes is a mistake.
func (s *Sandbox) repeated(c *lineCall, earlier accepted, hash [16]byte) lineAnswer {
	if earlier.hash != hash {
		return lineError(http.StatusBadRequest, "The retry key is already used for another request")
	}
	c.account.counts.Repeated++
	body := lineErrorBody{Message: "The retry key is already accepted"}
	if earlier.firstID != 0 {
		body.Sent = sentFrom(earlier.firstID, earlier.messages)
	}
	return lineAnswer{
		status: http.StatusConflict,
		body:   body,
		header: map[string]string{"X-Line-Accepted-Request-Id": earlier.requestID},
	}
}
