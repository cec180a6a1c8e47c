package inbox_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/engine/outbox/outboxtest"
)

// brittle is a store that refuses a batch for any bad row in it, and that can
// be away.
type brittle struct {
	inbox.Store
	away     bool
	arrivals []string
	receipts []string
	poison   []string
}

var (
	errBad  = errors.New("a value is out of range")
	errAway = errors.New("no connection")
)

func (b *brittle) StoreArrivals(_ context.Context, batch inbox.Batch) ([]int64, error) {
	if b.away {
		return nil, errAway
	}
	var arrivals, receipts []string
	var contacts []int64
	for i, a := range batch.Arrivals {
		arrivals, contacts = append(arrivals, a.From), append(contacts, int64(len(b.arrivals)+i+1))
	}
	for _, r := range batch.Receipts {
		receipts = append(receipts, r.MessageID)
	}
	if strings.Contains(strings.Join(append(arrivals, receipts...), " "), "bad") {
		return nil, errBad
	}
	b.arrivals, b.receipts = append(b.arrivals, arrivals...), append(b.receipts, receipts...)
	return contacts, nil
}

func (b *brittle) StorePoison(_ context.Context, a inbox.Arrival, _ string) error {
	b.poison = append(b.poison, a.From)
	return nil
}

func (b *brittle) Away(err error) bool { return errors.Is(err, errAway) }

// What cannot be stored for its data harms neither the events nor the receipts
// that came with it; what meets no database is asked for again.
func TestBadRowsAreKeptApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		from     []string
		messages []string
		want     brittle
		poisoned int
	}{
		{"all well", []string{"U1", "U2"}, []string{"m1"}, brittle{arrivals: []string{"U1", "U2"}, receipts: []string{"m1"}}, 0},
		{"a bad event", []string{"U1", "bad", "U2"}, []string{"m1"}, brittle{arrivals: []string{"U1", "U2"}, receipts: []string{"m1"}, poison: []string{"bad"}}, 1},
		{"a bad receipt", []string{"U1"}, []string{"m1", "bad", "m2"}, brittle{arrivals: []string{"U1"}, receipts: []string{"m1", "m2"}}, 1},
		{"receipts alone", nil, []string{"bad", "m2"}, brittle{receipts: []string{"m2"}}, 1},
		{"away", []string{"U1", "bad"}, nil, brittle{away: true}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db, bells, poisoned := &brittle{away: c.want.away}, &outboxtest.Bells{}, 0
			clock := outboxtest.NewClock(time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC))
			in := inbox.New(inbox.Config{Deps: engine.Deps{Now: clock.Now, Log: slog.New(slog.DiscardHandler)}, Store: db, Bells: bells,
				Metrics: inbox.Metrics{Poison: func() { poisoned++ }}})
			in.Start(t.Context())
			r := &channels.Received{}
			for i, from := range c.from {
				r.Updates = append(r.Updates, channels.Update{Key: string(rune('a' + i)), From: from, Kind: channels.Message, Text: "hi"})
			}
			for _, id := range c.messages {
				r.Receipts = append(r.Receipts, channels.Receipt{MessageID: id, Kind: channels.Delivered})
			}
			err := in.Accept(t.Context(), &engine.Account{ID: "a1"}, r)
			in.Stop()
			if busy := errors.Is(err, inbox.ErrBusy); busy != c.want.away || err != nil && !busy {
				t.Errorf("Accept: %v", err)
			}
			got := []any{db.arrivals, db.receipts, db.poison, len(bells.Rung()), poisoned}
			if d := cmp.Diff([]any{c.want.arrivals, c.want.receipts, c.want.poison, len(c.want.arrivals), c.poisoned}, got); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}
