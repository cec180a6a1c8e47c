package server

import (
	"errors"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/server/problem"
	"github.com/blockcast/blockcast/server/token"
)

// awayWait is when a call is worth repeating that found the database away.
const awayWait = time.Second

// fail answers an error that no handler answered, in the form of the surface
// whose path it is. What fiber says is not passed on: it may quote the request.
func (s *Server) fail(c *fiber.Ctx, err error) error {
	id := string(c.Response().Header.Peek(fiber.HeaderXRequestID))
	if id == "" { // the request was too broken to reach observe
		id = s.requestID("")
		c.Set(fiber.HeaderXRequestID, id)
	}
	status := fiber.StatusInternalServerError
	var f *fiber.Error
	var p *problem.Problem
	var over *token.OverLimit
	switch {
	case errors.As(err, &p):
		status = p.Status
	case errors.As(err, &f):
		status = f.Code
	case errors.As(err, &over):
		p = &problem.Problem{Status: fiber.StatusTooManyRequests, Detail: over.Error(), RetryAfter: over.Wait}
		status = p.Status
	case s.Away != nil && s.Away(err):
		p = &problem.Problem{Status: fiber.StatusServiceUnavailable, Detail: problem.Away, RetryAfter: awayWait}
		status = p.Status
	}
	if status >= fiber.StatusInternalServerError && err != fiber.ErrInternalServerError { // a panic, logged already
		s.Log.Log(c.UserContext(), failing(status), "request failed", "request_id", id, "path", shownPath(c.Path()), "error", err)
	}
	text := sentence(status)
	if p != nil {
		text = p.Detail
		if p.RetryAfter > 0 {
			c.Set(fiber.HeaderRetryAfter, problem.Seconds(p.RetryAfter))
		}
	}
	if surface := s.surface(c.Path()); surface != nil {
		return surface.Fail(c, status, text)
	}
	return problem.Write(c, problem.New(status, text))
}

// sentence is what a caller is told of a status when no handler said more.
func sentence(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "the request cannot be read as HTTP"
	case http.StatusNotFound:
		return "there is nothing at this address"
	case http.StatusMethodNotAllowed:
		return "this address does not take this method; the Allow header says which it takes"
	case http.StatusRequestTimeout:
		return "the request did not arrive in time"
	case http.StatusRequestHeaderFieldsTooLarge:
		return "the request line and its headers are longer than 32 KB; put long values into the body"
	case http.StatusInternalServerError:
		return "internal error"
	}
	return http.StatusText(status)
}
