package channeltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/blocks/goldentest"
	"github.com/blockcast/blockcast/channels"
)

const receiveFolder = "testdata/receive"

// Sign gives the headers with which the platform would send a body to the
// account.
type Sign func(a channels.Account, body []byte) http.Header

// receiveCase is a webhook request with what a channel makes of it.
type receiveCase struct {
	Method string            `json:"method,omitempty"` // POST
	Query  map[string]string `json:"query,omitempty"`
	Header http.Header       `json:"header,omitempty"` // added to the signature's
	Body   json.RawMessage   `json:"body,omitempty"`   // sent without its white space, or
	Text   string            `json:"text,omitempty"`   // a body that is no JSON

	Received any    `json:"received,omitempty"`
	Error    string `json:"error,omitempty"`
}

// RunReceive sends every request of testdata/receive to the channel, signed,
// and compares what it makes of it. It also proves that the channel refuses
// each of them with a missing or foreign signature.
func RunReceive(t *testing.T, ch channels.Channel, a channels.Account, sign Sign) {
	t.Helper()
	names := files(t, receiveFolder)
	if len(names) == 0 {
		t.Fatalf("%s is empty: write a request for each kind of event", receiveFolder)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(receiveFolder, name+".json")
			var c receiveCase
			goldentest.Read(t, path, &c)
			r := c.request(t, a, sign)
			expectSigned(t, ch, a, r)
			c.run(t, ch, a, r)
			goldentest.Compare(t, path, goldentest.JSON(t, c))
		})
	}
}

// body is what is sent.
func (c *receiveCase) body(t testing.TB) []byte {
	t.Helper()
	if c.Body == nil {
		return []byte(c.Text)
	}
	var b bytes.Buffer
	if err := json.Compact(&b, c.Body); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (c *receiveCase) request(t *testing.T, a channels.Account, sign Sign) *channels.Request {
	t.Helper()
	body := c.body(t)
	r := &channels.Request{Method: http.MethodPost, Header: http.Header{}, Query: c.Query, Body: body}
	if c.Method != "" {
		r.Method = c.Method
	}
	for _, h := range []http.Header{sign(a, body), c.Header} {
		for name, values := range h {
			r.Header[name] = values
		}
	}
	return r
}

// run fills in what came of the request.
func (c *receiveCase) run(t *testing.T, ch channels.Channel, a channels.Account, r *channels.Request) {
	t.Helper()
	received, err := ch.Receive(a, r)
	c.Received, c.Error = nil, ""
	if err != nil {
		c.Error = err.Error()
		return
	}
	if c.Received = tidy(t, received); c.Received == nil {
		c.Received = struct{}{} // taken, and nothing in it
	}
	again, err := ch.Receive(a, r)
	if diff := cmp.Diff(received, again); diff != "" || err != nil {
		t.Errorf("receiving twice differs (-first +second): %s %v", diff, err)
	}
	for _, u := range received.Updates {
		if u.Key == "" || u.From == "" || u.Kind == "" {
			t.Errorf("an update lacks its key, sender or kind: %+v", u)
		}
		if !u.At.IsZero() && u.At.Location() != time.UTC {
			t.Errorf("the time of %s is not in UTC", u.Key)
		}
	}
}

// expectSigned proves that nothing of the request is taken without the
// account's own signature.
func expectSigned(t *testing.T, ch channels.Channel, a channels.Account, r *channels.Request) {
	t.Helper()
	if r.Method != http.MethodPost {
		return // a platform's first handshake has no signature
	}
	unsigned := *r
	unsigned.Header = nil
	changed := *r
	changed.Body = append(bytes.Clone(r.Body), ' ')
	stranger, nobody := a, a
	stranger.Secrets, nobody.Secrets = map[string]string{}, nil
	for name := range a.Secrets {
		stranger.Secrets[name] = "another account's"
	}
	for what, try := range map[string]struct {
		account channels.Account
		request *channels.Request
	}{
		"without a signature":              {a, &unsigned},
		"with one byte more":               {a, &changed},
		"signed by another account":        {stranger, r},
		"for an account without a secret":  {nobody, r},
		"unsigned for one without secrets": {nobody, &unsigned},
	} {
		if received, err := ch.Receive(try.account, try.request); !errors.Is(err, channels.ErrSignature) || received != nil {
			t.Errorf("the request %s gives %v, want ErrSignature", what, err)
		}
	}
}
