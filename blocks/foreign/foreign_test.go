package foreign_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/foreign"
	"github.com/blockcast/blockcast/blocks/goldentest"
)

// reading is one golden message and what it is read as.
type reading struct {
	Label   string          `json:"label"`
	Kind    string          `json:"kind,omitempty"` // of FIRST LINE's
	Message json.RawMessage `json:"message,omitempty"`
	Raw     string          `json:"raw,omitempty"` // instead of message: what is no JSON

	Read     *blocks.Message `json:"read,omitempty"`
	All      *all            `json:"all,omitempty"` // of Omnichat's, in the place of read
	Warnings []string        `json:"warnings,omitempty"`
	Faults   []string        `json:"faults,omitempty"`
}

// all is what Omnichat's messages are read as.
type all struct {
	Kinds    []string         `json:"kinds"`
	Messages []blocks.Message `json:"messages,omitempty"`
	Block    string           `json:"block,omitempty"`
	Values   map[string]any   `json:"values,omitempty"`
}

func (r *reading) data() []byte {
	if r.Raw != "" {
		return []byte(r.Raw)
	}
	if r.Message == nil {
		return []byte("null")
	}
	return r.Message
}

// is notes what a message was read as.
func (r *reading) is(t *testing.T, m blocks.Message, warnings []string, err error) {
	t.Helper()
	r.Read, r.Warnings, r.Faults = nil, warnings, nil
	if err == nil {
		r.Read = &m
		return
	}
	var faults foreign.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("%s: the error is no Faults: %v", r.Label, err)
	}
	for _, f := range faults {
		if !strings.HasPrefix(f.Message, f.Field) {
			t.Errorf("%s: %q does not begin with its field %q", r.Label, f.Message, f.Field)
		}
		r.Faults = append(r.Faults, f.Message)
	}
}

var errGone = errors.New(`no published block or module is called "module-gone"`)

// find knows every module but one.
func find(name string) (string, error) {
	if name == "module-gone" {
		return "", errGone
	}
	return "block of " + name, nil
}

func TestBotBonnie(t *testing.T) {
	t.Parallel()
	goldens(t, "testdata/botbonnie.json", func(r *reading) {
		m, err := foreign.BotBonnie(r.data(), find)
		r.is(t, m, nil, err)
		if strings.Contains(fmt.Sprint(r.Faults), "module-gone") != errors.Is(err, errGone) {
			t.Errorf("%s: what Block said is lost: %v", r.Label, err)
		}
	})
}

func TestFirstLine(t *testing.T) {
	t.Parallel()
	goldens(t, "testdata/firstline.json", func(r *reading) {
		m, warnings, err := foreign.FirstLine(r.Kind, r.data())
		r.is(t, m, warnings, err)
	})
}

func TestOmnichat(t *testing.T) {
	t.Parallel()
	goldens(t, "testdata/omnichat.json", func(r *reading) {
		m, err := foreign.Omnichat(r.data(), find)
		r.is(t, blocks.Message{}, nil, err)
		if r.Read, r.All = nil, nil; err == nil {
			r.All = &all{m.Kinds, m.Messages, m.Block, m.Values}
		}
	})
}

// goldens reads every message of a file and compares. Run it with -update to
// write what came.
func goldens(t *testing.T, file string, read func(*reading)) {
	t.Helper()
	goldentest.Cases(t, file, func(r reading) string { return r.Label }, func(r reading) reading {
		read(&r)
		return r
	})
}

// FuzzBotBonnie holds the reader to what the outbox relies on: it gives a
// message that can be written, every button of which does something, or faults
// with their places.
func FuzzBotBonnie(f *testing.F) {
	seed(f, "testdata/botbonnie.json", func(r *reading) { f.Add(r.data()) })
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := foreign.BotBonnie(data, find)
		sound(t, m, err)
	})
}

// FuzzFirstLine is the same for FIRST LINE's messages.
func FuzzFirstLine(f *testing.F) {
	seed(f, "testdata/firstline.json", func(r *reading) { f.Add(r.Kind, r.data()) })
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		m, _, err := foreign.FirstLine(kind, data)
		sound(t, m, err)
	})
}

// FuzzOmnichat is the same for all of a call's messages, or a block.
func FuzzOmnichat(f *testing.F) {
	seed(f, "testdata/omnichat.json", func(r *reading) { f.Add(r.data()) })
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := foreign.Omnichat(data, find)
		if err != nil {
			sound(t, blocks.Message{}, err)
			return
		}
		if (m.Block == "") == (len(m.Messages) == 0) {
			t.Fatalf("a block or messages: %q and %d", m.Block, len(m.Messages))
		}
		for i := range m.Messages {
			sound(t, m.Messages[i], nil)
		}
	})
}

func seed(f *testing.F, file string, add func(*reading)) {
	data, err := os.ReadFile(file)
	if err != nil {
		f.Fatal(err)
	}
	var list []reading
	if err := json.Unmarshal(data, &list); err != nil {
		f.Fatal(err)
	}
	for i := range list {
		add(&list[i])
	}
}

func sound(t *testing.T, m blocks.Message, err error) {
	t.Helper()
	if err != nil {
		var faults foreign.Faults
		if !errors.As(err, &faults) || len(faults) == 0 || len(faults) > 20 {
			t.Fatalf("no faults: %v", err)
		}
		return
	}
	if _, err := json.Marshal(m); err != nil {
		t.Fatalf("cannot be written: %v", err)
	}
	m.Buttons(func(b *blocks.Button) {
		if b.Action == "" || strings.TrimSpace(b.Value) == "" {
			t.Errorf("a button does nothing: %+v", b)
		}
	})
}
