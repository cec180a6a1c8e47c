package app

import (
	"context"
	"errors"
	"strconv"
	"time"
)

// pausedNote tells whoever asks for readiness that something is stopped. The
// reason is not for everybody, and /readyz is.
func (i *instance) pausedNote(ctx context.Context) string {
	pauses, err := i.store.Pauses(ctx)
	switch {
	case err != nil || len(pauses) == 0:
		return ""
	case pauses[0].BotID == "":
		return "everything is paused since " + pauses[0].At.Format(time.RFC3339) + ": nothing goes out"
	case len(pauses) == 1:
		return "one bot is paused"
	}
	return strconv.Itoa(len(pauses)) + " bots are paused"
}

// wake rings for all that waits, when a pause is over.
func (i *instance) wake(ctx context.Context) error {
	return errors.Join(i.inbox.Recover(ctx), i.outbox.Recover(ctx))
}
