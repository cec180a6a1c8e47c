package keys

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func ring(t *testing.T, list ...string) *Ring {
	t.Helper()
	r, err := Parse(list...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestOpenGivesBackWhatSealTook(t *testing.T) {
	t.Parallel()
	r := ring(t, New())
	for _, plain := range []string{"", "token", strings.Repeat("x", 5000)} {
		sealed, err := r.Seal([]byte(plain), []byte("accounts/secrets/1"))
		if err != nil {
			t.Fatal(err)
		}
		if plain != "" && bytes.Contains(sealed, []byte(plain)) {
			t.Error("the text stands in what was sealed")
		}
		got, err := r.Open(sealed, []byte("accounts/secrets/1"))
		if err != nil || string(got) != plain {
			t.Errorf("opened %q, %v", got, err)
		}
	}
}

func TestSealNeverGivesTheSameTwice(t *testing.T) {
	t.Parallel()
	r := ring(t, New())
	a, _ := r.Seal([]byte("x"), nil)
	b, _ := r.Seal([]byte("x"), nil)
	if bytes.Equal(a, b) {
		t.Error("two seals are equal")
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	r := ring(t, New())
	sealed, err := r.Seal([]byte("secret"), []byte("here"))
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)-1] ^= 1
	cases := []struct {
		name   string
		ring   *Ring
		sealed []byte
		aad    string
		want   error
	}{
		{"another place", r, sealed, "there", ErrForged},
		{"a changed byte", r, changed, "here", ErrForged},
		{"a part", r, sealed[:headSize-1], "here", ErrForged},
		{"nothing", r, nil, "here", ErrForged},
		{"another version", r, append([]byte{9}, sealed[1:]...), "here", ErrForged},
		{"another key", ring(t, New()), sealed, "here", ErrUnknownKey},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := c.ring.Open(c.sealed, []byte(c.aad)); !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
		})
	}
}

func TestANewKeyInFrontStillOpensTheOld(t *testing.T) {
	t.Parallel()
	old, fresh := New(), New()
	sealed, _ := ring(t, old).Seal([]byte("x"), nil)
	both := ring(t, fresh+","+old)
	if got, err := both.Open(sealed, nil); err != nil || string(got) != "x" {
		t.Errorf("opened %q, %v", got, err)
	}
	resealed, _ := both.Seal([]byte("x"), nil)
	if _, err := ring(t, old).Open(resealed, nil); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("the old key alone: %v, want %v", err, ErrUnknownKey)
	}
	if !bytes.Equal(both.DeriveAll("links")[1], ring(t, old).Derive("links")) {
		t.Error("the old key's derived key is not among all")
	}
}

func TestDerivedKeysDiffer(t *testing.T) {
	t.Parallel()
	r := ring(t, New())
	if bytes.Equal(r.Derive("links"), r.Derive("cookies")) || len(r.Derive("links")) != Size {
		t.Error("labels give the same key")
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	k := New()
	hexed := hex.EncodeToString([]byte(strings.Repeat("k", Size)))
	cases := []struct{ name, text, want string }{
		{"base64", k, ""},
		{"hex", hexed, ""},
		{"padded standard base64", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=", ""},
		{"a list", k + ", " + hexed + "\n", ""},
		{"nothing", " \n", "no secret key"},
		{"too short", "c2hvcnQ", "secret key 1: a key is 32 random bytes"},
		{"the second is a word", k + ",password", "secret key 2:"},
		{"twice", k + "," + k, "given twice"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(c.text)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if err != nil && (strings.Contains(err.Error(), "password") || strings.Contains(err.Error(), k)) {
				t.Errorf("the error tells the key: %v", err)
			}
		})
	}
}

func TestLoadMakesAKeyOnce(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	first, made, err := Load(folder)
	if err != nil || !made {
		t.Fatalf("made %v, %v", made, err)
	}
	path := filepath.Join(folder, FileName)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	second, made, err := Load(folder)
	if err != nil || made {
		t.Fatalf("made %v again, %v", made, err)
	}
	sealed, _ := first.Seal([]byte("x"), nil)
	if _, err := second.Open(sealed, nil); err != nil {
		t.Errorf("the second start has another key: %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if rest, _ := filepath.Glob(path + ".*"); len(rest) > 0 {
		t.Errorf("left over: %v", rest)
	}
}

func TestRenewAndForget(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	old, _, err := Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := old.Seal([]byte("x"), nil)
	both, err := Renew(folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := both.Open(before, nil); err != nil {
		t.Errorf("the old key is lost: %v", err)
	}
	after, _ := both.Seal([]byte("x"), nil)
	if _, err := old.Open(after, nil); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("the new key is the old one: %v", err)
	}
	if err := Forget(folder); err != nil {
		t.Fatal(err)
	}
	one, made, err := Load(folder)
	if err != nil || made {
		t.Fatalf("made %v, %v", made, err)
	}
	if _, err := one.Open(after, nil); err != nil {
		t.Errorf("the new key is lost: %v", err)
	}
	if _, err := one.Open(before, nil); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("the old key is still there: %v", err)
	}
	if files, _ := os.ReadDir(folder); len(files) != 1 {
		t.Errorf("%d files are left", len(files))
	}
}

func TestLoadNamesABrokenFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), FileName)
	if err := os.WriteFile(path, []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Load(filepath.Dir(path)); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	r, err := Parse(strings.Repeat("0f", Size))
	if err != nil {
		f.Fatal(err)
	}
	sealed, _ := r.Seal([]byte("secret"), []byte("here"))
	f.Add(sealed)
	f.Add([]byte{version})
	f.Fuzz(func(t *testing.T, data []byte) {
		plain, err := r.Open(data, []byte("here"))
		if err == nil && !bytes.Equal(data, sealed) && string(plain) != "secret" {
			t.Errorf("opened a forgery: %q", plain)
		}
	})
}
