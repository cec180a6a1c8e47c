//go:build !linux

package main

import "fmt"

func mountDisk(string) (*disk, error) {
	return nil, fmt.Errorf("%w: a small disk is mounted on Linux alone", errCannot)
}

func (d *disk) unmount() error { return nil }
