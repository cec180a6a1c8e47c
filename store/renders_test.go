package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// says commits a turn that says one render.
func (w *world) says(ctx context.Context, from, key, render string) error {
	it, l := w.asked(from, key)
	turn := w.turn(it)
	turn.Renders, turn.Deliveries = []engine.Render{w.render(render)}, []engine.Delivery{w.reply(it)}
	_, err := w.db.CommitTurn(ctx, l, turn)
	return err
}

// TestNobodyWaitsForARenderOfToday holds that two transactions may say the same
// at once: a flow's commonest words would else slow everybody down to one
// commit after another.
func TestNobodyWaitsForARenderOfToday(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), store.Config{URL: storetest.Postgres(t), Now: noonClock, NewID: func() string { return "" }, MaxConns: 4})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	w := newWorld(t, db)
	must(t, w.says(w.ctx, "Umai", "a", "r1"))
	it, l := w.asked("Ulan", "b")
	turn := w.turn(it)
	turn.Renders, turn.Deliveries = []engine.Render{w.render("r1")}, []engine.Delivery{w.reply(it)}
	must(t, db.Tx(w.ctx, func(ctx context.Context) error {
		if _, err := db.CommitTurn(ctx, l, turn); err != nil {
			return err
		}
		others, cancel := context.WithTimeout(w.ctx, 5*time.Second)
		defer cancel()
		return w.says(others, "Uhoa", "c", "r1")
	}))
}
