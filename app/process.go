package app

import (
	"io"
	"os"
)

// Process is what a command has of the process it runs in.
type Process struct {
	In       io.Reader
	Out, Err io.Writer
	Lookup   lookup // of the environment
}

// This returns the process we are.
func This() *Process {
	return &Process{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Lookup: os.LookupEnv}
}
