package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// diskSize is room for the database of a run, with some to spare.
const diskSize = 64 << 20

// disk is a small disk, mounted on a folder.
type disk struct{ path string }

func (d *disk) filler() string { return filepath.Join(d.path, "filler") }

// fill takes all the room there is left.
func (d *disk) fill() (err error) {
	file, err := os.Create(d.filler())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	for size := 1 << 20; size > 0; { // in ever smaller pieces
		_, err := file.Write(make([]byte, size))
		switch {
		case errors.Is(err, syscall.ENOSPC):
			size /= 2
		case err != nil:
			return fmt.Errorf("fill the disk: %w", err)
		}
	}
	return nil
}

// free makes room again.
func (d *disk) free() error { return os.Remove(d.filler()) }
