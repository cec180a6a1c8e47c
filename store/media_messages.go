package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
)

// withdrawnKept is how long it is known of a message without a file that it was
// withdrawn: as long as a platform may repeat what it told.
const withdrawnKept = 8 * 24 * time.Hour

// NoteMedia implements media.Store.
func (d *DB) NoteMedia(ctx context.Context, accountID, messageID, mediaID string, now time.Time) (withdrawn bool, err error) {
	in := newInput("account_id text", "message_id text")
	in.add(accountID, messageID)
	s := new(script)
	s.exec(`INSERT INTO media_messages (account_id, message_id, media_id) VALUES (?, ?, ?)
		ON CONFLICT (account_id, message_id) DO UPDATE SET media_id = excluded.media_id`, accountID, messageID, mediaID)
	hideWithdrawn(s, in, now)
	s.query(`SELECT withdrawn_at IS NOT NULL FROM media_messages WHERE account_id = ? AND message_id = ?`, accountID, messageID).one(&withdrawn)
	if err := d.write(ctx, s); err != nil {
		return false, fmt.Errorf("note media %s: %w", mediaID, err)
	}
	return withdrawn, nil
}

// withdraw notes which messages people took back, and hides the files that only
// they brought. Those of a message that is not answered yet are hidden when
// they come.
func withdraw(s *script, fresh []inbox.Arrival) {
	in := newInput("account_id text", "message_id text", "at timestamptz")
	once := map[[2]string]bool{}
	var last time.Time
	for _, a := range fresh {
		message := [2]string{a.AccountID, a.Inbound.Data}
		if a.Kind == engine.DidOther && a.Inbound.Event == inbox.Withdrawn && message[1] != "" && !once[message] {
			once[message] = true
			in.add(a.AccountID, message[1], a.ReceivedAt)
			last = a.ReceivedAt
		}
	}
	if in.empty() {
		return
	}
	s.with(in, `INSERT INTO media_messages (account_id, message_id, withdrawn_at) SELECT account_id, message_id, at FROM v WHERE true ORDER BY account_id, message_id
		ON CONFLICT (account_id, message_id) DO UPDATE SET withdrawn_at = excluded.withdrawn_at`)
	hideWithdrawn(s, in, last)
}

// hideWithdrawn hides the files of messages that are withdrawn, unless another
// message brought the same file.
func hideWithdrawn(s *script, messages *input, now time.Time) {
	s.with(messages, `UPDATE media SET state = ?, state_at = ? WHERE state = ? AND contact_id <> 0
		AND id IN (SELECT m.media_id FROM v JOIN media_messages m ON m.account_id = v.account_id AND m.message_id = v.message_id WHERE m.withdrawn_at IS NOT NULL)
		AND NOT EXISTS (SELECT 1 FROM media_messages o WHERE o.media_id = media.id AND o.withdrawn_at IS NULL)`, mediaGone, now, mediaKept)
}
