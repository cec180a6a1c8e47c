package clicks

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

const linkID = "0123456789abcdef01234567"

var key = bytes.Repeat([]byte{7}, 32)

func TestTokensAreReadAsTheyWereMade(t *testing.T) {
	t.Parallel()
	s := signer{key}
	for _, delivery := range []int64{0, 1, 127, 128, 30_000_000, math.MaxInt64} {
		token := s.token(linkID, delivery)
		id, n, ok := s.read(token)
		if !ok || id != linkID || n != delivery {
			t.Errorf("%d reads as %q, %d, %v", delivery, id, n, ok)
		}
		if len(token) > 48 {
			t.Errorf("the token of %d has %d characters", delivery, len(token))
		}
	}
}

// Not one bit of a token can be changed, and none is believed that another key
// has signed.
func TestAlteredTokensAreRefused(t *testing.T) {
	t.Parallel()
	s := signer{key}
	token := s.token(linkID, 300)
	raw, err := encoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range len(raw) * 8 {
		changed := bytes.Clone(raw)
		changed[bit/8] ^= 1 << (bit % 8)
		if _, _, ok := s.read(encoding.EncodeToString(changed)); ok {
			t.Errorf("the token with bit %d changed is believed", bit)
		}
	}
	for _, other := range []string{"", "x", token[1:], token[:len(token)-1], token + "A", token + "=", " " + token, strings.ToUpper(token), strings.Repeat(token, 2), strings.Repeat("A", 1<<16)} {
		if _, _, ok := s.read(other); ok {
			t.Errorf("%.60q is believed", other)
		}
	}
	if _, _, ok := (signer{bytes.Repeat([]byte{8}, 32)}).read(token); ok {
		t.Error("another key's token is believed")
	}
}

// After the key was rotated, what was sent before still leads.
func TestOldKeysAreBelieved(t *testing.T) {
	t.Parallel()
	old := signer{key}.token(linkID, 5)
	rotated := signer{bytes.Repeat([]byte{8}, 32), key}
	if _, n, ok := rotated.read(old); !ok || n != 5 {
		t.Error("the old key's token is refused")
	}
	if _, _, ok := (signer{key}).read(rotated.token(linkID, 5)); ok {
		t.Error("the new key does not sign")
	}
}

// FuzzRead holds that nothing is believed but what we write, to the letter.
func FuzzRead(f *testing.F) {
	s := signer{key}
	f.Add(s.token(linkID, 0))
	f.Add(s.token(linkID, math.MaxInt64))
	f.Add("")
	f.Add("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, token string) {
		if id, n, ok := s.read(token); ok && s.token(id, n) != token {
			t.Errorf("%q reads as %s, %d, which is written %q", token, id, n, s.token(id, n))
		}
	})
}
