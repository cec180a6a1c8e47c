package server

import (
	"io"
	"time"
)

// lingerTime is how long a refused body is still read, and thrown away.
const lingerTime = 5 * time.Second

// linger lets the client read its answer. A connection that is closed while
// bytes of a body are unread is reset by the kernel, and a client that is still
// sending would see a broken connection instead of the reason. So our half is
// closed first, and what comes is thrown away until the client closes its own.
func (c *conn) linger() {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	if c.SetReadDeadline(time.Now().Add(lingerTime)) == nil { // sockets know no other clock
		_, _ = io.Copy(io.Discard, c.Conn)
	}
}
