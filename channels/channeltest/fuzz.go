package channeltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/blockstest"
	"github.com/blockcast/blockcast/channels"
)

// Webhooks are the bodies of the receive goldens by their names, as they are
// sent.
func Webhooks(t testing.TB) map[string][]byte {
	t.Helper()
	bodies := map[string][]byte{}
	for _, name := range files(t, receiveFolder) {
		text, err := os.ReadFile(filepath.Join(receiveFolder, name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var c receiveCase
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatal(err)
		}
		bodies[name] = c.body(t)
	}
	return bodies
}

// FuzzReceive holds a channel to what the inbox relies on: whatever comes
// signed is read without a panic, and all that is kept of it can be stored.
// check says what else is missing in what a body became; nil: nothing is.
func FuzzReceive(f *testing.F, ch channels.Channel, a channels.Account, sign Sign, check func(*channels.Received) error) {
	for _, body := range Webhooks(f) {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		received, err := ch.Receive(a, &channels.Request{Method: http.MethodPost, Header: sign(a, body), Body: body})
		if errors.Is(err, channels.ErrSignature) {
			t.Fatal("a signed body is refused as unsigned")
		}
		if err != nil {
			return
		}
		for _, u := range received.Updates {
			if u.Key == "" || len(u.Key) > 64 || u.From == "" || u.Kind == "" {
				t.Fatalf("incomplete: %+v", u)
			}
		}
		if check != nil {
			if err := check(received); err != nil {
				t.Fatal(err)
			}
		}
		text, err := json.Marshal(received)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte(`\u0000`)) && !bytes.Contains(text, []byte(`\\u0000`)) {
			t.Fatalf("a NUL is left in %s", text)
		}
	})
}

// RunRules holds what the corpus becomes to a platform's published rules: check
// says which of them a body breaks.
func RunRules(t *testing.T, ch channels.Channel, check func(body []byte) error) {
	t.Helper()
	for _, c := range blockstest.Messages() {
		for i, p := range ch.Render([]blocks.Message{c.Message}) {
			if err := check(p.Body); err != nil {
				t.Errorf("%s, payload %d: %v", c.Name, i, err)
			}
		}
	}
}

// FuzzRules holds a channel to them however a message came about.
func FuzzRules(f *testing.F, ch channels.Channel, check func(body []byte) error) {
	for _, c := range blockstest.Messages() {
		text, err := json.Marshal(c.Message)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var m blocks.Message
		if json.Unmarshal(text, &m) != nil {
			return
		}
		index := 0
		m.Buttons(func(b *blocks.Button) { b.Payload = fmt.Sprintf("b1.%d", index); index++ })
		for _, p := range Render(t, ch, m) {
			if err := check(p.Body); err != nil {
				t.Fatalf("%v\nof %s\nfrom %s", err, p.Body, text)
			}
			for _, w := range p.Warnings {
				if w.Code == "message:unknown" {
					t.Fatalf("unknown message %s", text)
				}
			}
		}
	})
}
