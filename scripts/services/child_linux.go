package main

import "syscall"

// child runs a server under an account, away from the terminal's Ctrl-C, and
// ends it with us even when we are killed.
func child(as *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: as, Setpgid: true, Pdeathsig: syscall.SIGINT}
}
