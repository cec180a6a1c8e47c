package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// Limits of an answer. The program answers these calls with a few lines.
const (
	maxHeaderLines = 100
	maxLine        = 16 << 10
	maxAnswer      = 1 << 20
	keptAnswer     = 300 // bytes of a refusal that are shown
	answerTime     = 10 * time.Second
)

// wire is one keep-alive connection. It writes requests that are ready as
// bytes and reads no more of the answer than it must: load and program share
// the machine.
type wire struct {
	address string
	conn    net.Conn
	in      *bufio.Reader
}

func newWire(address string) *wire { return &wire{address: address} }

// post sends one request, head and body, and returns an error for any answer
// but 200.
func (w *wire) post(ctx context.Context, request []byte) error {
	if w.conn == nil {
		if err := w.dial(ctx); err != nil {
			return err
		}
	}
	if err := w.conn.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return err
	}
	if _, err := w.conn.Write(request); err != nil {
		return fmt.Errorf("post: %w", err)
	}
	a, err := readAnswer(w.in)
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if a.closes {
		w.close()
	}
	if a.status != 200 {
		return fmt.Errorf("answered %d: %s", a.status, a.text)
	}
	return nil
}

func (w *wire) dial(ctx context.Context) (err error) {
	var d net.Dialer
	if w.conn, err = d.DialContext(ctx, "tcp", w.address); err != nil {
		return err
	}
	w.in = bufio.NewReaderSize(w.conn, maxLine)
	return nil
}

func (w *wire) close() {
	if w.conn != nil {
		_ = w.conn.Close() // nothing is under way on it
		w.conn = nil
	}
}

// answer is what an HTTP answer comes to.
type answer struct {
	status int
	closes bool   // the server ends the connection after it
	text   []byte // the beginning of the body, of refusals only
}

var errNoHTTP = errors.New("this is no HTTP/1.1 answer of known length")

// readAnswer reads one answer to its end.
func readAnswer(in *bufio.Reader) (answer, error) {
	first, err := readLine(in)
	if err != nil {
		return answer{}, err
	}
	rest, ok := bytes.CutPrefix(first, []byte("HTTP/1.1 "))
	if !ok || len(rest) < 3 {
		return answer{}, errNoHTTP
	}
	a := answer{}
	if a.status, err = strconv.Atoi(string(rest[:3])); err != nil || a.status < 200 {
		return answer{}, errNoHTTP
	}
	length, err := a.readHead(in)
	if err != nil {
		return answer{}, err
	}
	if a.status != 200 {
		a.text = make([]byte, min(length, keptAnswer))
		if _, err := io.ReadFull(in, a.text); err != nil {
			return answer{}, err
		}
		length -= len(a.text)
	}
	_, err = in.Discard(length)
	return a, err
}

// readHead reads the headers and returns the length of the body.
func (a *answer) readHead(in *bufio.Reader) (length int, err error) {
	length = -1
	for range maxHeaderLines {
		header, err := readLine(in)
		if err != nil {
			return 0, err
		}
		if len(header) == 0 {
			if length < 0 && a.status == 204 {
				return 0, nil
			}
			if length < 0 || length > maxAnswer {
				return 0, errNoHTTP
			}
			return length, nil
		}
		name, value, ok := bytes.Cut(header, []byte(":"))
		if !ok {
			return 0, errNoHTTP
		}
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil || length < 0 {
				return 0, errNoHTTP
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			return 0, errNoHTTP
		case bytes.EqualFold(name, []byte("Connection")):
			a.closes = bytes.EqualFold(value, []byte("close"))
		}
	}
	return 0, errNoHTTP
}

// readLine reads a line without its end. It is good until the next read.
func readLine(in *bufio.Reader) ([]byte, error) {
	text, err := in.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	return bytes.TrimRight(text, "\r\n"), nil
}
