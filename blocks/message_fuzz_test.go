package blocks_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/blockcast/blockcast/blocks"
)

// FuzzMessage holds that a message that is read is written so that it reads as
// the same: renders are kept by the hash of what is written.
func FuzzMessage(f *testing.F) {
	files, err := filepath.Glob("blockstest/testdata/messages/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no messages: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var m blocks.Message
		if json.Unmarshal(data, &m) != nil {
			return
		}
		first, err := json.Marshal(m)
		if err != nil {
			t.Fatalf("%s cannot be written: %v", data, err)
		}
		var again blocks.Message
		if err := json.Unmarshal(first, &again); err != nil {
			t.Fatalf("%s is written %s, which cannot be read: %v", data, first, err)
		}
		if second, err := json.Marshal(again); err != nil || string(second) != string(first) {
			t.Fatalf("%s is written %s and then %s, %v", data, first, second, err)
		}
	})
}
