package server_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/blockcast/blockcast/server"
)

// A connection that a client opened in advance and never used does not hold a
// stop up.
func TestShutdownWaitsForNobodyWhoSaysNothing(t *testing.T) {
	t.Parallel()
	s := server.New(server.Config{NewID: func() string { return "r" }, Now: time.Now})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(context.Background(), l) }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ask(t, l.Addr().String())                                       // the silent one was accepted before it
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // less than the time a first request may take
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("shut down: %v", err)
	}
	if err := <-served; err != nil {
		t.Errorf("serve: %v", err)
	}
}

// ask makes one whole request on a connection of its own.
func ask(t *testing.T, address string) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Read(make([]byte, 64)); n == 0 {
		t.Fatalf("no answer: %v", err)
	}
}
