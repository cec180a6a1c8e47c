package store_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
)

// What a platform says about an account stays beside it until somebody has seen
// it, and pauses it when it can send nothing any more.
func TestAccountWarnings(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.account.Settings = map[string]string{"kept": "as it is"}
		must(t, db.UpdateAccount(w.ctx, w.account))
		is := func(when string, state engine.AccountState, reason string, warning engine.AccountWarning) *engine.Account {
			t.Helper()
			a, err := db.Account(w.ctx, w.account.ID)
			must(t, err)
			same(t, when, []any{a.State, a.Reason, a.Warning, a.Settings}, []any{state, reason, warning, map[string]string{"kept": "as it is"}})
			return a
		}
		warned := engine.AccountWarning{Code: "policy_enforcement", Message: "warning: spam", At: noon}
		must(t, db.KeepWarning(w.ctx, &w.account, warned, false))
		is("after a warning", engine.AccountActive, "", warned)

		barred := engine.AccountWarning{Code: "policy_enforcement", Message: "block: spam", At: noon.Add(time.Hour)}
		for range 2 { // the platform repeats itself
			must(t, db.KeepWarning(w.ctx, &w.account, barred, true))
		}
		is("after a block", engine.AccountPaused, "policy_enforcement: block: spam", barred)

		must(t, db.KeepWarning(w.ctx, &w.account, warned, false)) // late
		a := is("after an older word", engine.AccountPaused, "policy_enforcement: block: spam", barred)

		a.State, a.Reason, a.Warning = engine.AccountActive, "", engine.AccountWarning{}
		must(t, db.UpdateAccount(w.ctx, *a))
		is("when somebody has seen it", engine.AccountActive, "", engine.AccountWarning{})

		other := w.account
		other.BotID = "another bot"
		if err := db.KeepWarning(w.ctx, &other, barred, true); err == nil {
			t.Error("another bot's account was warned of")
		}
	})
}
