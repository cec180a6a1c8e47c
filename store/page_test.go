package store_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
)

// TestListsByTheirTimeArePaged holds that lists which go by when their rows
// were made lose and repeat nothing between pages, also where several were made
// at once, and that a cursor of somebody's own is refused.
func TestListsByTheirTimeArePaged(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for i, id := range []string{"a", "b", "c", "d", "e"} {
			at := noon.Add(time.Duration(i/2) * time.Microsecond)
			must(t, db.CreateList(w.ctx, engine.PeopleList{ID: id, BotID: w.bot.ID, Name: id, CreatedAt: at}))
			must(t, db.CreateBroadcast(w.ctx, &engine.Broadcast{ID: id, BotID: w.bot.ID, Plan: engine.Plan{Subject: id}, State: engine.BroadcastDraft, CreatedAt: at, UpdatedAt: at}))
		}
		if _, _, err := db.ListRefusals(w.ctx, w.bot.ID, "a", engine.Page{Cursor: "5x"}); !engine.IsCode(err, engine.Invalid) {
			t.Errorf("refused rows take the cursor 5x: %v", err)
		}
		type page func(engine.Page) (ids string, next string, err error)
		for name, list := range map[string]page{
			"lists": func(p engine.Page) (ids string, next string, err error) {
				rows, next, err := db.ListLists(w.ctx, w.bot.ID, p)
				for _, r := range rows {
					ids += r.ID
				}
				return ids, next, err
			},
			"broadcasts": func(p engine.Page) (ids string, next string, err error) {
				rows, next, err := db.ListBroadcasts(w.ctx, w.bot.ID, "", p)
				for _, r := range rows {
					ids += r.ID
				}
				return ids, next, err
			},
		} {
			all, p := "", engine.Page{Limit: 2}
			for pages := 0; ; pages++ {
				ids, next, err := list(p)
				must(t, err)
				all += ids + " "
				if p.Cursor = next; next == "" || pages == 5 {
					break
				}
			}
			if all != "ec da b " {
				t.Errorf("%s are %q", name, all)
			}
			for _, cursor := range []string{"x", "x_a", "2026-11-20T12:00:00Z"} {
				if _, _, err := list(engine.Page{Cursor: cursor}); !engine.IsCode(err, engine.Invalid) {
					t.Errorf("%s take the cursor %q: %v", name, cursor, err)
				}
			}
		}
	})
}
