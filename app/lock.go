package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// lockName is the file in the data folder that the process using it has locked.
const lockName = "lock"

// errFolderTaken means that another process uses the data folder.
var errFolderTaken = errors.New("another blockcast uses this data folder")

// lock holds a data folder. The operating system lets go of it when the
// process ends, however it ends.
type lock struct{ file *os.File }

// lockFolder makes the folder where it is missing and takes it, or returns
// errFolderTaken.
func lockFolder(folder string) (*lock, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	f, err := openLocked(filepath.Join(folder, lockName))
	if err != nil {
		if errors.Is(err, errFolderTaken) {
			return nil, fmt.Errorf("%w: %s", errFolderTaken, folder)
		}
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	return &lock{f}, nil
}

// release lets others use the folder. The zero lock holds none.
func (l *lock) release() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}
