package store_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
)

// handedOver is the data of the handovers a webhook was told of, oldest first.
func (w *world) handedOver(h engine.Webhook) (list []map[string]any) {
	w.t.Helper()
	rows, _, err := w.db.ListPostings(w.ctx, w.bot.ID, h.ID, "", engine.Page{})
	must(w.t, err)
	for i := range rows {
		var body struct {
			Type string         `json:"type"`
			Data map[string]any `json:"data"`
		}
		must(w.t, json.Unmarshal(rows[len(rows)-1-i].Body, &body))
		same(w.t, "topic", body.Type, engine.TopicHandover)
		list = append(list, body.Data)
	}
	return list
}

func TestAHandoverByACallIsTold(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		h := w.hook(engine.TopicHandover)
		p := w.person("U1")
		w.patch(p.ContactID, engine.Deltas{Facts: map[string]any{"name": "Mai", "external_id": "C-7"},
			Phones: []engine.Phone{{E164: "+886912345678", Source: engine.PhoneTyped}, {E164: "+886912345679", Source: engine.PhoneAPI}}})
		hand := func(to engine.Handover, at time.Time) {
			t.Helper()
			must(t, db.PatchContact(w.ctx, w.bot.ID, p.ContactID, p.ID, engine.Deltas{Handover: &to}, at))
		}
		agent := func(at time.Time) engine.Handover {
			return engine.Handover{State: engine.ConversationAgent, Until: at.Add(time.Hour), Note: "the invoice"}
		}
		hand(agent(noon), noon)
		same(t, "told", w.handedOver(h), []map[string]any{{"note": "the invoice", "until": "2026-11-21T04:00:00Z",
			"contact": map[string]any{"id": float64(p.ContactID), "name": "Mai", "external_id": "C-7", "phone": "+886912345679"},
			"account": map[string]any{"id": w.account.ID, "channel": "line", "identity_id": float64(p.ID), "user_id": "U1"}}})

		hand(agent(noon.Add(time.Minute)), noon.Add(time.Minute))
		same(t, "after it was taken again", len(w.handedOver(h)), 1)
		hand(engine.Handover{}, noon.Add(2*time.Minute))
		same(t, "after it was given back", len(w.handedOver(h)), 1)
		hand(agent(noon.Add(3*time.Minute)), noon.Add(3*time.Minute))
		same(t, "after it was given back and taken", len(w.handedOver(h)), 2)
		hand(agent(noon.Add(2*time.Hour)), noon.Add(2*time.Hour))
		same(t, "after its time had passed", len(w.handedOver(h)), 3)
		must(t, db.PatchContact(w.ctx, w.bot.ID, p.ContactID, p.ID, engine.Deltas{Set: map[string]any{"n": 1.0}}, noon.Add(9*time.Hour)))
		same(t, "after another change", len(w.handedOver(h)), 3)
	})
}

func TestAForeignEchoIsTold(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		h := w.hook("*")
		p := w.person("U1")
		hears := func(id string, said, heard time.Time) {
			t.Helper()
			w.hear(heard, channels.Receipt{Kind: channels.Echo, To: "U1", MessageID: id, Foreign: true, At: said})
			w.hear(heard, channels.Receipt{Kind: channels.Echo, To: "U1", MessageID: id + "b", Foreign: true, At: said.Add(time.Second)})
			w.apply(heard, 2)
		}
		hears("m1", noon, noon)
		list := w.handedOver(h)
		same(t, "told once of both", len(list), 1)
		same(t, "what", []any{list[0]["note"], list[0]["until"], list[0]["contact"].(map[string]any)["id"]},
			[]any{"somebody wrote from outside", "2026-11-21T03:30:01Z", float64(p.ContactID)})
		hears("m2", noon.Add(time.Minute), noon.Add(time.Minute))
		same(t, "while they go on writing", len(w.handedOver(h)), 1)
		hears("m3", noon.Add(2*time.Hour), noon.Add(5*time.Hour))
		same(t, "of what is long over", len(w.handedOver(h)), 1)
		hears("m4", noon.Add(6*time.Hour), noon.Add(6*time.Hour))
		same(t, "after the bot led again", len(w.handedOver(h)), 2)
	})
}
