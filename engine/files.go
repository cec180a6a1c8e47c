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

// withFiles writes the addresses of the bot's own files into a message.
func (r *run) withFiles(m blocks.Message) blocks.Message {
	files := r.engine.deps.Media
	if files == nil {
		return m
	}
	made, doubts, err := files(r.ctx, r.s.Bot.ID, []blocks.Message{m})
	if err != nil {
		r.fail(fmt.Errorf("%w: %w", ErrUnavailable, err))
		return m
	}
	for _, text := range doubts {
		r.Report(EventFileMissing, text)
	}
	return made[0]
}
