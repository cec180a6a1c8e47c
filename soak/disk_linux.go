package main

import (
	"errors"
	"fmt"
	"syscall"
)

// mountDisk puts a small disk, in memory, on an empty folder.
func mountDisk(path string) (*disk, error) {
	err := syscall.Mount("tmpfs", path, "tmpfs", 0, fmt.Sprintf("size=%d,mode=0700", diskSize))
	if errors.Is(err, syscall.EPERM) {
		return nil, fmt.Errorf("%w: a disk can be mounted by root alone", errCannot)
	}
	if err != nil {
		return nil, fmt.Errorf("mount a small disk: %w", err)
	}
	return &disk{path}, nil
}

func (d *disk) unmount() error { return syscall.Unmount(d.path, 0) }
