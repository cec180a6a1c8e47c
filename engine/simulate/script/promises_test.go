package script_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/line"
	"github.com/blockcast/blockcast/channels/messenger"
	"github.com/blockcast/blockcast/engine/simulate"
	"github.com/blockcast/blockcast/engine/simulate/script"
)

// promises are flows, and scripts that hold what the flow format promises of
// how they run: a folder to read when a sentence of the format is in doubt.
const promises = "testdata/promises"

// TestPromises plays them all.
func TestPromises(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(promises, "*"+script.Suffix))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d scripts, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), script.Suffix), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, problems := script.Read(text, file)
			if s == nil {
				t.Fatalf("%+v", problems)
			}
			stage := promised(t, s)
			for i := range s.Cases {
				if r := s.Play(t.Context(), &s.Cases[i], stage); !r.Passed {
					t.Errorf("%s: %+v", r.Case, r.Failures)
				}
			}
		})
	}
}

// promised is the stage of a script: the flow it names, else the one beside it.
func promised(t *testing.T, s *script.Script) script.Stage {
	t.Helper()
	flow := strings.TrimSuffix(s.File, script.Suffix) + ".json"
	if len(s.Flows) > 0 {
		flow = filepath.Join(promises, s.Flows[0])
	}
	text, err := os.ReadFile(flow)
	if err != nil {
		t.Fatal(err)
	}
	library, problems := simulate.Publish([]simulate.Document{{File: flow, Text: text}})
	if len(problems) > 0 {
		t.Fatalf("%s: %+v", flow, problems)
	}
	stage := script.Stage{Library: library, Channels: []channels.Channel{line.New(http.DefaultClient, line.Config{})},
		Read: func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(promises, name)) }}
	if s.Channel == string(channels.Messenger) {
		stage.Channels = []channels.Channel{messenger.New(http.DefaultClient, messenger.Config{})}
	}
	return stage
}
