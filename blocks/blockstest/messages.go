// Package blockstest helps to test what speaks and what shows speech: a corpus
// of messages that every channel renders, and a run for blocks to be tried in.
// It knows blocks and nothing of engine, store or channels.
package blockstest

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/blockcast/blockcast/blocks"
)

//go:embed testdata/messages/*.json
var messages embed.FS

// Case is one message of the corpus.
type Case struct {
	Name    string // what it shows, as in card_three_buttons
	Message blocks.Message
}

// Messages returns the corpus in the order of its names. Each call reads it
// anew, so a test may change what it gets. Buttons have payloads, as when a
// message is made ready to send.
func Messages() []Case {
	files, err := fs.Glob(messages, "testdata/messages/*.json")
	if err != nil {
		panic("blockstest: " + err.Error())
	}
	cases := make([]Case, len(files))
	for i, file := range files {
		c, err := read(file)
		if err != nil {
			panic(fmt.Sprintf("blockstest: %s: %v", file, err))
		}
		cases[i] = c
	}
	return cases
}

func read(file string) (Case, error) {
	c := Case{Name: strings.TrimSuffix(path.Base(file), ".json")}
	text, err := messages.ReadFile(file)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(text, &c.Message); err != nil {
		return c, err
	}
	index := 0
	c.Message.Buttons(func(b *blocks.Button) {
		b.Payload = fmt.Sprintf("b1.%s.%d.%s", render, index, b.Value)
		if b.Action != blocks.ActionGoto {
			b.Payload = fmt.Sprintf("b1.%s.%d", render, index)
		}
		index++
	})
	return c, nil
}

// render stands for the id of a render in payloads.
const render = "k7q2m9x4t1wz"
