package store_test

import (
	"testing"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/store"
)

// Who got as many messages is counted together, and apart from who got more:
// several to one person are paid as one.
func TestFiguresTellHowManyMessagesEachGot(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		l := w.leads(0, "https://shop.example.com/")
		for name, messages := range map[string]int{"Umai": 2, "Unam": 2, "Ulan": 6} {
			id := w.given(w.person(name), "render of "+name, l)
			must(t, store.Exec(t, db, `UPDATE deliveries SET status = 'sent', route = 'push', messages_sent = ? WHERE id = ?`, messages, id))
		}
		f, err := db.CountFigures(w.ctx, &engine.Run{ID: "run", BotID: w.bot.ID, CreatedAt: noon, FrozenAt: noon})
		must(t, err)
		sum := f.Sum("*", func(string) bool { return true })
		same(t, "routes", len(sum.Routes), 1)
		same(t, "people by their messages", sum.Routes[0].Each, map[int64]int64{2: 2, 6: 1})
		cost, known := sum.Cost([]engine.Price{{AccountID: sum.Routes[0].AccountID, Route: "push", Amount: 1, Currency: "TWD"}}, func(string, string) int { return 5 })
		same(t, "cost", []any{cost, known}, []any{broadcast.Cost{Amount: 4, Currency: "TWD"}, true})
	})
}
