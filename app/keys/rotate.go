package keys

import (
	"fmt"
	"os"
	"path/filepath"
)

// Renew puts a new key in front of a data folder's old ones. What it returns
// opens everything the old keys sealed; once all is sealed again, Forget drops
// them.
func Renew(folder string) (*Ring, error) {
	path := filepath.Join(folder, FileName)
	old, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the secret key: %w", err)
	}
	text := New() + "\n" + string(old)
	r, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return r, replace(path, []byte(text))
}

// Forget keeps the first key of a data folder alone.
func Forget(folder string) error {
	path := filepath.Join(folder, FileName)
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the secret key: %w", err)
	}
	first, err := Parse(string(text))
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return replace(path, []byte(first.text()+"\n"))
}

// replace writes a file anew, whole or not at all.
func replace(path string, text []byte) error {
	name, err := written(path, text)
	if err != nil {
		return fmt.Errorf("write the secret key: %w", err)
	}
	if err := os.Rename(name, path); err != nil {
		return fmt.Errorf("write the secret key: %w", err)
	}
	return nil
}
