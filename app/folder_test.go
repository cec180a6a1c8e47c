package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAFolderIsOneProcessAtATime(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "new", "data")
	first, err := lockFolder(folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockFolder(folder); !errors.Is(err, errFolderTaken) || !strings.Contains(err.Error(), folder) {
		t.Errorf("a second lock: %v", err)
	}
	if err := first.release(); err != nil {
		t.Fatal(err)
	}
	again, err := lockFolder(folder)
	if err != nil {
		t.Fatalf("after its release: %v", err)
	}
	if err := again.release(); err != nil {
		t.Fatal(err)
	}
}

func TestAFolderThatCannotBeIsNamed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := lockFolder(file); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("error %v", err)
	}
}

func TestTheRunFileIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if r, err := readRunning(folder); r != nil || err != nil {
		t.Fatalf("before: %v, %v", r, err)
	}
	want := running{URL: "http://127.0.0.1:8080", Token: "secret", PID: 7, StartedAt: time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)}
	for range 2 {
		if err := writeRunning(folder, want); err != nil {
			t.Fatal(err)
		}
	}
	got, err := readRunning(folder)
	if err != nil || *got != want {
		t.Errorf("read %+v, %v", got, err)
	}
	info, err := os.Stat(filepath.Join(folder, runName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files, %v", len(entries), err)
	}
	for range 2 {
		if err := removeRunning(folder); err != nil {
			t.Error(err)
		}
	}
}

func TestABrokenRunFileIsNamed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, runName), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readRunning(folder); err == nil || !strings.Contains(err.Error(), runName) {
		t.Errorf("error %v", err)
	}
}
