//go:build unix && !linux

package main

import "syscall"

// child runs a server under an account, away from the terminal's Ctrl-C.
func child(as *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: as, Setpgid: true}
}
