package api

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/server/problem"
)

// Streams implements server.Streamer: files are read as they come.
func (*API) Streams(method, path string) bool {
	return method == http.MethodPost && strings.HasPrefix(path, "/v1/bots/") && (strings.HasSuffix(path, mediaPath) || strings.HasSuffix(path, listFilePath))
}

// streamOf is the body of a call as it comes.
func streamOf(c huma.Context) io.Reader {
	request := humafiber.Unwrap(c).Context()
	if stream := request.RequestBodyStream(); stream != nil {
		return &ending{r: stream}
	}
	return strings.NewReader(string(request.Request.Body()))
}

// ending stays at its end: fasthttp's stream of a body without a length waits
// for another one when it is read again there.
type ending struct {
	r   io.Reader
	err error
}

// Read implements io.Reader.
func (e *ending) Read(p []byte) (int, error) {
	if e.err != nil {
		return 0, e.err
	}
	n, err := e.r.Read(p)
	e.err = err
	return n, err
}

// limited reads at most so many bytes: after them comes a *problem.Problem
// instead of an end.
func limited(r io.Reader, most int64) io.Reader {
	return io.MultiReader(io.LimitReader(r, most), &overflow{r, most})
}

// overflow is what follows the last byte that is taken.
type overflow struct {
	r    io.Reader
	most int64
}

// Read implements io.Reader.
func (o *overflow) Read([]byte) (int, error) {
	var one [1]byte
	n, err := io.ReadFull(o.r, one[:])
	if n == 0 {
		return 0, err
	}
	return 0, problem.New(http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than the %d MB this address takes", o.most>>20))
}

// keepBody reads a body whole that would be read as it comes: a call with a key
// is known again by it.
func keepBody(f *fiber.Ctx) *problem.Problem {
	stream := f.Request().BodyStream()
	if stream == nil {
		return nil
	}
	body, err := io.ReadAll(limited(&ending{r: stream}, maxKeyed))
	if err != nil {
		return brokenOff(err)
	}
	f.Request().SetBodyRaw(body)
	return nil
}
