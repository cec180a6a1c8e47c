package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// readSend adds the reading of a bot's send.
func readSend(s *script, botID, id string, out **engine.Send) {
	s.query(`SELECT id, bot_id, source, token_name, request, created_at, expires_at FROM sends WHERE id = ? AND bot_id = ?`, id, botID).each(func(r scanner) error {
		v := new(engine.Send)
		*out = v
		return r.Scan(&v.ID, &v.BotID, &v.Source, &v.TokenName, fromJSON(&v.Request), moment(&v.CreatedAt), moment(&v.ExpiresAt))
	})
}

// Send returns one of a bot's orders with what it became: no delivery where it
// only saved attributes.
func (d *DB) Send(ctx context.Context, botID, id string) (*engine.Send, []engine.Delivery, error) {
	var send *engine.Send
	var rows []engine.Delivery
	s := new(script)
	readSend(s, botID, id, &send)
	s.query(`SELECT `+deliveryColumns+` FROM deliveries WHERE send_id = ? AND send_id <> '' AND bot_id = ? ORDER BY id`, id, botID).each(listDeliveries(&rows))
	if err := d.read(ctx, s); err != nil {
		return nil, nil, fmt.Errorf("read send %s: %w", id, err)
	}
	if send == nil {
		return nil, nil, unknown("send", id)
	}
	return send, rows, nil
}

// Story returns a delivery with all that is known about it; the account comes
// without its secrets.
func (d *DB) Story(ctx context.Context, botID string, id int64) (*engine.Story, error) {
	row, err := d.Delivery(ctx, botID, id)
	if err != nil {
		return nil, err
	}
	out := &engine.Story{Delivery: *row}
	s := new(script)
	if row.SendID != "" {
		readSend(s, botID, row.SendID, &out.Send)
	}
	readContact(s, botID, row.ContactID, &out.Contact)
	s.query(`SELECT name FROM blocks WHERE bot_id = ? AND id = ?`, botID, row.BlockID).one(&out.Block)
	readAttempts(s, id, &out.Attempts)
	var tags []string
	var phones []engine.Phone
	readTags(s, row.ContactID, &tags)
	readPhones(s, row.ContactID, &phones)
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read story of delivery %d: %w", id, err)
	}
	if out.Contact != nil {
		out.Contact.Tags, out.Contact.Phones = tags, phones
	}
	if out.Identity, err = d.Identity(ctx, botID, row.IdentityID); err != nil {
		return nil, err
	}
	if out.Account, err = d.Account(ctx, row.AccountID); err != nil && !engine.IsCode(err, engine.NotFound) {
		return nil, err
	}
	if out.Account != nil {
		out.Account.Secrets = nil
	}
	if row.RenderID == "" {
		return out, nil
	}
	out.Render, err = d.Render(ctx, botID, row.RenderID)
	return out, err
}

// Tally counts a bot's deliveries since a time by status, by reason or class
// and by route. Of older rows it reads none.
func (d *DB) Tally(ctx context.Context, botID string, since time.Time) ([]engine.TallyRow, error) {
	first, err := d.firstSince(ctx, since.Add(-reportSlack))
	if err != nil {
		return nil, fmt.Errorf("tally deliveries: %w", err)
	}
	var out []engine.TallyRow
	s := new(script)
	s.query(`SELECT status, CASE WHEN reason <> '' THEN reason ELSE class END AS because, route, COUNT(*)
		FROM deliveries WHERE bot_id = ? AND id >= ? AND created_at >= ? GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, botID, first, since).each(func(r scanner) error {
		var t engine.TallyRow
		err := r.Scan(&t.Status, &t.Reason, &t.Route, &t.Count)
		out = append(out, t)
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("tally deliveries: %w", err)
	}
	return out, nil
}
