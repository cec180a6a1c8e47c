package app

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A backup that is taken while a server works makes an instance that has what
// stood in it, is paused, and knows its credentials.
func TestABackupOfARunningServerIsRestored(t *testing.T) {
	t.Parallel()
	s := newTrial(t, map[string]string{"BLOCKCAST_DATA": filepath.Join(t.TempDir(), "data"), "BLOCKCAST_LISTEN": "127.0.0.1:0"})
	stop := s.serve()
	s.open(trialFlow)
	mai := s.people(1)[0]
	if status, text := s.sends(mai, "news"); status != http.StatusAccepted {
		t.Fatalf("%d %s", status, text)
	}
	s.hears(mai, 1)
	file := filepath.Join(t.TempDir(), "copy.db")
	if out := s.does("backup", file, "--with-key"); !strings.Contains(out, "it is whole") || !strings.Contains(out, file+".key") {
		t.Errorf("backup says %s", out)
	}
	if _, errs, code := typedIn(t, s.env, "backup", file); code != exitUsage || !strings.Contains(errs, "writes over nothing") {
		t.Errorf("a second backup: code %d, %s", code, errs)
	}
	for _, f := range []string{file, file + ".key"} {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != fs.FileMode(0o600) {
			t.Errorf("%s: %v, %v", f, info, err)
		}
	}
	stop()

	fresh := filepath.Join(t.TempDir(), "restored")
	s.env["BLOCKCAST_DATA"] = fresh
	if out := s.does("restore", file); !strings.Contains(out, "PAUSED") {
		t.Errorf("restore says %s", out)
	}
	if _, errs, code := typedIn(t, s.env, "restore", file); code != exitUsage || !strings.Contains(errs, "move it away") {
		t.Errorf("restored twice: code %d, %s", code, errs)
	}
	s.serve()
	if out := s.does("status"); !strings.Contains(out, "PAUSED: everything") || !strings.Contains(out, "restored from copy.db") {
		t.Errorf("status says %s", out)
	}
	s.does("resume")
	if status, text := s.sends(mai, "news"); status != http.StatusAccepted {
		t.Fatalf("after the restore: %d %s", status, text)
	}
	s.hears(mai, 2)
}

func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	typed := shopFolder(t)
	file := filepath.Join(t.TempDir(), "copy.db")
	if out, errs, code := typed("backup", file); code != 0 || !strings.Contains(out, "keep a copy of that file elsewhere") {
		t.Fatalf("code %d, %s%s", code, out, errs)
	}
	into := func(file string, args ...string) (string, int) {
		t.Helper()
		_, errs, code := typedIn(t, map[string]string{"BLOCKCAST_DATA": filepath.Join(t.TempDir(), "new")}, append([]string{"restore", file}, args...)...)
		return errs, code
	}
	if errs, code := into(file); code != exitUsage || !strings.Contains(errs, "--key") {
		t.Errorf("without a key: code %d, %s", code, errs)
	}
	if errs, code := into(file, "--key", write(t, "wrong.key", "0000000000000000000000000000000000000000000000000000000000000000")); code != exitFailed || !strings.Contains(errs, "key") {
		t.Errorf("with a wrong key: code %d, %s", code, errs)
	}
	left := t.TempDir()
	if err := os.WriteFile(filepath.Join(left, "blockcast.db-wal"), []byte("of the old one"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := typedIn(t, map[string]string{"BLOCKCAST_DATA": left}, "restore", file); code != exitUsage || !strings.Contains(errs, "blockcast.db-wal exists") {
		t.Errorf("beside an old log: code %d, %s", code, errs)
	}
	if errs, code := into(write(t, "text.db", "no database")); code != exitFailed || !strings.Contains(errs, "damaged") {
		t.Errorf("a text: code %d, %s", code, errs)
	}
	if _, errs, code := typedIn(t, map[string]string{"BLOCKCAST_DATA": t.TempDir()}, "backup", file+"2"); code != exitAbsent || !strings.Contains(errs, "no database") {
		t.Errorf("an empty folder: code %d, %s", code, errs)
	}
	if _, errs, code := typed("backup", filepath.Join(left, "none", "copy.db")); code != exitUsage || !strings.Contains(errs, "make it first") {
		t.Errorf("into no folder: code %d, %s", code, errs)
	}
	production := map[string]string{"BLOCKCAST_DATABASE_URL": "postgres://localhost/x", "BLOCKCAST_SECRET_KEY": strings.Repeat("0", 64)}
	if _, errs, code := typedIn(t, production, "backup", file+"3"); code != exitUsage || !strings.Contains(errs, "pg_dump") {
		t.Errorf("with Postgres: code %d, %s", code, errs)
	}
}
