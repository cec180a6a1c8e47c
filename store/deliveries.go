package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/blockcast/blockcast/engine"
)

// toIdentity holds for the deliveries to an identity. It takes the identity
// twice: they are found by its contact, whose history is indexed, for each index
// of the ledger is written to twice for every row.
const toIdentity = `contact_id = (SELECT contact_id FROM identities WHERE id = ?) AND identity_id = ?`

const deliveryColumns = `id, bot_id, account_id, run_id, send_id, interaction_id, origin_id, seq, contact_id, identity_id, chosen_because, block_id, version_id,
	render_id, status, reason, class, code, error, route, intent, category, tag, in_window_only, warnings, attributes, attempt, attempt_id, generation,
	force, not_before, expires_at, lease_until, messages_sent, request_id, created_at, prepared_at, sent_at, delivered_at, read_at, clicked_at, replied_at, closed_at`

// deliveryPlaces are where the columns of a row go. Who reads many rows makes
// them once.
func deliveryPlaces(d *engine.Delivery) []any {
	return []any{&d.ID, &d.BotID, &d.AccountID, &d.RunID, &d.SendID, &d.InteractionID, &d.OriginID, &d.Seq, &d.ContactID, &d.IdentityID, &d.ChosenBecause, &d.BlockID, &d.VersionID,
		&d.RenderID, &d.Status, &d.Reason, &d.Class, &d.Code, &d.Error, &d.Route, &d.Intent, &d.Category, &d.Tag, &d.InWindowOnly, fromJSON(&d.Warnings), fromJSON(&d.Attributes), &d.Attempt, &d.AttemptID, &d.Generation,
		&d.Force, moment(&d.NotBefore), moment(&d.ExpiresAt), moment(&d.LeaseUntil), &d.MessagesSent, &d.RequestID, moment(&d.CreatedAt), moment(&d.PreparedAt), moment(&d.SentAt), moment(&d.DeliveredAt), moment(&d.ReadAt), moment(&d.ClickedAt), moment(&d.RepliedAt), moment(&d.ClosedAt)}
}

func scanDelivery(r scanner, d *engine.Delivery) error { return r.Scan(deliveryPlaces(d)...) }

func listDeliveries(out *[]engine.Delivery) func(scanner) error {
	return func(r scanner) error {
		var d engine.Delivery
		if err := scanDelivery(r, &d); err != nil {
			return err
		}
		*out = append(*out, d)
		return nil
	}
}

// madeColumns are what a row is made with, beside its status and route.
const madeColumns = `bot_id, account_id, send_id, interaction_id, origin_id, seq, contact_id,
	identity_id, chosen_because, block_id, version_id, render_id, reason, class, code,
	error, intent, category, tag, in_window_only, warnings, attributes, generation,
	force, not_before, expires_at, created_at, prepared_at, closed_at`

// madeFields are the columns of the input that rows are made of.
var madeFields = []string{"n bigint", "bot_id text", "account_id text", "send_id text", "interaction_id bigint", "origin_id bigint", "seq bigint", "contact_id bigint",
	"identity_id bigint", "chosen_because text", "block_id text", "version_id bigint", "render_id text", "status text", "reason text", "class text", "code text",
	"error text", "route text", "intent text", "category text", "tag text", "in_window_only boolean", "warnings text", "attributes text", "generation bigint",
	"force boolean", "not_before timestamptz", "expires_at timestamptz", "created_at timestamptz", "prepared_at timestamptz", "closed_at timestamptz"}

// madeValues are a row's values for madeFields.
func madeValues(n int, d *engine.Delivery) ([]any, error) {
	warnings, err := toJSON(orEmpty(d.Warnings))
	if err != nil {
		return nil, fmt.Errorf("delivery: %w", err)
	}
	attributes, err := toJSON(d.Attributes)
	if err != nil {
		return nil, fmt.Errorf("delivery: %w", err)
	}
	closed := d.ClosedAt
	if closed.IsZero() && !d.Status.Open() {
		closed = d.CreatedAt
	}
	return []any{n, d.BotID, d.AccountID, d.SendID, d.InteractionID, d.OriginID, d.Seq, d.ContactID,
		d.IdentityID, d.ChosenBecause, d.BlockID, d.VersionID, d.RenderID, d.Status, d.Reason, d.Class, d.Code,
		d.Error, d.Route, d.Intent, d.Category, d.Tag, d.InWindowOnly, warnings, attributes, d.Generation,
		d.Force, d.NotBefore, d.ExpiresAt, d.CreatedAt, d.PreparedAt, closed}, nil
}

// insertDeliveries adds rows; *ids are theirs, in the order of the rows, when
// the script has run.
func insertDeliveries(s *script, rows []*engine.Delivery, ids *[]int64) error {
	if len(rows) == 0 {
		return nil
	}
	in := newInput(madeFields...)
	for n, d := range rows {
		values, err := madeValues(n, d)
		if err != nil {
			return err
		}
		in.add(values...)
	}
	st := s.with(in, `INSERT INTO deliveries (status, route, `+madeColumns+`) SELECT status, route, `+madeColumns+` FROM v ORDER BY n RETURNING id`)
	st.each(into(ids))
	st.done = func(int64) error {
		slices.Sort(*ids) // given out in the order of n
		return nil
	}
	return nil
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// Delivery returns one row of a bot.
func (d *DB) Delivery(ctx context.Context, botID string, id int64) (*engine.Delivery, error) {
	var rows []engine.Delivery
	s := new(script)
	s.query(`SELECT `+deliveryColumns+` FROM deliveries WHERE id = ? AND bot_id = ?`, id, botID).each(listDeliveries(&rows))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read delivery %d: %w", id, err)
	}
	if len(rows) == 0 {
		return nil, unknown("delivery", fmt.Sprint(id))
	}
	return &rows[0], nil
}

// ListDeliveries returns deliveries, newest first; zero fields do not narrow.
func (d *DB) ListDeliveries(ctx context.Context, botID string, f engine.DeliveryFilter, p engine.Page) ([]engine.Delivery, string, error) {
	before, limit, err := numbered(p)
	if err != nil {
		return nil, "", err
	}
	where, args := `bot_id = ?`, []any{botID}
	narrow := func(condition string, arg any) {
		where += " AND " + condition
		args = append(args, arg)
	}
	if before > 0 {
		narrow("id < ?", before)
	}
	if f.Status != "" {
		narrow("status = ?", string(f.Status))
	}
	if f.ContactID != 0 {
		narrow("contact_id = ?", f.ContactID)
	}
	if f.BlockID != "" {
		narrow("block_id = ?", f.BlockID)
	}
	if f.Category != "" {
		narrow("category = ?", f.Category)
	}
	var rows []engine.Delivery
	s := new(script)
	s.query(`SELECT `+deliveryColumns+` FROM deliveries WHERE `+where+` ORDER BY id DESC LIMIT ?`, append(args, limit+1)...).each(listDeliveries(&rows))
	if err := d.read(ctx, s); err != nil {
		return nil, "", fmt.Errorf("list deliveries: %w", err)
	}
	rows, next := cut(rows, limit, func(d engine.Delivery) string { return fmt.Sprint(d.ID) })
	return rows, next, nil
}
