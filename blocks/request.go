package blocks

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
)

// KindRequest is the kind of RequestStep.
const KindRequest = "request"

// Limits of a request.
const (
	RequestTimeout    = 10 * time.Second // unless said
	MaxRequestTimeout = 20 * time.Second // a turn's budget for all of them
	MaxRequestBody    = 256 << 10
)

// RequestStep calls a URL of the author's and saves what it answers. Any 2xx
// answer saves; another one runs what on_status says for it ("404", or "4xx"
// for all of a hundred), else on_error. Without either the failure is reported
// and the block goes on. A name in save that cannot be of its declared type
// keeps what it had.
//
//	{"type": "request", "method": "POST", "url": "https://shop.example.com/orders?phone={{ url_encode(phone) }}",
//	 "headers": {"Authorization": "Bearer {{ secret.shop_key }}"}, "body": {"name": "{{ first_name }}", "points": "{{ points }}"},
//	 "timeout": "5s", "save": {"orders": "body.orders", "points": "body.points ?? 0"},
//	 "on_status": {"404": [{"type": "text", "text": "You have no orders yet."}]}, "on_error": "talk to us"}
type RequestStep struct {
	Method   string                 `json:"method,omitempty" enum:"GET,POST,PUT,PATCH,DELETE,HEAD" doc:"GET unless said, POST with a body."`
	URL      Template               `json:"url" doc:"The address; values in it need url_encode."`
	Headers  map[string]*Template   `json:"headers,omitempty" doc:"Headers of the call; secret.x may be used."`
	Body     *Value                 `json:"body,omitempty" doc:"Sent as JSON or as a form; a text is sent as it is."`
	BodyType string                 `json:"body_type,omitempty" enum:"json,form" doc:"How the body is sent; json unless said."`
	Timeout  *Span                  `json:"timeout,omitempty" doc:"How long to wait, 10s unless said, up to 20s."`
	Save     map[string]*Expression `json:"save,omitempty" doc:"Attributes, and expressions over status, body and headers."`
	OnStatus map[string]*Branch     `json:"on_status,omitempty" doc:"What follows an answer with that status."`
	OnError  *Branch                `json:"on_error,omitempty" doc:"What follows no answer, or one nothing else is said about."`

	saves   []saving
	headers []string // names, sorted
}

// saving is one attribute that gets a value from the answer.
type saving struct {
	name  string
	kind  expression.Type
	bot   bool
	value *Expression
}

// Kind implements Step.
func (s *RequestStep) Kind() string { return KindRequest }

// Check implements Step.
func (s *RequestStep) Check(c *Checker) {
	c.Secrets(func() {
		c.Needed("url", &s.URL)
		c.Value("body", s.Body)
		s.checkHeaders(c)
	})
	if s.URL.constant {
		c.In("url", func() {
			if err := checkRequestURL(s.URL.text); err != nil {
				c.Problem(CodeValue, err.Error(), "")
			}
		})
	}
	s.checkBody(c)
	c.Span("timeout", s.Timeout, time.Second, MaxRequestTimeout)
	s.checkSave(c)
	c.AtMost("on_status", len(s.OnStatus), MaxPairs)
	c.In("on_status", func() {
		for _, status := range sortedKeys(s.OnStatus) {
			if !isStatus(status) {
				c.In(status, func() {
					c.Problem(CodeValue, quoted(status)+" is not a status", `such as "404", or "4xx" for all of them`)
				})
			}
			c.Branch(status, s.OnStatus[status])
		}
	})
	c.Branch("on_error", s.OnError)
}

func (s *RequestStep) checkHeaders(c *Checker) {
	s.headers = sortedKeys(s.Headers)
	c.AtMost("headers", len(s.headers), MaxPairs)
	c.In("headers", func() {
		for _, name := range s.headers {
			if !isToken(name) {
				c.In(name, func() { c.Problem(CodeValue, quoted(name)+" cannot be the name of a header", "") })
			}
			c.Template(name, s.Headers[name])
		}
	})
}

func (s *RequestStep) checkBody(c *Checker) {
	if s.Body == nil {
		if s.BodyType != "" {
			c.In("body_type", func() { c.Problem(CodeMissing, "there is no body", "") })
		}
		return
	}
	if s.Method == "GET" || s.Method == "HEAD" {
		c.In("body", func() { c.Problem(CodeChoice, s.Method+" has no body", "use POST, or put the values into the url") })
	}
	if _, object := s.Body.Source.(map[string]any); s.BodyType == "form" && !object {
		c.In("body", func() { c.Problem(CodeValue, "a form needs an object of names and values", "") })
	}
}

func (s *RequestStep) checkSave(c *Checker) {
	c.AtMost("save", len(s.Save), MaxPairs)
	c.In("save", func() {
		c.With(map[string]any{"status": 200.0, "body": nil, "headers": nil}, func() {
			for _, name := range sortedKeys(s.Save) {
				save := saving{name: name, value: s.Save[name]}
				known := true
				if shared, ok := strings.CutPrefix(name, botPrefix); ok && shared != "" {
					save.name, save.kind, save.bot = shared, expression.Any, true
				} else {
					c.In(name, func() { save.name, save.kind, known = c.Attribute(name) })
				}
				c.Expression(name, save.value, expression.Any)
				if known {
					s.saves = append(s.saves, save)
				}
			}
		})
	})
}

// Compile implements Step.
func (s *RequestStep) Compile(c *Code) {
	r := &request{RequestStep: s}
	c.Emit(r)
	var overs []*jump
	branch := func(b *Branch) int {
		at := c.PC()
		c.Branch(b)
		over := &jump{}
		c.Emit(over)
		overs = append(overs, over)
		return at
	}
	for _, status := range sortedKeys(s.OnStatus) {
		r.statuses = append(r.statuses, statusBranch{status, branch(s.OnStatus[status])})
	}
	// "404" is looked at before "4xx", which sorts after it.
	r.fail = -1
	if s.OnError != nil {
		r.fail = branch(s.OnError)
	}
	r.end = c.PC()
	for _, over := range overs {
		over.to = r.end
	}
}

// request makes the call and goes to the branch for its outcome.
type request struct {
	*RequestStep
	statuses  []statusBranch
	fail, end int // fail is -1 when nothing is said about it
}

type statusBranch struct {
	status string
	at     int
}

func (r *request) ways() Ways {
	w := Ways{Jumps: []int{r.end}, Requests: true}
	for _, s := range r.statuses {
		w.Jumps = append(w.Jumps, s.at)
	}
	if r.fail >= 0 {
		w.Jumps = append(w.Jumps, r.fail)
	}
	return w
}

func (r *request) Run(env Env) Next {
	call, err := r.call(env)
	if err != nil {
		return r.failed(env, err)
	}
	answer, err := env.Fetch(call)
	if err != nil {
		return r.failed(env, withoutURL(err, call))
	}
	ok := answer.Status >= 200 && answer.Status < 300
	if ok {
		r.keep(env, answer)
	}
	status := strconv.Itoa(answer.Status)
	for _, s := range r.statuses {
		if matchesStatus(s.status, status) {
			return Jump{s.at}
		}
	}
	if ok {
		return Jump{r.end}
	}
	return r.failed(env, fmt.Errorf("%s %s answered %s", call.Method, hostOf(call.URL), status))
}

func (r *request) failed(env Env, err error) Next {
	env.Report(ReportRequest, err.Error())
	if r.fail >= 0 {
		return Jump{r.fail}
	}
	return Jump{r.end}
}

// call works out what is sent.
func (r *request) call(env Env) (*Request, error) {
	call := &Request{Method: r.method(), Headers: make(map[string]string, len(r.headers)+1), Timeout: RequestTimeout}
	address, err := r.URL.run(env, nil)
	if err != nil {
		return nil, err
	}
	if call.URL = strings.TrimSpace(address); checkRequestURL(call.URL) != nil {
		return nil, errors.New("the url came out as no address to call")
	}
	if r.Timeout != nil {
		if call.Timeout, err = r.Timeout.run(env, time.Second, MaxRequestTimeout); err != nil {
			return nil, err
		}
	}
	if r.Body != nil {
		if call.Body, err = r.body(env, call.Headers); err != nil {
			return nil, fmt.Errorf("body: %w", err)
		}
	}
	for _, name := range r.headers {
		v, err := r.Headers[name].run(env, nil)
		if err != nil {
			return nil, err
		}
		if strings.ContainsAny(v, "\r\n\x00") {
			return nil, fmt.Errorf("the header %s came out with a line break", name)
		}
		replaceHeader(call.Headers, name, v)
	}
	return call, nil
}

func (r *request) method() string {
	switch {
	case r.Method != "":
		return r.Method
	case r.Body != nil:
		return "POST"
	}
	return "GET"
}

func (r *request) body(env Env, headers map[string]string) ([]byte, error) {
	v, err := r.Body.run(env, nil)
	if err != nil {
		return nil, err
	}
	var body []byte
	if r.BodyType == "form" {
		headers["Content-Type"] = "application/x-www-form-urlencoded"
		body, err = form(v)
	} else {
		headers["Content-Type"] = "application/json"
		body, err = jsonBody(v)
	}
	if err == nil && len(body) > MaxRequestBody {
		return nil, fmt.Errorf("is longer than %d KB", MaxRequestBody>>10)
	}
	return body, err
}

// keep saves what the answer holds.
func (r *request) keep(env Env, answer *Response) {
	if len(r.saves) == 0 {
		return
	}
	headers := make(map[string]any, len(answer.Headers))
	for k, v := range answer.Headers {
		headers[k] = v
	}
	locals := map[string]any{"status": float64(answer.Status), "body": readBody(answer.Body), "headers": headers}
	changes := make([]SetAttribute, 0, len(r.saves))
	for i := range r.saves {
		s := &r.saves[i]
		v, err := s.value.run(env, locals)
		if err == nil && emptyFor(s.kind, v) {
			v = nil
		} else if err == nil {
			v, err = keep(s.kind, v, env.Place().Locale)
		}
		if err != nil {
			env.Report(ReportAttribute, fmt.Sprintf("attribute %s is not saved: %v", quoted(s.name), err))
			continue
		}
		changes = append(changes, SetAttribute{Name: s.name, Value: v, Bot: s.bot})
	}
	for _, change := range changes {
		env.Do(change)
	}
}

func checkRequestURL(s string) error {
	u, err := readURL(s)
	if err != nil {
		return err
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return fmt.Errorf("the address %s needs to begin with https://", quoted(s))
	}
	return nil
}

// hostOf is the part of an address that is safe to show: queries hold secrets.
func hostOf(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return "the url"
	}
	return u.Host
}

// withoutURL tells why a call failed without repeating its address, whose query
// may hold a secret.
func withoutURL(err error, call *Request) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return fmt.Errorf("%s %s: %w", call.Method, hostOf(call.URL), err)
}

// isStatus reports whether the text is a status such as 404 or 4xx.
func isStatus(s string) bool {
	if len(s) != 3 || s[0] < '1' || s[0] > '5' {
		return false
	}
	return strings.Trim(s[1:], "0123456789") == "" || s[1:] == "xx"
}

func matchesStatus(pattern, status string) bool {
	return pattern == status || len(pattern) == 3 && pattern[1:] == "xx" && pattern[0] == status[0]
}

// isToken reports whether the text can be a header's name.
func isToken(s string) bool {
	for _, r := range s {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		if !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", r) {
			return false
		}
	}
	return s != ""
}
