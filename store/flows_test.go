package store_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
)

func (w *world) flow(name string) *engine.Flow {
	w.t.Helper()
	f, err := w.db.SaveDraft(w.ctx, w.bot.ID, name, []byte(`{"flow":"`+name+`"}`), noon)
	must(w.t, err)
	return f
}

func (w *world) publish(f *engine.Flow, expect int, blocks ...engine.BlockInfo) (*engine.FlowVersion, error) {
	v := engine.FlowVersion{BotID: w.bot.ID, FlowID: f.ID, Document: []byte(`{"format":1}`), IDs: map[string]string{"hi": "b1"}, Checksum: "c", Author: "cli", Note: "n", CreatedAt: noon}
	return w.db.Publish(w.ctx, v, expect, blocks, []engine.Attribute{{Name: "total", Type: "number"}})
}

// Two flows checked against the same library cannot both be published: what
// the first took, such as the trigger of all who follow, the second must see.
func TestPublishIsRefusedWhenAnotherFlowWasPublishedMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		seen, err := db.Revision(w.ctx, w.bot.ID)
		must(t, err)
		results := make([]error, 4)
		drafts := make([]*engine.Flow, len(results))
		for i := range drafts {
			drafts[i] = w.flow(string(rune('a' + i)))
		}
		var all sync.WaitGroup
		for i, f := range drafts {
			all.Go(func() {
				v := engine.FlowVersion{BotID: w.bot.ID, FlowID: f.ID, Document: []byte(`{"format":1}`), CreatedAt: noon, Against: &seen}
				_, results[i] = db.Publish(w.ctx, v, 0, nil, nil)
			})
		}
		all.Wait()
		published := 0
		for _, err := range results {
			if err == nil {
				published++
				continue
			}
			refused(t, err, engine.Conflict)
		}
		same(t, "published", published, 1)
		after, err := db.Revision(w.ctx, w.bot.ID)
		must(t, err)
		same(t, "revisions", after-seen, int64(1))
	})
}

func TestPublishMakesVersionsAndBlocks(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		f := w.flow("orders")
		hi := engine.BlockInfo{ID: "b1", Name: "Hi", Aliases: []string{"module-1"}, Needs: []string{"total"}}
		before, err := db.Revision(w.ctx, w.bot.ID)
		must(t, err)
		v1, err := w.publish(f, 0, hi, engine.BlockInfo{ID: "b2", Name: "Bye", Module: true})
		must(t, err)
		same(t, "number", v1.Number, 1)
		v2, err := w.publish(f, 1, hi)
		must(t, err)
		after, err := db.Revision(w.ctx, w.bot.ID)
		must(t, err)
		same(t, "revisions", after-before, int64(2))
		_, err = w.publish(f, 1, hi)
		refused(t, err, engine.Conflict)

		list, err := db.ListBlocks(w.ctx, w.bot.ID)
		must(t, err)
		hi.BotID, hi.FlowID, hi.Flow, hi.Version = w.bot.ID, f.ID, "orders", 2
		same(t, "blocks of the newest version", list, []engine.BlockInfo{hi})
		published, err := db.PublishedVersions(w.ctx, w.bot.ID)
		must(t, err)
		same(t, "published", published, []engine.FlowVersion{*v2})
		old, err := db.FlowVersion(w.ctx, w.bot.ID, v1.ID)
		must(t, err)
		same(t, "a pinned version stays", old, v1)
		old, err = db.Version(w.ctx, w.bot.ID, f.ID, 1)
		must(t, err)
		same(t, "by its number", old, v1)
		versions, err := db.ListVersions(w.ctx, w.bot.ID, f.ID)
		must(t, err)
		same(t, "newest first", versions, []engine.FlowVersion{*v2, *v1})
		types, err := db.AttributeTypes(w.ctx, w.bot.ID)
		must(t, err)
		same(t, "declared by", types["total"].DeclaredBy, "orders")
		for _, name := range []string{"ORDERS", f.ID} {
			got, err := db.Flow(w.ctx, w.bot.ID, name)
			must(t, err)
			same(t, "flow by "+name, []any{got.ID, got.Published, string(got.Draft)}, []any{f.ID, 2, `{"flow":"orders"}`})
		}
	})
}

func TestPublishRefusesTakenNames(t *testing.T) {
	cases := []struct {
		name   string
		blocks []engine.BlockInfo
		says   string
	}{
		{"another flow's name", []engine.BlockInfo{{ID: "x1", Name: "HI"}}, "orders"},
		{"another flow's alias", []engine.BlockInfo{{ID: "x1", Name: "module-1"}}, "orders"},
		{"an alias that is another's name", []engine.BlockInfo{{ID: "x1", Name: "new", Aliases: []string{"hi"}}}, "orders"},
		{"another flow's id", []engine.BlockInfo{{ID: "b1", Name: "new"}}, "orders"},
		{"one name twice", []engine.BlockInfo{{ID: "x1", Name: "new"}, {ID: "x2", Name: "New"}}, "coupons"},
	}
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		_, err := w.publish(w.flow("orders"), 0, engine.BlockInfo{ID: "b1", Name: "hi", Aliases: []string{"module-1"}})
		must(t, err)
		second := w.flow("coupons")
		for _, c := range cases {
			_, err := w.publish(second, 0, c.blocks...)
			refused(t, err, engine.Conflict)
			if err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %q does not say whose", c.name, err)
			}
		}
		published, err := db.PublishedVersions(w.ctx, w.bot.ID)
		must(t, err)
		same(t, "nothing of it is kept", len(published), 1)
		other := worldOf(t, db, "other")
		_, err = other.publish(other.flow("orders"), 0, engine.BlockInfo{ID: "b1", Name: "hi"}) // another bot is another world
		must(t, err)
	})
}

func TestOnePublishAtATime(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		f := w.flow("orders")
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for range 6 {
			wg.Go(func() {
				_, err := w.publish(f, 0, engine.BlockInfo{ID: "b1", Name: "hi"})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else if !engine.IsCode(err, engine.Conflict) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		same(t, "publishes that won", won, 1)
	})
}
