package people

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

var errLong = errors.New("row too long")

// leash reads a file, and no row longer than maxRow of it.
type leash struct {
	buffer *bufio.Reader
	from   io.Reader
	left   int
}

func newLeash(r io.Reader) *leash {
	l := &leash{from: r, left: maxRow}
	l.buffer = bufio.NewReader(l)
	return l
}

// reset begins a row.
func (l *leash) reset() { l.left = maxRow }

// Read implements io.Reader.
func (l *leash) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errLong
	}
	n, err := l.from.Read(p)
	l.left -= n
	return n, err
}

// ended reports whether all is read.
func (l *leash) ended() bool {
	_, err := l.buffer.Peek(1)
	return err != nil
}

// begin skips the mark that some programs put before UTF-8, and refuses what is
// another encoding.
func (l *leash) begin() error {
	head, err := l.buffer.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch {
	case len(bytes.TrimSpace(head)) == 0 && errors.Is(err, io.EOF):
		return errors.New("the file is empty")
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return errors.New("the file is UTF-16: save it as UTF-8, which spreadsheets call CSV UTF-8")
	case bytes.Equal(head, []byte{0xef, 0xbb, 0xbf}):
		_, err := l.buffer.Discard(3)
		return err
	}
	return nil
}
