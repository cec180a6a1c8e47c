package keys

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// FileName of the key in an embedded instance's data folder.
const FileName = "secret.key"

// Load reads the key of a data folder and makes it when there is none. made
// says so. The file is for its owner's eyes alone.
func Load(folder string) (r *Ring, made bool, err error) {
	path := filepath.Join(folder, FileName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text, made, err = []byte(New()+"\n"), true, nil
		if err := create(path, text); err != nil {
			return nil, false, fmt.Errorf("make the secret key: %w", err)
		}
	}
	if err != nil {
		return nil, false, fmt.Errorf("read the secret key: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, false, fmt.Errorf("hide the secret key: %w", err)
	}
	r, err = Parse(string(text))
	if err != nil {
		return nil, false, fmt.Errorf("read %s: %w", path, err)
	}
	return r, made, nil
}

// create writes a new file whole or not at all.
func create(path string, text []byte) error {
	name, err := written(path, text)
	if err != nil {
		return err
	}
	defer os.Remove(name)
	return os.Link(name, path) // fails when another process was first
}

// written puts a text into a file of another name beside path.
func written(path string, text []byte) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), FileName+".*") // made with mode 0600
	if err != nil {
		return "", err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}
