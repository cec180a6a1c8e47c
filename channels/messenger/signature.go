package messenger

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/blockcast/blockcast/channels"
)

const (
	signatureHeader = "X-Hub-Signature-256"
	signaturePrefix = "sha256="
)

// signed tells whether the request carries the HMAC-SHA256 of its raw body
// under the app secret, in small hex digits. Meta signs the body with its
// \uXXXX escapes, so it must be as it came. Without a secret nothing is
// signed: anybody can compute an HMAC with an empty key.
func signed(secret string, r *channels.Request) bool {
	digits, ok := strings.CutPrefix(r.Value(signatureHeader), signaturePrefix)
	if secret == "" || !ok || len(digits) != 2*sha256.Size || strings.ToLower(digits) != digits {
		return false
	}
	got, err := hex.DecodeString(digits)
	return err == nil && hmac.Equal(got, keyed(secret, r.Body))
}

// keyed is the HMAC-SHA256 of a message.
func keyed(key string, message []byte) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(message)
	return mac.Sum(nil)
}

// handshake answers the GET by which Meta proves a webhook's address: the
// challenge as plain text to whoever knows the verify token, 403 to others.
func handshake(a channels.Account, r *channels.Request) *channels.Response {
	want, got := credential(a, verifyField), r.Query["hub.verify_token"]
	known := want != "" && subtle.ConstantTimeCompare([]byte(want), []byte(got)) == 1
	if !known || r.Query["hub.mode"] != "subscribe" || r.Query["hub.challenge"] == "" {
		return &channels.Response{Status: http.StatusForbidden}
	}
	return &channels.Response{
		Status: http.StatusOK, ContentType: "text/plain; charset=utf-8", Body: []byte(r.Query["hub.challenge"]),
	}
}
