package main

import (
	"io"
	"net"
	"sync"
)

// gate stands before a server and passes connections on while it is open.
// Closed, it breaks those there are and refuses new ones: the server is gone.
type gate struct {
	address string // host:port, the same for good
	target  string

	mu       sync.Mutex
	listener net.Listener // nil while it is closed
	conns    map[net.Conn]struct{}
}

// newGate opens a gate before a server.
func newGate(target string) (*gate, error) {
	g := &gate{target: target, address: "127.0.0.1:0", conns: map[net.Conn]struct{}{}}
	if err := g.open(); err != nil {
		return nil, err
	}
	return g, nil
}

func (g *gate) open() error {
	l, err := net.Listen("tcp", g.address)
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.address, g.listener = l.Addr().String(), l
	go g.accept(l)
	return nil
}

// close is final for every connection there is, whatever was under way on it.
func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.listener != nil {
		_ = g.listener.Close()
		g.listener = nil
	}
	for c := range g.conns {
		_ = c.Close()
	}
	clear(g.conns)
}

func (g *gate) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return // closed
		}
		go g.pass(l, c)
	}
}

// pass joins a caller and the server until one of them hangs up.
func (g *gate) pass(l net.Listener, caller net.Conn) {
	server, err := net.Dial("tcp", g.target)
	if err != nil {
		_ = caller.Close()
		return
	}
	g.mu.Lock()
	if g.listener != l {
		g.mu.Unlock()
		_, _ = caller.Close(), server.Close()
		return
	}
	g.conns[caller], g.conns[server] = struct{}{}, struct{}{}
	g.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { g.copy(server, caller) })
	both.Go(func() { g.copy(caller, server) })
	both.Wait()
	g.mu.Lock()
	delete(g.conns, caller)
	delete(g.conns, server)
	g.mu.Unlock()
}

func (g *gate) copy(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_, _ = to.Close(), from.Close() // either end ends both
}
