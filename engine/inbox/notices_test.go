package inbox_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/engine/outbox/outboxtest"
)

// warned is a store that only keeps what platforms say about accounts.
type warned struct {
	brittle
	kept   []engine.AccountWarning
	paused []bool
}

func (s *warned) KeepWarning(_ context.Context, _ *engine.Account, w engine.AccountWarning, pause bool) error {
	if s.away {
		return errAway
	}
	s.kept, s.paused = append(s.kept, w), append(s.paused, pause)
	return nil
}

// What a platform says about the account is kept as what people write is, also
// when a webhook holds nothing else; the database away, it is sent again.
func TestNotices(t *testing.T) {
	t.Parallel()
	store := &warned{}
	clock := outboxtest.NewClock(time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC))
	in := inbox.New(inbox.Config{Deps: engine.Deps{Now: clock.Now, Log: slog.New(slog.DiscardHandler)}, Store: store, Bells: &outboxtest.Bells{}})
	in.Start(t.Context())
	t.Cleanup(in.Stop)
	said := time.Date(2026, 11, 5, 3, 0, 0, 0, time.UTC)
	r := &channels.Received{Notices: []channels.Notice{
		{Account: "1", Code: "policy_enforcement", Message: "warning: spam", At: said},
		{Account: "1", Code: "policy_enforcement", Message: "block: spam", Barred: true},
	}}
	a := &engine.Account{ID: "a", BotID: "b"}
	if err := in.Accept(t.Context(), a, r); err != nil {
		t.Fatal(err)
	}
	if len(store.kept) != 2 || !store.kept[0].At.Equal(said) || store.kept[1].At.IsZero() || store.paused[0] || !store.paused[1] {
		t.Errorf("kept %+v, paused %v", store.kept, store.paused)
	}
	store.away = true
	if err := in.Accept(t.Context(), a, r); !errors.Is(err, inbox.ErrBusy) {
		t.Errorf("with the database away: %v", err)
	}
}
