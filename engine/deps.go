package engine

import (
	"context"
	"log/slog"
	"time"

	"github.com/blockcast/blockcast/blocks"
)

// Deps is the outside world, as fields. None may be nil but Fetch, without
// which a request step fails with an event, and Media, without which addresses
// stay as their authors wrote them.
type Deps struct {
	Now   func() time.Time // UTC, cut to microseconds, corrected by the database's clock
	NewID func() string    // 24 hex digits, unique
	Rand  func() uint64
	// Fetch calls an author's URL; it is guarded against private networks and
	// returns no more of the body than it was made to read.
	Fetch func(context.Context, *blocks.Request) (*blocks.Response, error)
	// Media writes the addresses of a bot's own files into messages, which it
	// leaves as they are: the answer is theirs, or new ones. A file the bot does
	// not keep shows nothing, and is told of in a sentence.
	Media func(ctx context.Context, botID string, messages []blocks.Message) ([]blocks.Message, []string, error)
	Log   *slog.Logger
}
