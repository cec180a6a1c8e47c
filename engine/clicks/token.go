package clicks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
)

// Sizes of a token in bytes: a link's id, a delivery's number of as many bytes
// as it needs, and the signature.
const (
	idSize   = 12
	macSize  = 12 // 96 bits: nobody guesses one
	maxToken = idSize + binary.MaxVarintLen64 + macSize
)

// encoding is base64 for addresses. Strict: every token has one spelling.
var encoding = base64.RawURLEncoding.Strict()

// signer makes and reads tokens: the first key signs, each of them is believed.
type signer [][]byte

// token names a link, and a delivery or with 0 none, so that nobody can make
// another of it. linkID is 24 hex digits.
func (s signer) token(linkID string, deliveryID int64) string {
	id, err := hex.DecodeString(linkID)
	if err != nil || len(id) != idSize || deliveryID < 0 {
		panic("clicks: no link has the id " + linkID)
	}
	said := binary.AppendUvarint(id, uint64(deliveryID))
	return encoding.EncodeToString(append(said, mac(s[0], said)...))
}

// read takes a token apart; ok is false for whatever we did not make.
func (s signer) read(token string) (linkID string, deliveryID int64, ok bool) {
	if len(token) > encoding.EncodedLen(maxToken) {
		return "", 0, false
	}
	raw, err := encoding.DecodeString(token)
	if err != nil || len(raw) < idSize+1+macSize {
		return "", 0, false
	}
	said, given := raw[:len(raw)-macSize], raw[len(raw)-macSize:]
	for _, key := range s {
		ok = hmac.Equal(given, mac(key, said)) || ok
	}
	n, size := binary.Uvarint(said[idSize:])
	if !ok || size != len(said)-idSize || int64(n) < 0 {
		return "", 0, false
	}
	return hex.EncodeToString(said[:idSize]), int64(n), true
}

func mac(key, said []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("click 1\n"))
	h.Write(said)
	return h.Sum(nil)[:macSize]
}
