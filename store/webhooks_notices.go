package store

import (
	"fmt"
	"strconv"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// announcement is a notice on its way to the webhooks that listen to it.
type announcement struct {
	id     string // "": of its own
	bot    string
	notice engine.Notice
	at     time.Time
	// delivery has come to status, or nothing is told; 0: it is about none.
	delivery int64
	status   engine.Status
}

// announce writes a posting for each webhook that listens, with the rest of the
// script or not at all. One that was told the same before is told nothing. told
// becomes how many postings there are.
func (d *DB) announce(s *script, told *int64, list ...announcement) error {
	*told = 0
	if len(list) == 0 {
		return nil
	}
	in := newInput("n bigint", "message_id text", "bot_id text", "topic text", "family text", "contact_id bigint", "body text",
		"at timestamptz", "delivery_id bigint", "status text")
	for n, a := range list {
		body, err := a.notice.Body(a.bot, a.at.UTC().Truncate(time.Microsecond))
		if err != nil {
			return fmt.Errorf("notice of %s: %w", a.notice.Topic, err)
		}
		id := a.id
		if id == "" {
			id = d.newID()
		}
		in.add(n, messagePrefix+id, a.bot, a.notice.Topic, a.notice.Family(), a.notice.ContactID, body, a.at, a.delivery, a.status)
	}
	s.with(in, `INSERT INTO webhook_postings (webhook_id, bot_id, message_id, topic, contact_id, body, status, next_at, created_at)
		SELECT w.id, v.bot_id, v.message_id, v.topic, v.contact_id, v.body, 'queued', v.at, v.at
		FROM v JOIN webhooks w ON w.bot_id = v.bot_id
		WHERE w.state = 'active'
			AND EXISTS (SELECT 1 FROM webhook_topics t WHERE t.webhook_id = w.id AND t.topic IN (v.topic, v.family, '`+engine.TopicAll+`'))
			AND (v.delivery_id = 0 OR EXISTS (SELECT 1 FROM deliveries d WHERE d.id = v.delivery_id AND d.status = v.status))
		ORDER BY v.n, w.id
		ON CONFLICT (webhook_id, message_id) DO NOTHING`).affected(told)
	return nil
}

// messagePrefix begins what receivers know notices by.
const messagePrefix = "msg_"

// noticed rings for postings that were committed.
func (d *DB) noticed(told int64) {
	if told > 0 && d.onNotice != nil {
		d.onNotice()
	}
}

// ofTurn is what a turn tells.
func ofTurn(t *engine.Turn, bot string, at time.Time) []announcement {
	if t == nil || len(t.Notices) == 0 {
		return nil
	}
	list := make([]announcement, len(t.Notices))
	for i, n := range t.Notices {
		list[i] = announcement{bot: bot, notice: n, at: at}
	}
	return list
}

// ofDelivery is what the end of a delivery tells, which is told once however
// often it is written; nothing of one that was sent.
func ofDelivery(row *engine.Delivery, end engine.Ending, at time.Time) ([]announcement, error) {
	if end.Status != engine.Failed && end.Status != engine.Skipped {
		return nil, nil
	}
	n, err := engine.DeliveryNotice(row, end)
	if err != nil {
		return nil, fmt.Errorf("notice of delivery %d: %w", row.ID, err)
	}
	return one(announcement{id: string(end.Status) + "_" + strconv.FormatInt(row.ID, 10), bot: row.BotID, notice: n, at: at,
		delivery: row.ID, status: end.Status}), nil
}

// endedColumns are those that ended reads.
const endedColumns = `id, bot_id, account_id, send_id, contact_id, identity_id, block_id, category, reason, class, code, error`

// ended collects rows that ended so.
func ended(list *[]announcement, status engine.Status, at time.Time) func(scanner) error {
	return func(r scanner) error {
		var row engine.Delivery
		end := engine.Ending{Status: status}
		if err := r.Scan(&row.ID, &row.BotID, &row.AccountID, &row.SendID, &row.ContactID, &row.IdentityID, &row.BlockID, &row.Category,
			&end.Reason, &end.Class, &end.Code, &end.Error); err != nil {
			return err
		}
		told, err := ofDelivery(&row, end, at)
		*list = append(*list, told...)
		return err
	}
}
