// Package keys holds the instance's secret keys: it seals what must not be
// read in the database and derives keys for other uses. It knows no database
// and no secret's meaning.
package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Size is the length of a key in bytes.
const Size = 32

// Layout of what Seal returns: version, key id, nonce, then the ciphertext.
const (
	version   = 1
	idSize    = 4
	nonceSize = 12
	headSize  = 1 + idSize + nonceSize
)

// Labels of derived keys. A caller's own labels follow "use ".
const (
	labelID   = "blockcast key id"
	labelSeal = "blockcast seal"
	labelUse  = "blockcast use "
)

// Errors of Open.
var (
	// ErrUnknownKey means that none of the keys sealed it.
	ErrUnknownKey = errors.New("it was sealed with a key that is not among the given ones")
	// ErrForged means that it was changed, or moved from its place.
	ErrForged = errors.New("it cannot be opened: it was changed or belongs to another place")
)

// Ring is a list of keys: the first one seals, every one opens.
type Ring struct {
	keys []key
}

type key struct {
	id     [idSize]byte
	secret []byte
	seal   cipher.AEAD
}

// Parse reads keys as New writes them; 64 hex digits do as well. Entries may
// hold several keys with commas or line ends between them.
func Parse(list ...string) (*Ring, error) {
	r := &Ring{}
	for _, entry := range list {
		for _, text := range strings.FieldsFunc(entry, separates) {
			secret, err := decode(text)
			if err != nil {
				return nil, fmt.Errorf("secret key %d: %w", len(r.keys)+1, err)
			}
			k, err := newKey(secret)
			if err != nil {
				return nil, err
			}
			if slices.ContainsFunc(r.keys, func(o key) bool { return o.id == k.id }) {
				return nil, fmt.Errorf("secret key %d is given twice", len(r.keys)+1)
			}
			r.keys = append(r.keys, k)
		}
	}
	if len(r.keys) == 0 {
		return nil, errors.New("no secret key is given")
	}
	return r, nil
}

// New returns a new random key as text.
func New() string {
	secret := make([]byte, Size)
	_, _ = rand.Read(secret) // never fails, see crypto/rand
	return base64.RawURLEncoding.EncodeToString(secret)
}

// text is the first key as New writes it.
func (r *Ring) text() string { return base64.RawURLEncoding.EncodeToString(r.keys[0].secret) }

// Seal encrypts plain so that Open gives it back only with the same aad, which
// names the place it is kept at.
func (r *Ring) Seal(plain, aad []byte) ([]byte, error) {
	k := r.keys[0]
	sealed := make([]byte, headSize, headSize+len(plain)+k.seal.Overhead())
	sealed[0] = version
	copy(sealed[1:], k.id[:])
	nonce := sealed[1+idSize : headSize]
	_, _ = rand.Read(nonce)
	return k.seal.Seal(sealed, nonce, plain, aad), nil
}

// Open gives back what Seal was given with the same aad. The error is
// ErrUnknownKey or ErrForged.
func (r *Ring) Open(sealed, aad []byte) ([]byte, error) {
	if len(sealed) < headSize || sealed[0] != version {
		return nil, ErrForged
	}
	for _, k := range r.keys {
		if k.id != [idSize]byte(sealed[1:]) {
			continue
		}
		plain, err := k.seal.Open(nil, sealed[1+idSize:headSize], sealed[headSize:], aad)
		if err != nil {
			return nil, ErrForged
		}
		return plain, nil
	}
	return nil, ErrUnknownKey
}

// Derive returns a key for one use, such as signed links, from the first key.
// Different labels give keys that tell nothing about each other.
func (r *Ring) Derive(label string) []byte { return derive(r.keys[0].secret, labelUse+label) }

// DeriveAll returns that key of every key of the ring, the first one first:
// what an older key has signed still counts.
func (r *Ring) DeriveAll(label string) [][]byte {
	all := make([][]byte, len(r.keys))
	for i, k := range r.keys {
		all[i] = derive(k.secret, labelUse+label)
	}
	return all
}

func newKey(secret []byte) (key, error) {
	block, err := aes.NewCipher(derive(secret, labelSeal))
	if err != nil {
		return key{}, fmt.Errorf("make a cipher: %w", err)
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return key{}, fmt.Errorf("make a cipher: %w", err)
	}
	return key{id: [idSize]byte(derive(secret, labelID)), secret: secret, seal: seal}, nil
}

func derive(secret []byte, label string) []byte {
	out, err := hkdf.Key(sha256.New, secret, nil, label, Size)
	if err != nil {
		panic("keys: " + err.Error()) // only for a length SHA-256 cannot give
	}
	return out
}

func separates(r rune) bool { return r == ',' || r == '\n' || r == '\r' || r == ' ' || r == '\t' }

func decode(text string) ([]byte, error) {
	if len(text) == 2*Size {
		if secret, err := hex.DecodeString(text); err == nil {
			return secret, nil
		}
	}
	plain := strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(text, "="))
	secret, err := base64.RawURLEncoding.DecodeString(plain)
	if err != nil || len(secret) != Size {
		return nil, fmt.Errorf("a key is %d random bytes in base64 or hex; make one with: openssl rand -base64 %d", Size, Size)
	}
	return secret, nil
}
