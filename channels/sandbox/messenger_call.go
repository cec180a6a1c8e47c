package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"
)

// graphCall is one call of the Graph API, authorised and read.
type graphCall struct {
	account  *messengerAccount // whose token it is, or
	app      *graphApp         // that of an app
	endpoint Endpoint
	rate     Endpoint // whose rate it is taken from
	r        *http.Request
	trace    string
	body     []byte
	fields   map[string]json.RawMessage // of a JSON body
	refused  []string                   // people a fault refuses
}

// text is a field of the body, or else of the query, as far as it is a text.
func (c *graphCall) text(key string) string {
	if raw, ok := c.fields[key]; ok {
		var s string
		_ = json.Unmarshal(raw, &s)
		return s
	}
	return c.r.URL.Query().Get(key)
}

// page is the Page the path names, nil when the token is not that Page's.
func (c *graphCall) page() *messengerAccount {
	if node := c.r.PathValue("node"); c.account != nil && (node == "me" || node == c.account.PageID) {
		return c.account
	}
	return nil
}

// graphAnswer is how a call is answered.
type graphAnswer struct {
	status int
	body   any
	raw    []byte // instead of body, as a proxy's page
}

type graphErrorBody struct {
	Error graphFault `json:"error"`
}

type graphFault struct {
	Message   string `json:"message"`
	Type      string `json:"type"`
	Code      int    `json:"code"`
	Subcode   int    `json:"error_subcode,omitempty"`
	Transient bool   `json:"is_transient,omitempty"`
	Trace     string `json:"fbtrace_id"`
}

// graphError is a refusal; the trace is put in when it is written.
func graphError(status, code, subcode int, message string) graphAnswer {
	return graphAnswer{status: status, body: graphErrorBody{graphFault{
		Message: message, Type: "OAuthException", Code: code, Subcode: subcode, Transient: code == 2,
	}}}
}

func invalidParameter(message string) graphAnswer {
	return graphError(http.StatusBadRequest, 100, 0, "(#100) "+message)
}

// unsupported is what Meta says of a node a token cannot see.
func unsupported(c *graphCall) graphAnswer {
	return graphError(http.StatusBadRequest, 100, 33, "Unsupported "+strings.ToLower(c.r.Method)+" request. Object with ID '"+c.r.PathValue("node")+
		"' does not exist, cannot be loaded due to missing permissions, or does not support this operation")
}

func graphDone() graphAnswer {
	return graphAnswer{status: http.StatusOK, body: map[string]bool{"success": true}}
}

// graphVersion matches the versions Meta keeps in November 2026.
var graphVersion = regexp.MustCompile(`^v2[1-6]\.0$`)

// serveGraph takes a call through what all calls share: authorisation, proof,
// rate limit, body, scripted faults, and the counters.
func (s *Sandbox) serveGraph(w http.ResponseWriter, r *http.Request, e Endpoint, answer func(*Sandbox, *graphCall) graphAnswer) {
	c := &graphCall{endpoint: e, rate: e, r: r, trace: "A" + s.token()[:22]}
	w.Header().Set("X-Fb-Trace-Id", c.trace)
	w.Header().Set("X-Fb-Request-Id", s.uuid())
	if refusal, ok := s.admitGraph(w, c); !ok {
		s.writeGraph(w, c, refusal)
		return
	}
	t := s.strike(c.name(), c.endpoint, c.recipients)
	c.refused = t.refused
	s.hold(t.delay)
	if t.outcome == nil {
		s.writeGraph(w, c, answer(s, c))
		return
	}
	s.countFault(s.graphCounts(c))
	switch t.outcome.Kind {
	case Reset:
		hangUp()
	case Lost:
		answer(s, c)
		hangUp()
	case Throttle, OverQuota: // a Page has no quota but its rate
		s.writeGraph(w, c, t.outcome.graph(http.StatusBadRequest, 80006, graphTooFast))
	case Revoked:
		s.writeGraph(w, c, t.outcome.graph(http.StatusBadRequest, 190, graphRevoked))
	case Malformed:
		s.writeGraph(w, c, t.outcome.graph(http.StatusBadRequest, 100, graphMalformed))
	case ServerError:
		if t.outcome.Accepted {
			answer(s, c)
		}
		s.writeGraph(w, c, t.outcome.graph(max(t.outcome.Status, http.StatusInternalServerError), 2, graphInternal))
	}
}

// Meta's own words for what befalls a call.
const (
	graphTooFast   = "(#80006) There have been too many calls to this Page account. Wait a bit and try again."
	graphInternal  = "(#2) Service temporarily unavailable"
	graphRevoked   = "Error validating access token: The session has been invalidated because the user changed their password"
	graphMalformed = "(#100) The message could not be sent: its content is invalid"
	graphNoToken   = "An access token is required to request this resource."
	graphBadToken  = "Invalid OAuth access token - Cannot parse access token"
	graphNoProof   = "API calls from the server require an appsecret_proof argument"
	graphBadProof  = "Invalid appsecret_proof provided in the API argument"
)

// graph is a scripted refusal: Meta's, or that of some proxy before it.
func (f *Fault) graph(status, code int, message string) graphAnswer {
	if !f.Bare {
		return graphError(status, code, 0, message)
	}
	return graphAnswer{status: status, raw: []byte("<html><body><h1>" + http.StatusText(status) + "</h1></body></html>\n")}
}

// admitGraph reads a call, finds who makes it, and takes it from the rate.
func (s *Sandbox) admitGraph(w http.ResponseWriter, c *graphCall) (graphAnswer, bool) {
	if refusal, ok := c.read(w); !ok {
		s.countRequest(c)
		return refusal, false
	}
	token := c.token()
	s.mu.Lock()
	c.account = s.pageOf(token)
	if id, secret, ok := strings.Cut(token, "|"); ok && s.apps[id] != nil && hmac.Equal([]byte(s.apps[id].secret), []byte(secret)) {
		c.app = s.apps[id]
	}
	s.mu.Unlock()
	s.countRequest(c)
	if c.endpoint == MessengerSend {
		c.kind()
	}
	version := c.r.PathValue("version")
	switch {
	case version != "" && !graphVersion.MatchString(version):
		return graphError(http.StatusBadRequest, 2635, 0, "(#2635) You are calling a deprecated version of the Ads API. Please update to the latest version."), false
	case token == "":
		return graphError(http.StatusBadRequest, 104, 0, graphNoToken), false
	case c.account == nil && c.app == nil:
		return graphError(http.StatusBadRequest, 190, 0, graphBadToken), false
	}
	if refusal, ok := c.proven(token); !ok {
		return refusal, false
	}
	s.mu.Lock()
	allowed := c.account == nil || s.allow(&c.account.account, c.rate, graphRate)
	s.mu.Unlock()
	if !allowed {
		return graphError(http.StatusBadRequest, 80006, 0, graphTooFast), false
	}
	return graphAnswer{}, true
}

// kind tells calls to one path apart by what they are.
func (c *graphCall) kind() {
	var m struct {
		Attachment struct {
			Type string `json:"type"`
		} `json:"attachment"`
	}
	_ = json.Unmarshal(c.fields["message"], &m)
	switch {
	case c.fields["sender_action"] != nil:
		c.endpoint, c.rate = MessengerAction, MessengerAction
	case m.Attachment.Type == "audio" || m.Attachment.Type == "video":
		c.rate = messengerMedia
	}
}

// token is where Meta looks for it: in the header, the query or the body.
func (c *graphCall) token() string {
	if token, ok := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer "); ok {
		return token
	}
	return c.text("access_token")
}

// proven checks appsecret_proof. A wrong one is refused even where none is
// demanded.
func (c *graphCall) proven(token string) (graphAnswer, bool) {
	secret, demanded := "", false
	if c.app != nil {
		secret = c.app.secret
	} else {
		secret, demanded = c.account.AppSecret, c.account.RequireProof
	}
	switch proof := c.text("appsecret_proof"); {
	case proof == "" && demanded:
		return graphError(http.StatusBadRequest, 100, 0, graphNoProof), false
	case proof != "" && !hmac.Equal([]byte(proof), []byte(AppSecretProof(secret, token))):
		return graphError(http.StatusBadRequest, 100, 0, graphBadProof), false
	}
	return graphAnswer{}, true
}

// AppSecretProof proves that a caller knows the app's secret beside a token.
func AppSecretProof(appSecret, token string) string {
	mac := hmac.New(sha256.New, []byte(appSecret))
	mac.Write([]byte(token))
	return hex.EncodeToString(mac.Sum(nil))
}

// read reads a JSON body.
func (c *graphCall) read(w http.ResponseWriter) (graphAnswer, bool) {
	var err error
	c.body, err = io.ReadAll(http.MaxBytesReader(w, c.r.Body, maxGraphBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return graphError(http.StatusRequestEntityTooLarge, 1, 0, "Request Entity Too Large"), false
	} else if err != nil {
		hangUp() // the caller left in the middle of its own body
	}
	if len(c.body) == 0 {
		return graphAnswer{}, true
	}
	kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" || json.Unmarshal(c.body, &c.fields) != nil || c.fields == nil {
		return invalidParameter("The parameters must be a JSON object of type application/json"), false
	}
	return graphAnswer{}, true
}

// name is the account's name here, "" for a call by an app.
func (c *graphCall) name() string {
	if c.account == nil {
		return ""
	}
	return c.account.name
}

// recipients lists whom a call names, for the faults that look at it.
func (c *graphCall) recipients() []string {
	if id := c.recipient(); id != "" {
		return []string{id}
	}
	return []string{c.r.PathValue("node")}
}

func (c *graphCall) recipient() string {
	var to struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(c.fields["recipient"], &to)
	return to.ID
}

func (s *Sandbox) graphCounts(c *graphCall) *Counts {
	if c.account == nil {
		return &s.stray
	}
	return &c.account.counts
}

func (s *Sandbox) countRequest(c *graphCall) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.graphCounts(c).Requests++
}

// writeGraph answers a call, and counts it when it is refused.
func (s *Sandbox) writeGraph(w http.ResponseWriter, c *graphCall, a graphAnswer) {
	if a.status >= http.StatusBadRequest {
		s.countRefusal(s.graphCounts(c), a.status)
	}
	body, kind := a.raw, "text/html"
	if a.body != nil {
		if e, ok := a.body.(graphErrorBody); ok {
			e.Error.Trace = c.trace
			a.body = e
			if e.Error.Code == 80006 {
				w.Header().Set("X-Business-Use-Case-Usage", `{"`+c.account.PageID+`":[{"type":"messenger","call_count":101,"total_cputime":20,"total_time":20,"estimated_time_to_regain_access":1}]}`)
			}
		}
		plain, _ := json.Marshal(a.body)
		body, kind = escapeUnicode(plain), "application/json; charset=UTF-8"
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(a.status)
	_, _ = w.Write(body)
}
