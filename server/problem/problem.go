// Package problem writes errors as RFC 9457 problem details, the form of every
// route that is not another product's.
package problem

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
)

// ContentType of a problem.
const ContentType = "application/problem+json"

// docs is the page that explains each type; a type is its title's anchor.
const docs = "/docs#problem-"

// Away is told to whoever calls while the database cannot be asked.
const Away = "the database cannot be asked just now: try again in a moment"

// Problem is what a caller is told. It never holds a value the caller sent.
type Problem struct {
	Type      string   `json:"type" doc:"A page that explains this kind of problem."`
	Title     string   `json:"title" doc:"The kind of problem, the same every time."`
	Status    int      `json:"status" doc:"The HTTP status."`
	Detail    string   `json:"detail" doc:"What is wrong this time, and what to do."`
	Hint      string   `json:"hint,omitempty" doc:"Such as the nearest names."`
	Reason    string   `json:"reason,omitempty" doc:"The ledger's reason, where policy refuses."`
	Errors    []Detail `json:"errors,omitempty" doc:"Every field that is wrong."`
	RequestID string   `json:"request_id,omitempty" doc:"Names this call in the server's log."`

	RetryAfter time.Duration `json:"-"` // when to try again, as a header; a second for 429 and 503
}

// Detail is one field that is wrong.
type Detail struct {
	Location string `json:"location,omitempty" doc:"Where, such as body.to.phone."`
	Message  string `json:"message" doc:"What is wrong with it."`
}

// New returns a problem of a status.
func New(status int, detail string) *Problem {
	return (&Problem{Status: status, Detail: detail}).Fill("")
}

// Fill sets what follows from the status, and the call's id.
func (p *Problem) Fill(requestID string) *Problem {
	p.Title = http.StatusText(p.Status)
	if p.Title == "" {
		p.Title = "Error"
	}
	p.Type = docs + slug(p.Title)
	if requestID != "" {
		p.RequestID = requestID
	}
	if p.RetryAfter == 0 && (p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests) {
		p.RetryAfter = time.Second
	}
	return p
}

// GetHeaders are those of the answer; huma asks for them by this name.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.RetryAfter > 0 {
		h.Set(fiber.HeaderRetryAfter, Seconds(p.RetryAfter))
	}
	return h
}

// Seconds is a wait as Retry-After has it: whole seconds, at least one.
func Seconds(wait time.Duration) string {
	return strconv.FormatInt(max(1, int64((wait+time.Second-1)/time.Second)), 10)
}

// Error makes a Problem an error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status; huma asks for it by this name.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of a problem; huma asks for it by this name.
func (p *Problem) ContentType(string) string { return ContentType }

// Write answers with the problem. The call's id is taken from the answer's
// header, where the server has put it.
func Write(c *fiber.Ctx, p *Problem) error {
	p.Fill(string(c.Response().Header.Peek(fiber.HeaderXRequestID)))
	body, err := c.App().Config().JSONEncoder(p)
	if err != nil {
		return err
	}
	c.Status(p.Status)
	c.Set(fiber.HeaderContentType, ContentType)
	for name := range p.GetHeaders() {
		c.Set(name, p.GetHeaders().Get(name))
	}
	return c.Send(body)
}

// slug is a title as an anchor.
func slug(title string) string {
	b := []byte(title)
	for i, c := range b {
		switch {
		case 'A' <= c && c <= 'Z':
			b[i] = c + 'a' - 'A'
		case c == ' ':
			b[i] = '-'
		}
	}
	return string(b)
}
