package store_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/migrations"
	"github.com/blockcast/blockcast/store"
)

func TestVersionsOfAPlanAreKept(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		b := &engine.Broadcast{ID: w.id(), BotID: w.bot.ID, State: engine.BroadcastDraft, Version: 1, Plan: engine.Plan{Subject: "one"}, By: "mai", CreatedAt: noon, UpdatedAt: noon}
		must(t, db.CreateBroadcast(w.ctx, b))
		edited := func(subject, by string, at time.Time) {
			t.Helper()
			b.Plan.Subject, b.By, b.UpdatedAt = subject, by, at
			must(t, db.EditBroadcast(w.ctx, b))
		}
		edited("two", "linh", noon.Add(time.Hour))
		stale := *b
		stale.Version, stale.Plan.Subject = 1, "late"
		refused(t, db.EditBroadcast(w.ctx, &stale), engine.Conflict)
		got, err := db.PlanVersions(w.ctx, w.bot.ID, b.ID)
		must(t, err)
		want := []engine.PlanVersion{
			{Version: 2, Plan: engine.Plan{Subject: "two"}, By: "linh", At: noon.Add(time.Hour)},
			{Version: 1, Plan: engine.Plan{Subject: "one"}, By: "mai", At: noon},
		}
		same(t, "versions", got, want)
		_, err = db.PlanVersions(w.ctx, "another bot", b.ID)
		refused(t, err, engine.NotFound)

		day := 24 * time.Hour
		forgotten, err := db.Prune(w.ctx, noon.Add(380*day), 100)
		must(t, err)
		same(t, "forgotten within 13 months", forgotten["broadcast_versions"], 0)
		forgotten, err = db.Prune(w.ctx, noon.Add(400*day), 100)
		must(t, err)
		same(t, "forgotten", forgotten["broadcast_versions"], 1)
		got, err = db.PlanVersions(w.ctx, w.bot.ID, b.ID)
		must(t, err)
		same(t, "what is left", got, want[:1])

		for i := range store.KeptVersions + 5 {
			edited(fmt.Sprint("edit ", i), "", noon)
		}
		got, err = db.PlanVersions(w.ctx, w.bot.ID, b.ID)
		must(t, err)
		same(t, "versions of somebody who edits in a loop", []int{len(got), got[0].Version}, []int{store.KeptVersions, store.KeptVersions + 7})

		must(t, db.DeleteBroadcast(w.ctx, w.bot.ID, b.ID))
		same(t, "versions of a deleted draft", store.CountRows(t, db)["broadcast_versions"], 0)
	})
}

// Of broadcasts from before versions were kept the newest plan is the only one.
func TestBroadcastsFromBeforeHaveOneVersion(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		fresh := &engine.Broadcast{ID: w.id(), BotID: w.bot.ID, State: engine.BroadcastDraft, Version: 1, Plan: engine.Plan{Subject: "fresh"}, CreatedAt: noon, UpdatedAt: noon}
		edited := &engine.Broadcast{ID: w.id(), BotID: w.bot.ID, State: engine.BroadcastDraft, Version: 3, Plan: engine.Plan{Subject: "edited"}, CreatedAt: noon, UpdatedAt: noon.Add(time.Hour)}
		for _, b := range []*engine.Broadcast{fresh, edited} {
			must(t, db.CreateBroadcast(w.ctx, b))
		}
		must(t, store.Exec(t, db, `DELETE FROM broadcast_versions`))
		text, err := fs.ReadFile(migrations.SQLite, "sqlite/00038_broadcast_versions.sql")
		must(t, err)
		_, insert, _ := strings.Cut(string(text), "INSERT INTO")
		must(t, store.Exec(t, db, "INSERT INTO "+strings.TrimSuffix(strings.TrimSpace(insert), ";")))
		for _, want := range []struct {
			of      *engine.Broadcast
			version engine.PlanVersion
		}{
			{fresh, engine.PlanVersion{Version: 1, Plan: fresh.Plan, At: noon}},
			{edited, engine.PlanVersion{Version: 3, Plan: edited.Plan}},
		} {
			got, err := db.PlanVersions(w.ctx, w.bot.ID, want.of.ID)
			must(t, err)
			same(t, want.of.Plan.Subject, got, []engine.PlanVersion{want.version})
		}
	})
}
