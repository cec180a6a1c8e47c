package store

import (
	"context"
	"fmt"
	"time"
)

// MediaAttachment implements media.Store.
func (d *DB) MediaAttachment(ctx context.Context, accountID, mediaID, kind string, now time.Time) (id string, known bool, err error) {
	var found []string
	s := new(script)
	s.query(`SELECT attachment_id FROM media_attachments WHERE account_id = ? AND media_id = ? AND kind = ? AND until > ?`,
		accountID, mediaID, kind, now).each(into(&found))
	if err := d.read(ctx, s); err != nil {
		return "", false, fmt.Errorf("read attachment: %w", err)
	}
	if len(found) == 0 {
		return "", false, nil
	}
	return found[0], true, nil
}

// KeepMediaAttachment implements media.Store.
func (d *DB) KeepMediaAttachment(ctx context.Context, accountID, mediaID, kind, id string, until time.Time) error {
	s := new(script)
	s.exec(`INSERT INTO media_attachments (account_id, media_id, kind, attachment_id, until) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (account_id, media_id, kind) DO UPDATE SET attachment_id = excluded.attachment_id, until = excluded.until`,
		accountID, mediaID, kind, id, until)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("keep attachment: %w", err)
	}
	return nil
}

// DropMediaAttachment implements media.Store.
func (d *DB) DropMediaAttachment(ctx context.Context, accountID, mediaID, kind, id string) error {
	s := new(script)
	s.exec(`DELETE FROM media_attachments WHERE account_id = ? AND media_id = ? AND kind = ? AND attachment_id = ?`, accountID, mediaID, kind, id)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("drop attachment: %w", err)
	}
	return nil
}
