package files_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/app/files"
)

var noon = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)

func folder(t *testing.T, dir string, now time.Time) *files.Folder {
	t.Helper()
	f := files.New(dir, func() time.Time { return now })
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// listed is every file below a folder.
func listed(t *testing.T, dir string) (all []string) {
	t.Helper()
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rest, _ := filepath.Rel(dir, path)
			all = append(all, filepath.ToSlash(rest))
		}
		return nil
	})
	return all
}

func TestAFileIsKeptAndRemoved(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "not", "there")
	f := folder(t, dir, noon)
	if _, err := f.Open(t.Context(), "b/1"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before there is a folder: %v", err)
	}
	if err := f.Remove(t.Context(), "b/1"); err != nil {
		t.Errorf("remove before there is a folder: %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder was made for nothing: %v", err)
	}
	s, err := f.Stage(t.Context(), strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(io.NewSectionReader(s, 0, s.Size())); string(got) != "hello" || err != nil {
		t.Errorf("staged are %q, %v", got, err)
	}
	if err := errors.Join(s.Keep(t.Context(), "b/1"), s.Discard()); err != nil {
		t.Fatal(err)
	}
	c, err := f.Open(t.Context(), "b/1")
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 3)
	if _, err := c.ReadAt(got, 2); string(got) != "llo" || err != nil {
		t.Errorf("kept are %q, %v", got, err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := f.Remove(t.Context(), "b/1"); err != nil {
			t.Error(err)
		}
	}
	if left := listed(t, dir); len(left) != 0 {
		t.Errorf("left are %v", left)
	}
	if _, err := os.Stat(filepath.Join(dir, "b")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the bot's empty folder is left: %v", err)
	}
}

func TestWhatIsDiscardedLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := folder(t, dir, noon)
	s, err := f.Stage(t.Context(), strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Discard(); err != nil {
		t.Error(err)
	}
	broken := errors.New("it broke off")
	if _, err := f.Stage(t.Context(), io.MultiReader(strings.NewReader("hel"), failing{broken})); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if left := listed(t, dir); len(left) != 0 {
		t.Errorf("left are %v", left)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestAKilledProcessLeavesNothingForLong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := folder(t, dir, noon)
	if _, err := f.Stage(t.Context(), strings.NewReader("hello")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		after time.Duration
		left  int
	}{{time.Hour, 1}, {25 * time.Hour, 0}} {
		again := folder(t, dir, time.Now().Add(c.after)) // by the disk's own clock
		if _, err := again.Open(t.Context(), "b/1"); !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
		if left := listed(t, dir); len(left) != c.left {
			t.Errorf("%v later left are %v", c.after, left)
		}
	}
}

func TestKeysLeadNowhereElse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	outside := filepath.Join(dir, "secret")
	if err := os.WriteFile(outside, []byte("s"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := folder(t, filepath.Join(dir, "media"), noon)
	for _, key := range []string{"", ".", "..", "../secret", "b/../../secret", "/etc/passwd", "b//1", "b/./1", "b/", `b\1`, "b/\x00", "C:/x", ".incoming/x", "b/é"} {
		if c, err := f.Open(t.Context(), key); err == nil {
			_ = c.Close()
			t.Errorf("%q is opened", key)
		}
		s, err := f.Stage(t.Context(), bytes.NewReader([]byte("x")))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Keep(t.Context(), key); err == nil {
			t.Errorf("%q is kept", key)
		}
		if err := s.Discard(); err != nil {
			t.Error(err)
		}
		if err := f.Remove(t.Context(), key); err == nil {
			t.Errorf("%q is removed", key)
		}
	}
	if err := os.Symlink(dir, filepath.Join(dir, "media", "b")); err != nil {
		t.Skip(err)
	}
	if c, err := f.Open(t.Context(), "b/secret"); err == nil {
		_ = c.Close()
		t.Error("a link leads out")
	}
	if got, err := os.ReadFile(outside); string(got) != "s" || err != nil {
		t.Errorf("outside is %q, %v", got, err)
	}
}
