package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
)

// saveSession writes the session of an identity as a turn left it; nil ends it.
func saveSession(s *script, identityID int64, open *engine.Session, now time.Time) error {
	if open == nil {
		s.exec(`DELETE FROM sessions WHERE identity_id = ?`, identityID)
		return nil
	}
	state, err := cleanJSON(open.MarshalJSON())
	if err != nil {
		return fmt.Errorf("session of identity %d: %w", identityID, err)
	}
	s.exec(`INSERT INTO sessions (identity_id, flow_version_id, state, origin, waits_for, resume_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (identity_id) DO UPDATE SET flow_version_id = excluded.flow_version_id, state = excluded.state,
			origin = excluded.origin, waits_for = excluded.waits_for, resume_at = excluded.resume_at, updated_at = excluded.updated_at`,
		identityID, open.VersionID, state, open.Origin, open.Expect, open.Until, now)
	return nil
}

// readSession adds the reading of an identity's session.
func readSession(s *script, identityID int64, out **engine.Session) {
	s.query(`SELECT state FROM sessions WHERE identity_id = ?`, identityID).each(func(r scanner) error {
		*out = &engine.Session{IdentityID: identityID}
		return r.Scan(fromJSON(*out))
	})
}

// Wake makes due what has waited for the end of a person's conversation.
func (d *DB) Wake(ctx context.Context, identityID int64, now time.Time) error {
	err := d.together(ctx, func() (order, error) {
		s := new(script)
		wake(s, identityID, now)
		return order{body: s}, nil
	})
	if err != nil {
		return fmt.Errorf("wake what waits for identity %d: %w", identityID, err)
	}
	return nil
}

func wake(s *script, identityID int64, now time.Time) {
	s.exec(`UPDATE deliveries SET not_before = ? WHERE identity_id = ? AND waiting AND status = 'queued' AND class = '`+policy.InConversation+`' AND not_before > ?`,
		now, identityID, now)
}

// DueSession returns the identity of a contact whose session's wait ended
// before now, 0 when there is none.
func (d *DB) DueSession(ctx context.Context, contactID int64, now time.Time) (int64, error) {
	var id int64
	s := new(script)
	s.query(`SELECT s.identity_id FROM identities i JOIN sessions s ON s.identity_id = i.id
		WHERE i.contact_id = ? AND s.resume_at <= ? ORDER BY s.resume_at LIMIT 1`, contactID, now).one(&id)
	if err := d.read(ctx, s); err != nil {
		return 0, fmt.Errorf("read due session of contact %d: %w", contactID, err)
	}
	return id, nil
}
