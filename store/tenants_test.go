package store_test

import (
	"testing"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
)

// What one bot has is unknown to another, whatever it is asked by.
func TestAnotherBotsIdsAreUnknown(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w, other := worldOf(t, db, "mine"), worldOf(t, db, "other")
		p := w.person("U1")
		id := w.queued(p)
		f := w.flow("orders")
		v, err := w.publish(f, 0, engine.BlockInfo{ID: "b1", Name: "hi"})
		must(t, err)
		bot := other.bot.ID
		errs := map[string]error{}
		_, errs["delivery"] = db.Delivery(w.ctx, bot, id)
		_, errs["story"] = db.Story(w.ctx, bot, id)
		errs["settle"] = db.Settle(w.ctx, bot, id, engine.SentOut, noon)
		_, errs["flow"] = db.Flow(w.ctx, bot, f.ID)
		_, errs["version"] = db.Version(w.ctx, bot, f.ID, 1)
		_, errs["flow version"] = db.FlowVersion(w.ctx, bot, v.ID)
		_, errs["situation"] = db.Situation(w.ctx, bot, p.ID)
		errs["patch"] = db.PatchContact(w.ctx, bot, p.ContactID, 0, engine.Deltas{}, noon)
		errs["do not contact"] = db.SetDoNotContact(w.ctx, bot, p.ContactID, true)
		errs["erase"] = db.EraseContact(w.ctx, bot, p.ContactID)
		_, _, errs["timeline"] = db.Timeline(w.ctx, bot, p.ContactID, engine.Page{})
		errs["rename attribute"] = db.RenameAttribute(w.ctx, bot, "total", "stolen", true)
		errs["attribute"] = db.DeleteAttribute(w.ctx, bot, "total")
		_, errs["publish"] = other.publish(f, 1)
		_, errs["identity"] = db.CreateIdentity(w.ctx, bot, outbox.NewIdentity{AccountID: w.account.ID, ExternalID: "U9", Now: noon})
		for what, err := range errs {
			if !engine.IsCode(err, engine.NotFound) {
				t.Errorf("%s of another bot: %v", what, err)
			}
		}

		c, err := db.Contact(w.ctx, bot, p.ContactID)
		must(t, err)
		i, err := db.Identity(w.ctx, bot, p.ID)
		must(t, err)
		r, err := db.Render(w.ctx, bot, "r1")
		must(t, err)
		all, err := db.IdentitiesOf(w.ctx, bot, []int64{p.ContactID})
		must(t, err)
		if c != nil || i != nil || r != nil || len(all) != 0 {
			t.Errorf("another bot sees %+v %+v %+v %+v", c, i, r, all)
		}
		mine, err := db.IdentitiesOf(w.ctx, w.bot.ID, []int64{p.ContactID})
		must(t, err)
		same(t, "own identities", mine, []engine.Identity{*p})
	})
}
