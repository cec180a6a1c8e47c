//go:build !windows

package app

import (
	"errors"
	"os"
	"syscall"
)

// openLocked opens a file and locks it for as long as it is open.
func openLocked(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = errFolderTaken
		}
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
