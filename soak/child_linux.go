package main

import "syscall"

// childAttributes keep a child away from the terminal's Ctrl-C, which soak
// hears itself and passes on in its own time.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
