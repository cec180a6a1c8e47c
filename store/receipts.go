package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

const (
	receiptPatience = 10 * time.Minute // a receipt that matches nothing may be quicker than our own commit
	echoHandover    = 30 * time.Minute // somebody else is writing: the bot is silent for so long
	watermarkReach  = 30 * 24 * time.Hour
)

// receipt is one stored word of a platform.
type receipt struct {
	id         int64
	account    string
	kind       channels.ReceiptKind
	recipient  string
	messageID  string
	metadata   string
	watermark  time.Time
	foreign    bool
	at         time.Time
	receivedAt time.Time
	class      string
	code       string
	message    string

	identity int64 // of the recipient, where it is asked for
	delivery int64
	closed   bool
	render   string // of a delivery whose outcome is unknown, else ""
	aside    bool   // it is about another part than the one that is in doubt
}

// ApplyReceipts applies up to limit receipts in bulk, by rank, and deletes
// them. What names a delivery that is still under way waits for its end, which
// it would close before its last part; it waits as long as one that matches
// nothing.
func (d *DB) ApplyReceipts(ctx context.Context, now time.Time, limit int) (int, error) {
	applied, from := 0, int64(0)
	for applied < limit {
		var seen int
		var told int64
		err := d.transact(ctx, func(t transaction) error {
			list, err := d.nextReceipts(ctx, t, from, limit-applied)
			if err != nil || len(list) == 0 {
				return err
			}
			seen, from = len(list), list[len(list)-1].id
			n, err := d.applyReceipts(ctx, t, list, now, &told)
			applied += n
			return err
		})
		if err != nil {
			return 0, fmt.Errorf("apply receipts: %w", err)
		}
		d.noticed(told)
		if seen == 0 {
			break
		}
	}
	return applied, nil
}

// nextReceipts reads receipts with the delivery each is about: by our own
// metadata first, then by the platform's id of the message. Rows another
// process works on are left to it.
func (d *DB) nextReceipts(ctx context.Context, t transaction, from int64, limit int) ([]*receipt, error) {
	var list []*receipt
	s := new(script)
	skip := ""
	if d.postgres {
		skip = " FOR UPDATE SKIP LOCKED"
	}
	s.query(`SELECT id, account_id, kind, recipient, message_id, metadata, watermark, foreign_echo, at, received_at, class, code, error
		FROM receipts WHERE id > ? ORDER BY id LIMIT ?`+skip, from, limit).each(func(r scanner) error {
		c := new(receipt)
		list = append(list, c)
		return r.Scan(&c.id, &c.account, &c.kind, &c.recipient, &c.messageID, &c.metadata, moment(&c.watermark), &c.foreign, moment(&c.at), moment(&c.receivedAt), &c.class, &c.code, &c.message)
	})
	if err := t.run(ctx, s); err != nil || len(list) == 0 {
		return nil, err
	}
	byID := map[int64]*receipt{}
	in := newInput("id bigint", "account_id text", "recipient text", "message_id text", "delivery_id bigint")
	for _, c := range list {
		byID[c.id] = c
		in.add(c.id, c.account, c.recipient, c.messageID, metadataDelivery(c.metadata))
	}
	s = new(script)
	s.with(in, `SELECT v.id, COALESCE(i.id, 0) FROM v JOIN identities i ON i.account_id = v.account_id AND i.external_id = v.recipient`).each(func(r scanner) error {
		var id, identity int64
		err := r.Scan(&id, &identity)
		byID[id].identity = identity
		return err
	})
	match := func(r scanner) error {
		var id, delivery int64
		var closed bool
		var render string
		if err := r.Scan(&id, &delivery, &closed, &render); err != nil {
			return err
		}
		byID[id].delivery, byID[id].closed, byID[id].render = delivery, closed, render
		return nil
	}
	const found = `SELECT v.id, d.id, d.closed_at IS NOT NULL, CASE WHEN d.status = 'unknown' THEN d.render_id ELSE '' END FROM v `
	s.with(in, found+`JOIN delivery_messages m ON m.account_id = v.account_id AND m.message_id = v.message_id
		JOIN deliveries d ON d.id = m.delivery_id WHERE v.message_id <> ''`).each(match)
	s.with(in, found+`JOIN deliveries d ON d.id = v.delivery_id AND d.account_id = v.account_id`).each(match)
	if err := t.run(ctx, s); err != nil {
		return nil, err
	}
	return list, settling(ctx, t, list)
}

// settling looks at what is said of unknown deliveries. Of several parts those
// before the one in doubt are known to be with the person, and that they are
// says nothing of the rest: only a word about the last part settles it.
func settling(ctx context.Context, t transaction, list []*receipt) error {
	last := map[string]int{} // part of a render
	in := newInput("render_id text")
	for _, c := range list {
		if _, asked := last[c.render]; c.render != "" && !asked {
			last[c.render] = 0
			in.add(c.render)
		}
	}
	if in.empty() {
		return nil
	}
	s := new(script)
	s.with(in, `SELECT r.id, r.payloads FROM v JOIN renders r ON r.id = v.render_id`).each(func(r scanner) error {
		var id string
		var payloads []channels.Payload
		if err := r.Scan(&id, fromJSON(&payloads)); err != nil {
			return err
		}
		for _, p := range payloads[:max(0, len(payloads)-1)] {
			last[id] += p.Messages
		}
		return nil
	})
	if err := t.run(ctx, s); err != nil {
		return err
	}
	for _, c := range list {
		_, part := readMetadata(c.metadata)
		c.aside = last[c.render] > 0 && c.kind != channels.Failed && part < last[c.render]
	}
	return nil
}

// metadataDelivery is the delivery that metadata is about; 0 when it is not ours.
func metadataDelivery(metadata string) int64 {
	id, _ := readMetadata(metadata)
	return id
}

// readMetadata reads what our send carried, d:<delivery>.<part>: the part is
// the first message of its call. It is 0 and -1 when it is not ours.
func readMetadata(metadata string) (delivery int64, part int) {
	rest, ok := strings.CutPrefix(metadata, "d:")
	if !ok {
		return 0, -1
	}
	rest, n, _ := strings.Cut(rest, ".")
	delivery, err := strconv.ParseInt(rest, 10, 64)
	if err != nil || delivery < 0 {
		return 0, -1
	}
	if part, err = strconv.Atoi(n); err != nil {
		return delivery, -1
	}
	return delivery, part
}

// word is what receipts come to for one delivery.
type word struct {
	status              engine.Status
	delivered, read     time.Time
	class, code, reason string
}

// applyReceipts writes what a list of receipts says and deletes those that
// were applied or have waited too long. It returns how many were applied.
func (d *DB) applyReceipts(ctx context.Context, t transaction, list []*receipt, now time.Time, told *int64) (int, error) {
	words := map[int64]*word{}
	marks, echoes := new(script), new(script)
	var handed handovers
	var done []int64
	applied := 0
	for _, c := range list {
		switch {
		case c.delivery != 0 && c.closed && c.aside: // done, and nothing came of it
		case c.delivery != 0 && c.closed:
			fold(words, c)
		case c.foreign && c.delivery == 0 && c.identity != 0:
			handed.add(c.identity, handOver(echoes, c), c.at)
		case !c.watermark.IsZero() && c.messageID == "" && c.identity != 0:
			applyWatermark(marks, c)
		case now.Sub(c.receivedAt) >= receiptPatience:
			done = append(done, c.id)
			continue
		default:
			continue
		}
		done = append(done, c.id)
		applied++
	}
	s := new(script) // deliveries before identities, as everywhere
	d.applyWords(s, words)
	var failed []announcement
	news := readFailed(s, words, now, &failed)
	news = handed.read(s, now) || news
	s.statements = append(append(s.statements, marks.statements...), echoes.statements...)
	if len(done) > 0 {
		in := newInput("id bigint")
		for _, id := range done {
			in.add(id)
		}
		s.with(in, `DELETE FROM receipts WHERE id IN (SELECT id FROM v)`)
	}
	if news {
		if err := t.run(ctx, s); err != nil {
			return 0, err
		}
		s = new(script)
	}
	if err := d.announce(s, told, append(failed, handed.list()...)...); err != nil {
		return 0, err
	}
	return applied, t.commit(ctx, s)
}

// readFailed adds the reading of deliveries that receipts have made failed, and
// reports whether there may be any.
func readFailed(s *script, words map[int64]*word, now time.Time, failed *[]announcement) bool {
	in := newInput("id bigint")
	for _, id := range slices.Sorted(maps.Keys(words)) {
		if words[id].status == engine.Failed {
			in.add(id)
		}
	}
	if in.empty() {
		return false
	}
	s.with(in, `SELECT `+endedColumns+` FROM deliveries WHERE id IN (SELECT id FROM v) AND status = 'failed'`).each(ended(failed, engine.Failed, now))
	return true
}

// fold adds a receipt to what is known of its delivery.
func fold(words map[int64]*word, c *receipt) {
	w := words[c.delivery]
	if w == nil {
		w = new(word)
		words[c.delivery] = w
	}
	status := engine.SentOut
	switch c.kind {
	case channels.Delivered:
		status, w.delivered = engine.Delivered, earlier(w.delivered, c.at)
	case channels.Read:
		status, w.read = engine.Read, earlier(w.read, c.at)
	case channels.Failed:
		status = engine.Failed
		w.class, w.code, w.reason = c.class, c.code, c.message
	}
	if status.Rank() > w.status.Rank() {
		w.status = status
	}
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// applyWords raises the states of deliveries; their rows are locked in order.
func (d *DB) applyWords(s *script, words map[int64]*word) {
	if len(words) == 0 {
		return
	}
	in := newInput("id bigint", "status text", "delivered timestamptz", "read timestamptz", "class text", "code text", "reason text")
	ids := slices.Sorted(maps.Keys(words))
	for _, id := range ids {
		w := words[id]
		in.add(id, w.status, w.delivered, w.read, w.class, w.code, w.reason)
	}
	d.lock(s, "deliveries", ids)
	up := `(v.status = 'sent' AND deliveries.status IN ` + below(engine.SentOut) + ` OR v.status = 'delivered' AND deliveries.status IN ` + below(engine.Delivered) +
		` OR v.status = 'read' AND deliveries.status IN ` + below(engine.Read) + ` OR v.status = 'failed' AND deliveries.status IN ` + below(engine.Failed) + `)`
	failed := `v.status = 'failed' AND deliveries.status IN ` + below(engine.Failed)
	s.with(in, `UPDATE deliveries SET
		status = CASE WHEN `+up+` THEN v.status ELSE deliveries.status END,
		class = CASE WHEN `+failed+` THEN v.class ELSE deliveries.class END,
		code = CASE WHEN `+failed+` THEN v.code ELSE deliveries.code END,
		error = CASE WHEN `+failed+` THEN v.reason ELSE deliveries.error END,
		sent_at = COALESCE(sent_at, v.delivered, v.read),
		delivered_at = COALESCE(delivered_at, v.delivered, v.read),
		read_at = COALESCE(read_at, v.read)
		FROM v WHERE deliveries.id = v.id AND deliveries.closed_at IS NOT NULL`)
}

// applyWatermark raises everything the person was sent up to a moment.
func applyWatermark(s *script, c *receipt) {
	status := engine.Delivered
	read := time.Time{}
	if c.kind == channels.Read {
		status, read = engine.Read, c.at
	}
	s.exec(`UPDATE deliveries SET status = ?, delivered_at = COALESCE(delivered_at, ?), read_at = COALESCE(read_at, ?)
		WHERE `+toIdentity+` AND sent_at <= ? AND created_at > ? AND closed_at IS NOT NULL AND status IN `+below(status)+` AND status <> 'unknown'`,
		string(status), c.at, read, c.identity, c.identity, c.watermark, c.watermark.Add(-watermarkReach))
}

// handOver gives the conversation to whoever else is writing as the account.
func handOver(s *script, c *receipt) engine.Handover {
	to := engine.Handover{State: engine.ConversationAgent, Until: c.at.Add(echoHandover), Note: "somebody wrote from outside"}
	s.exec(`UPDATE identities SET conversation = ?, conversation_until = ?, conversation_note = ? WHERE id = ?
		AND (conversation_until IS NULL OR conversation_until < ?)`, string(to.State), to.Until, to.Note, c.identity, to.Until)
	return to
}
