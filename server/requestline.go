package server

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync/atomic"

	"github.com/valyala/fasthttp"
)

// tolerant is a listener for callers that put spaces into the query as they
// are: `POST /…/send?name=Mai Anh HTTP/1.1`. HTTP forbids it and fasthttp
// refuses it, yet common clients (Java's, older PHP's) send it and the products
// we stand in for take it. Only spaces after the question mark are taken;
// everything else reaches fasthttp as it came.
type tolerant struct {
	net.Listener
	newcomers *newcomers
}

// Accept returns the next connection.
func (t tolerant) Accept() (net.Conn, error) {
	c, err := t.Listener.Accept()
	if err != nil {
		return nil, err
	}
	t.newcomers.came(c)
	return &conn{Conn: c, begins: true, newcomers: t.newcomers}, nil
}

// conn mends request lines while they are read.
type conn struct {
	net.Conn
	begins bool   // the next byte read is the first of a request
	read   []byte // of the connection, and not yet handed on
	// newcomers has the connection until it sends something or is closed.
	newcomers *newcomers
	said      atomic.Bool
	// unread is set when the last answer was given before its request's body
	// had been read.
	unread bool
}

// heard tells that the connection has sent something, or never will.
func (c *conn) heard() {
	if c.said.CompareAndSwap(false, true) {
		c.newcomers.left(c.Conn)
	}
}

// requestEnded is told by fasthttp that a request is answered: what is read
// next begins another. A request that a client sends before the answer to the
// one before has come is not mended.
func requestEnded(c net.Conn, state fasthttp.ConnState) {
	if c, ok := c.(*conn); ok && state == fasthttp.StateIdle {
		c.begins = true
	}
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.heard()
	if c.unread {
		c.linger()
	}
	return c.Conn.Close()
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	if len(c.read) > 0 {
		n := copy(p, c.read)
		c.read = c.read[n:]
		return n, nil
	}
	n, err := c.Conn.Read(p)
	c.heard()
	if errors.Is(err, net.ErrClosed) {
		err = io.EOF // dismissed by ourselves: for fasthttp the client has gone
	}
	if !c.begins || n == 0 {
		return n, err
	}
	if end := bytes.IndexByte(p[:n], '\n'); end >= 0 && bytes.Count(p[:end], []byte{' '}) <= 2 {
		c.begins = false
		return n, err
	}
	head, err := c.wholeLine(bytes.Clone(p[:n]), err)
	c.begins = false
	c.read = mended(head)
	n = copy(p, c.read)
	c.read = c.read[n:]
	return n, err
}

// wholeLine reads on until the request line is there, or too long for it.
func (c *conn) wholeLine(head []byte, err error) ([]byte, error) {
	buf := make([]byte, 4096)
	for err == nil && len(head) < maxHead && bytes.IndexByte(head, '\n') < 0 {
		var n int
		n, err = c.Conn.Read(buf)
		head = append(head, buf[:n]...)
	}
	return head, err
}

// mended escapes the spaces in the query of the request line that head begins
// with.
func mended(head []byte) []byte {
	end := bytes.IndexByte(head, '\n')
	if end < 0 {
		return head
	}
	line := head[:end]
	query, version := bytes.IndexByte(line, '?'), bytes.LastIndex(line, []byte(" HTTP/1."))
	if query < 0 || version < query || bytes.IndexByte(line[query:version], ' ') < 0 {
		return head
	}
	out := make([]byte, 0, len(head)+64)
	out = append(out, line[:query]...)
	out = append(out, bytes.ReplaceAll(line[query:version], []byte{' '}, []byte("%20"))...)
	return append(out, head[version:]...)
}
