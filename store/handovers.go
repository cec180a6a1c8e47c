package store

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// handovers are conversations that go to a person of the owner's otherwise than
// by a flow, which tells of its own.
type handovers struct {
	to   map[int64]engine.Handover // by identity
	at   map[int64]time.Time
	told []announcement
}

// add has a conversation given to a person at a moment. Of several for one
// identity the one that lasts longest is told.
func (h *handovers) add(identity int64, to engine.Handover, at time.Time) {
	if h.to == nil {
		h.to, h.at = map[int64]engine.Handover{}, map[int64]time.Time{}
	}
	if has, again := h.to[identity]; again && has.Until.After(to.Until) {
		return
	}
	h.to[identity], h.at[identity] = to, at
}

// read adds the reading of what there is to tell: of those whom somebody leads
// already nothing. It must come before the statements that hand over. It reports
// whether there may be any.
func (h *handovers) read(s *script, now time.Time) bool {
	in := newInput("id bigint", "at timestamptz")
	for id, to := range h.to {
		if to.State == engine.ConversationAgent && to.Until.After(now) {
			in.add(id, h.at[id])
		}
	}
	if in.empty() {
		return false
	}
	s.with(in, `SELECT a.id, a.bot_id, a.channel, a.name, i.id, i.external_id, c.id, c.name, c.external_id,
			COALESCE((SELECT p.phone FROM contact_phones p WHERE p.contact_id = c.id ORDER BY `+phoneRank("p.source")+` DESC, p.added_at DESC, p.phone LIMIT 1), '')
		FROM v JOIN identities i ON i.id = v.id JOIN accounts a ON a.id = i.account_id JOIN contacts c ON c.id = i.contact_id
		WHERE i.conversation <> 'agent' OR i.conversation_until IS NULL OR i.conversation_until <= v.at`).each(func(r scanner) error {
		var a engine.Account
		var i engine.Identity
		var c engine.Contact
		var p engine.Phone
		if err := r.Scan(&a.ID, &a.BotID, &a.Channel, &a.Name, &i.ID, &i.ExternalID, &c.ID, &c.Name, &c.ExternalID, &p.E164); err != nil {
			return err
		}
		if p.E164 != "" {
			c.Phones = one(p)
		}
		n, err := engine.HandoverNotice(&c, &a, &i, h.to[i.ID])
		if err != nil {
			return fmt.Errorf("notice of a handover of identity %d: %w", i.ID, err)
		}
		h.told = append(h.told, announcement{bot: a.BotID, notice: n, at: h.at[i.ID]})
		return nil
	})
	return true
}

// list is what there is to tell, oldest first.
func (h *handovers) list() []announcement {
	slices.SortFunc(h.told, func(a, b announcement) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.notice.ContactID, b.notice.ContactID))
	})
	return h.told
}
