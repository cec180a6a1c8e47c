package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/server/problem"
)

// defaultMaxBody is the limit where no surface says another.
const defaultMaxBody = 1 << 20

// readBody is the one reader of request bodies: raw bytes, never inflated, cut
// off at the route's limit. Handlers find them in c.Request().Body(), in a slice
// that is theirs to keep.
func (s *Server) readBody(c *fiber.Ctx) error {
	if coding := c.Get(fiber.HeaderContentEncoding); coding != "" && coding != "identity" {
		return problem.New(fiber.StatusUnsupportedMediaType, "compressed bodies are not read: send the body without Content-Encoding")
	}
	stream := c.Request().BodyStream()
	if stream == nil {
		return c.Next()
	}
	if s.streams(c.Method(), c.Path()) {
		return c.Next()
	}
	limit := defaultMaxBody
	if surface := s.surface(c.Path()); surface != nil {
		limit = surface.MaxBody(c.Path())
	}
	body, err := readAll(stream, c.Request().Header.ContentLength(), limit)
	switch {
	case errors.Is(err, errTooLarge):
		return problem.New(fiber.StatusRequestEntityTooLarge, "the body is larger than the "+size(limit)+" this address takes")
	case err != nil:
		return problem.New(fiber.StatusBadRequest, "the body broke off before its end")
	}
	c.Request().SetBodyRaw(body)
	return c.Next()
}

// size is a number of bytes as people say it.
func size(bytes int) string {
	if bytes >= 1<<20 && bytes%(1<<20) == 0 {
		return fmt.Sprintf("%d MB", bytes>>20)
	}
	return fmt.Sprintf("%d bytes", bytes)
}

var errTooLarge = errors.New("body too large")

// readAll reads a body of a declared length, or of none (negative), up to a
// limit.
func readAll(r io.Reader, length, limit int) ([]byte, error) {
	if length > limit {
		return nil, errTooLarge
	}
	if length >= 0 {
		body := make([]byte, length)
		_, err := io.ReadFull(r, body)
		return body, err
	}
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(r, int64(limit)+1))
	if err == nil && n > int64(limit) {
		err = errTooLarge
	}
	return b.Bytes(), err
}
