package store

import (
	"github.com/blockcast/blockcast/engine/inbox"
)

// repliable is how many of a person's newest deliveries a reply may be to. It
// bounds what a turn reads of a long history.
const repliable = 20

// saveReply notes that a person has written: on what they were sent shortly
// before and had not replied to. One statement in the turn's own commit, which
// in a conversation changes one row: the last thing that was said.
func saveReply(s *script, t inbox.Turn) {
	if t.Wrote.IsZero() {
		return
	}
	s.exec(`UPDATE deliveries SET replied_at = ?
		WHERE id IN (SELECT id FROM deliveries WHERE `+toIdentity+` ORDER BY id DESC LIMIT ?)
		AND replied_at IS NULL AND sent_at <= ? AND sent_at > ? AND status IN ('sent', 'delivered', 'read')`,
		t.Wrote, t.IdentityID, t.IdentityID, repliable, t.Wrote, t.Wrote.Add(-inbox.ReplyWithin))
}
