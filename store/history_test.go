package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/store"
)

func TestTimelineTellsWhatHappened(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		it, l := w.asked("Umai", "a")
		turn := w.turn(it)
		turn.Turn = &engine.Turn{Events: []engine.Event{{Level: engine.LevelInfo, Code: "block_gone", Text: "the block was removed"}}}
		turn.Deliveries, turn.Renders = []engine.Delivery{w.reply(it)}, []engine.Render{w.render("r1")}
		_, err := db.CommitTurn(w.ctx, l, turn)
		must(t, err)
		for n := range 5 {
			w.arrive(w.wrote("Umai", fmt.Sprint("later", n), noon.Add(time.Duration(n)*time.Minute)))
		}
		var told []string
		cursor := ""
		for pages := 0; ; pages++ {
			items, next, err := db.Timeline(w.ctx, w.bot.ID, it.ContactID, engine.Page{Cursor: cursor, Limit: 3})
			must(t, err)
			for _, i := range items {
				told = append(told, i.Kind+": "+i.Text)
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		same(t, "timeline", told, []string{"in: text of later4", "in: text of later3", "in: text of later2", "in: text of later1",
			"out: Xin chào", "in: text of later0", "in: text of a", "event: the block was removed"})
		_, _, err = db.Timeline(w.ctx, w.bot.ID, it.ContactID, engine.Page{Cursor: "1-in"})
		refused(t, err, engine.Invalid)
	})
}

func TestStoryTellsAllThatIsKnown(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		_, err := w.publish(w.flow("orders"), 0, engine.BlockInfo{ID: "b1", Name: "order shipped"})
		must(t, err)
		p := w.person("U1")
		w.patch(p.ContactID, engine.Deltas{AddTags: []string{"vip"}})
		o := w.order(p)
		render := w.render("r1")
		o.Delivery.BlockID, o.Delivery.RenderID, o.Render = "b1", "r1", &render
		id := w.accepted(o)[0].DeliveryID
		s, err := db.Story(w.ctx, w.bot.ID, id)
		must(t, err)
		same(t, "send", s.Send.ID, o.Send.ID)
		same(t, "block", s.Block, "order shipped")
		same(t, "render", s.Render.ID, "r1")
		same(t, "contact", s.Contact, w.contact(p.ContactID))
		same(t, "identity", s.Identity, p)
		if s.Account.ID != w.account.ID || s.Account.Secrets != nil {
			t.Errorf("account is %+v", s.Account)
		}
	})
}

// erased walks every table that names people.
func TestErasingLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		live := func(from string) *engine.Identity {
			it, l := w.asked(from, "key "+from)
			turn := w.turn(it)
			turn.Turn = &engine.Turn{Touched: true, Session: &engine.Session{VersionID: 1}, Events: []engine.Event{{Code: "x"}},
				Deltas: engine.Deltas{AddTags: []string{"vip"}, Phones: []engine.Phone{{E164: "+84912345678", Source: engine.PhoneTyped}}}}
			turn.Deliveries, turn.Renders = []engine.Delivery{w.reply(it), w.reply(it)}, []engine.Render{w.render("shared"), w.render("only " + from)}
			done, err := db.CommitTurn(w.ctx, l, turn)
			must(t, err)
			ids := done.Deliveries
			d := w.claimed(ids[0], "a"+from, noon)
			must(t, db.Begin(w.ctx, d, engine.Attempt{ID: d.AttemptID, At: noon}))
			must(t, db.Progress(w.ctx, d, engine.Attempt{ID: d.AttemptID}, 1, []string{"m" + from}))
			w.hear(noon, channels.Receipt{Kind: channels.Read, To: from, At: noon})
			w.queued(w.known(from))
			return w.known(from)
		}
		gone, stays := live("Ugone"), live("Ustays")
		must(t, db.SetAlias(w.ctx, w.bot.ID, "identity", "old-1", fmt.Sprint(gone.ID)))
		must(t, db.SetAlias(w.ctx, w.bot.ID, "contact", "old-1", fmt.Sprint(gone.ContactID)))
		must(t, store.Exec(t, db, `INSERT INTO list_people (list_id, contact_id) VALUES ('l1', ?), ('l1', ?)`, gone.ContactID, stays.ContactID))
		count := store.CountRows(t, db)
		must(t, db.EraseContact(w.ctx, w.bot.ID, gone.ContactID))
		after := store.CountRows(t, db)
		for table, n := range map[string]int{"contacts": 1, "identities": 1, "contact_phones": 1, "contact_tags": 1, "contact_leases": 1, "sessions": 1, "interactions": 1,
			"deliveries": 3, "attempts": 1, "delivery_messages": 1, "events": 1, "sends": 1, "receipts": 1, "renders": 1, "aliases": 2, "list_people": 1} {
			same(t, "rows of "+table+" that went", count[table]-after[table], n)
		}
		if s, err := db.Situation(w.ctx, w.bot.ID, stays.ID); err != nil || s.Session == nil || len(s.Contact.Phones) != 1 {
			t.Errorf("the other person has lost something: %+v, %v", s, err)
		}
		tags, err := db.ListTags(w.ctx, w.bot.ID)
		must(t, err)
		same(t, "tag", tags, []engine.Tag{{Name: "vip", Contacts: 1}})
		refused(t, db.EraseContact(w.ctx, w.bot.ID, gone.ContactID), engine.NotFound)
	})
}

func TestPruneForgetsByAge(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		it, l := w.asked("Umai", "a")
		turn := w.turn(it)
		turn.Turn = &engine.Turn{Events: []engine.Event{{Code: "x"}}}
		d := w.reply(it)
		d.Status, d.Attributes = engine.SentOut, map[string]any{"a": "b"}
		turn.Deliveries, turn.Renders = []engine.Delivery{d}, []engine.Render{w.render("r1")}
		done, err := db.CommitTurn(w.ctx, l, turn)
		must(t, err)
		ids := done.Deliveries
		o := w.order(w.identity(it.IdentityID))
		o.Send.Request, o.TokenHash, o.Key = []byte(`{}`), "t", "k"
		o.Delivery.Status = engine.Skipped
		w.accepted(o)
		must(t, db.StorePoison(w.ctx, inbox.Arrival{AccountID: w.account.ID, EventKey: "p", ReceivedAt: noon}, "x"))

		prune := func(after time.Duration, want map[string]int) {
			got, err := db.Prune(w.ctx, noon.Add(after), 100)
			must(t, err)
			same(t, fmt.Sprintf("forgotten after %s", after), got, want)
		}
		day := 24 * time.Hour
		prune(time.Hour, map[string]int{})
		prune(25*time.Hour, map[string]int{"idempotency_keys": 1})
		prune(9*day, map[string]int{"event_keys": 2})
		prune(31*day, map[string]int{"interaction_payloads": 1, "delivery_content": 2, "send_requests": 1, "renders": 1, "events": 1, "poison": 1})
		same(t, "the row stays without its content", w.delivery(ids[0]).Attributes, map[string]any{})
		prune(31*day, map[string]int{})
		prune(400*day, map[string]int{"deliveries": 2, "interactions": 1, "sends": 1})
		if w.contact(it.ContactID) == nil {
			t.Error("the person is forgotten")
		}
	})
}

func TestPruneKeepsWhatIsStillToGoOut(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		o := w.order(w.person("U1"))
		render := w.render("r1")
		o.Render, o.Delivery.RenderID, o.Delivery.Attributes = &render, "r1", map[string]any{"a": "b"}
		id := w.accepted(o)[0].DeliveryID
		_, err := db.Prune(w.ctx, noon.Add(60*24*time.Hour), 100)
		must(t, err)
		same(t, "attributes", w.delivery(id).Attributes, map[string]any{"a": "b"})
		r, err := db.Render(w.ctx, w.bot.ID, "r1")
		must(t, err)
		if r == nil {
			t.Error("the bytes of a delivery that waits are gone")
		}
	})
}

func TestLastSeenIsCopiedOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.arrive(w.wrote("U1", "a", noon), w.wrote("U1", "b", noon.Add(time.Minute)), w.did(engine.DidUnfollow, "U1", "c", noon.Add(time.Hour)))
		for _, want := range []int{2, 0} {
			n, err := db.CopyLastSeen(w.ctx, 100)
			must(t, err)
			same(t, "looked at", n, want)
		}
		same(t, "last seen", w.contact(w.known("U1").ContactID).LastSeenAt, noon.Add(time.Minute))
	})
}

func TestProfilesFillWhatNobodySet(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p := w.person("U1")
		must(t, db.SaveProfile(w.ctx, p.ID, &channels.Profile{Name: "mai ✿", Language: "vi", PictureURL: "https://a"}, noon))
		w.patch(p.ContactID, engine.Deltas{Facts: map[string]any{"name": "Trần Mai"}})
		must(t, db.SaveProfile(w.ctx, p.ID, &channels.Profile{Name: "mai ✿✿", Language: "vi", PictureURL: "https://b"}, noon.Add(time.Hour)))
		c := w.contact(p.ContactID)
		same(t, "name set by hand, language, new picture", []string{c.Name, c.Language, c.ProfilePic}, []string{"Trần Mai", "vi", "https://b"})
		must(t, db.SaveProfile(w.ctx, p.ID, nil, noon.Add(2*time.Hour)))
		same(t, "asked at", w.identity(p.ID).ProfileAt, noon.Add(2*time.Hour))
		bot, err := db.BotOfIdentity(w.ctx, p.ID)
		must(t, err)
		same(t, "bot of the identity", bot, w.bot.ID)
	})
}
