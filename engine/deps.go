package engine

import (
	"context"
	"log/slog"
	"time"

	"github.com/blockcast/blockcast/blocks"
)

// Deps is the outside world, as fields. None may be nil but Fetch, without
// which a request step fails with an event.
type Deps struct {
	Now   func() time.Time // UTC, cut to microseconds, corrected by the database's clock
	NewID func() string    // 24 hex digits, unique
	Rand  func() uint64
	// Fetch calls an author's URL; it is guarded against private networks and
	// returns at most MaxResponse bytes of the body.
	Fetch func(context.Context, *blocks.Request) (*blocks.Response, error)
	Log   *slog.Logger
}
