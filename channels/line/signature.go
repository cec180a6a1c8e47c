package line

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"

	"github.com/blockcast/blockcast/channels"
)

const signatureHeader = "x-line-signature"

// signed tells whether the request carries the HMAC-SHA256 of its raw body
// under the channel secret. Without a secret nothing is signed: anybody can
// compute an HMAC with an empty key.
func signed(secret string, r *channels.Request) bool {
	if secret == "" {
		return false
	}
	got, err := base64.StdEncoding.Strict().DecodeString(r.Value(signatureHeader))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(r.Body)
	return hmac.Equal(got, mac.Sum(nil))
}
