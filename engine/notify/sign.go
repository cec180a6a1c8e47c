package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// Headers of a call, by https://www.standardwebhooks.com.
const (
	headerID        = "Webhook-Id"
	headerTimestamp = "Webhook-Timestamp"
	headerSignature = "Webhook-Signature"
)

// SecretPrefix begins every secret: what follows is base64 of the key.
const SecretPrefix = "whsec_"

// Secret writes a key of random bytes as receivers are told it.
func Secret(key []byte) string { return SecretPrefix + base64.StdEncoding.EncodeToString(key) }

// Sign is one signature: v1, and the HMAC-SHA256 of id, timestamp and body. A
// secret that is no base64 signs with its own bytes.
func Sign(secret, id string, at time.Time, body []byte) string {
	text := strings.TrimPrefix(secret, SecretPrefix)
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		key = []byte(text)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// headers are those of one attempt. While a secret is being replaced both sign.
func headers(w *engine.Webhook, p *engine.Posting, at time.Time) map[string]string {
	signatures := Sign(w.Secret, p.MessageID, at, p.Body)
	if w.OldSecret != "" && at.Before(w.OldUntil) {
		signatures += " " + Sign(w.OldSecret, p.MessageID, at, p.Body)
	}
	return map[string]string{
		"Content-Type":  "application/json",
		headerID:        p.MessageID,
		headerTimestamp: strconv.FormatInt(at.Unix(), 10),
		headerSignature: signatures,
	}
}
