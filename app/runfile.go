package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// runName is the file in which a running server says where it is.
const runName = "run.json"

// running tells the command line how to reach the server that uses a data
// folder. Token is good for that server's life alone.
type running struct {
	URL       string    `json:"url"`
	Public    string    `json:"public_url,omitempty"` // where others reach it, when it was told
	Token     string    `json:"token"`
	PID       int       `json:"pid"`
	StartedAt time.Time `json:"started_at"`
}

// writeRunning leaves the note for the command line, for its owner's eyes
// alone.
func writeRunning(folder string, r running) error {
	if err := writeSecretJSON(filepath.Join(folder, runName), r); err != nil {
		return fmt.Errorf("tell the command line where the server is: %w", err)
	}
	return nil
}

// readRunning returns the note of a data folder, nil when there is none.
func readRunning(folder string) (*running, error) {
	var r running
	found, err := readJSON(filepath.Join(folder, runName), &r)
	if err != nil || !found {
		return nil, err
	}
	return &r, nil
}

// removeRunning takes the note away.
func removeRunning(folder string) error {
	if err := os.Remove(filepath.Join(folder, runName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("take back %s: %w", runName, err)
	}
	return nil
}

// writeSecretJSON replaces a file, whole or not at all, readable for its
// owner alone.
func writeSecretJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // made with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// readJSON reads a file; found is false when there is none.
func readJSON(path string, v any) (found bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return false, fmt.Errorf("read %s: %w", path, err)
	}
	return true, nil
}
