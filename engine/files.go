package engine

import (
	"fmt"

	"github.com/blockcast/blockcast/blocks"
)

// Codes of events about files.
const (
	EventFileMissing = "media:missing"  // a message shows a file the bot does not keep
	EventFileNotKept = "media:not_kept" // what a person sent stays at the platform's link
)

// withFiles writes the addresses of the bot's own files into messages.
func (r *run) withFiles(messages []blocks.Message) {
	files := r.engine.deps.Media
	if files == nil {
		return
	}
	made, doubts, err := files(r.ctx, r.s.Bot.ID, messages)
	if err != nil {
		r.fail(fmt.Errorf("%w: %w", ErrUnavailable, err))
		return
	}
	for _, text := range doubts {
		r.Report(EventFileMissing, text)
	}
	copy(messages, made)
}
