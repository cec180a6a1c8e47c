// Package files keeps media in a folder on disk. It knows keys and bytes, and
// not what they show.
package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/blockcast/blockcast/engine/media"
)

// staging is the folder, inside the folder, of files that are being taken in.
// No key begins with a dot.
const staging = ".incoming"

// staleStaged is how old a file there is when its process must have been killed.
const staleStaged = 24 * time.Hour

// Folder keeps files below one folder, which is made for the first of them. It is
// safe for concurrent use, also by several processes. Nothing outside it is
// reached, whatever a key says.
type Folder struct {
	dir string
	now func() time.Time

	mu   sync.Mutex
	root *os.Root // nil until it is needed
}

var _ media.Files = (*Folder)(nil)

// New names a folder. Nothing is made or read before it is needed.
func New(dir string, now func() time.Time) *Folder { return &Folder{dir: dir, now: now} }

// Close ends the use of the folder.
func (f *Folder) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.root == nil {
		return nil
	}
	err := f.root.Close()
	f.root = nil
	return err
}

// open opens the folder once, and clears away what a killed process had been
// taking in. Without make, one that is not there is fs.ErrNotExist.
func (f *Folder) open(make bool) (*os.Root, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.root != nil {
		return f.root, nil
	}
	if make {
		if err := os.MkdirAll(filepath.Join(f.dir, staging), 0o700); err != nil {
			return nil, fmt.Errorf("open the folder of media: %w", err)
		}
	}
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder of media: %w", err)
	}
	f.root = root
	clearStaged(root, f.now().Add(-staleStaged))
	return root, nil
}

// clearStaged removes staged files older than a time; what cannot be removed
// harms nobody.
func clearStaged(root *os.Root, before time.Time) {
	d, err := root.Open(staging)
	if err != nil {
		return
	}
	defer d.Close()
	entries, _ := d.ReadDir(-1)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.ModTime().Before(before) {
			_ = root.Remove(path.Join(staging, e.Name()))
		}
	}
}

// Stage implements media.Files.
func (f *Folder) Stage(_ context.Context, r io.Reader) (media.Staged, error) {
	root, err := f.open(true)
	if err != nil {
		return nil, err
	}
	if err := root.MkdirAll(staging, 0o700); err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(filepath.Join(root.Name(), staging), "*")
	if err != nil {
		return nil, err
	}
	s := &staged{File: file, root: root, name: path.Join(staging, filepath.Base(file.Name()))}
	if s.size, err = io.Copy(file, r); err != nil {
		return nil, errors.Join(err, s.Discard())
	}
	return s, nil
}

// Open implements media.Files.
func (f *Folder) Open(_ context.Context, key string) (media.Content, error) {
	if err := check(key); err != nil {
		return nil, err
	}
	root, err := f.open(false)
	if err != nil {
		return nil, err
	}
	return root.Open(filepath.FromSlash(key))
}

// Remove implements media.Files. A bot's folder that is empty then goes with it.
func (f *Folder) Remove(_ context.Context, key string) error {
	if err := check(key); err != nil {
		return err
	}
	root, err := f.open(false)
	if err == nil {
		err = root.Remove(filepath.FromSlash(key))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if dir := path.Dir(key); dir != "." {
		_ = root.Remove(filepath.FromSlash(dir)) // refused while there is anything in it
	}
	return nil
}

// staged is a file that is being taken in.
type staged struct {
	*os.File
	root *os.Root
	name string
	size int64
	kept bool
}

// Size implements media.Staged.
func (s *staged) Size() int64 { return s.size }

// Keep implements media.Staged: the bytes are on the disk before they have their
// name, and the name before it returns.
func (s *staged) Keep(_ context.Context, key string) error {
	if err := check(key); err != nil {
		return err
	}
	if err := errors.Join(s.Sync(), s.Close()); err != nil { // an open file has its name for good on some systems
		return err
	}
	dir := filepath.FromSlash(path.Dir(key))
	for range 2 { // a folder may be removed, empty, between being made and being used
		if err := s.root.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		err := s.root.Rename(filepath.FromSlash(s.name), filepath.FromSlash(key))
		if err == nil {
			s.kept = true
			return syncNames(s.root, dir)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return fmt.Errorf("keep %s: its folder disappears: %w", key, fs.ErrNotExist)
}

// syncNames makes the names in a folder last.
func syncNames(root *os.Root, dir string) error {
	d, err := root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(ignoreUnsupported(d.Sync()), d.Close())
}

// ignoreUnsupported lets systems pass that cannot sync a folder.
func ignoreUnsupported(err error) error {
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrInvalid) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	return err
}

// Discard implements media.Staged.
func (s *staged) Discard() error {
	err := s.Close()
	if errors.Is(err, os.ErrClosed) {
		err = nil
	}
	if s.kept {
		return err
	}
	if gone := s.root.Remove(filepath.FromSlash(s.name)); !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

// check refuses what is no key: one leads to no other place than its own.
func check(key string) error {
	if key == "" || strings.HasPrefix(key, ".") || !filepath.IsLocal(filepath.FromSlash(key)) || path.Clean(key) != key ||
		strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789./-") != "" {
		return fmt.Errorf("%q is no key of a file", key)
	}
	return nil
}
