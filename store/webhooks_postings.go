package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/notify"
)

var _ notify.Store = (*DB)(nil)

const postingColumns = `id, webhook_id, bot_id, message_id, topic, contact_id, body, status, attempts, attempt_id, next_at,
	code, answer, took_ms, error, created_at, closed_at`

func scanPosting(r scanner, p *engine.Posting) error {
	var took int64
	var body string
	err := r.Scan(&p.ID, &p.WebhookID, &p.BotID, &p.MessageID, &p.Topic, &p.ContactID, &body, &p.Status, &p.Attempts, &p.AttemptID, moment(&p.NextAt),
		&p.Code, &p.Answer, &took, &p.Error, moment(&p.CreatedAt), moment(&p.ClosedAt))
	p.Body, p.Took = []byte(body), time.Duration(took)*time.Millisecond
	return err
}

func postings(list *[]engine.Posting) func(scanner) error {
	return func(r scanner) error {
		var p engine.Posting
		err := scanPosting(r, &p)
		*list = append(*list, p)
		return err
	}
}

// DueWebhooks returns active webhooks that have postings due before the given
// time, those with the oldest first.
func (d *DB) DueWebhooks(ctx context.Context, before time.Time, limit int) ([]engine.Webhook, error) {
	var ids []string
	s := new(script)
	s.query(`SELECT id FROM (SELECT w.id AS id, (SELECT MIN(p.next_at) FROM webhook_postings p
			WHERE p.webhook_id = w.id AND p.closed_at IS NULL) AS due FROM webhooks w WHERE w.state = 'active') q
		WHERE due <= ? ORDER BY due, id LIMIT ?`, before, limit).each(into(&ids))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read due webhooks: %w", err)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []webhookRow
	if err := d.look(ctx).Where("id IN ?", ids).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read due webhooks: %w", err)
	}
	return d.withTopics(ctx, rows)
}

// ClaimPostings returns up to n due postings of a webhook that nobody else
// holds; they are the attempt's until the given time. There are none while the
// webhook is disabled, also for who began to work them off before.
func (d *DB) ClaimPostings(ctx context.Context, webhookID, attemptID string, now, until time.Time, n int) ([]engine.Posting, error) {
	const due = `SELECT id FROM webhook_postings WHERE webhook_id = ? AND closed_at IS NULL AND next_at <= ? ORDER BY next_at, id LIMIT ?`
	which := `id IN (` + due + `)`
	if d.postgres {
		which = `id = ANY(ARRAY(` + due + ` FOR UPDATE SKIP LOCKED))`
	}
	var list []engine.Posting
	s := new(script)
	s.query(`UPDATE webhook_postings SET status = 'sending', attempts = attempts + 1, attempt_id = ?, next_at = ?
		WHERE `+which+` AND closed_at IS NULL AND next_at <= ? AND EXISTS (SELECT 1 FROM webhooks w WHERE w.id = webhook_id AND w.state = 'active')
		RETURNING `+postingColumns, attemptID, until, webhookID, now, n, now).each(postings(&list))
	if err := d.write(ctx, s); err != nil {
		return nil, fmt.Errorf("claim postings of webhook %s: %w", webhookID, err)
	}
	return list, nil
}

// FinishPosting writes what came of an attempt, to the posting and to how its
// webhook stands. A posting somebody else holds by now is left alone and says
// nothing about the webhook; neither does what fails when the webhook is
// disabled already. disabled reports whether it was disabled by this.
func (d *DB) FinishPosting(ctx context.Context, p engine.Posting, e notify.End) (disabled bool, err error) {
	// the posting is locked first and written last: what is ours at the lock is
	// so at the count
	const held = ` FROM webhook_postings p WHERE p.id = ? AND p.attempt_id = ? AND p.webhook_id = ?`
	mine := []any{p.ID, p.AttemptID, p.WebhookID}
	s := new(script)
	s.query(`SELECT 1`+held+d.forUpdateOf("p"), mine...)
	count := func(set, where string, args ...any) *statement {
		return s.exec(`UPDATE webhooks SET `+set+` WHERE id = ? AND `+where+` AND EXISTS (SELECT 1`+held+`)`, append(args, mine...)...)
	}
	var n int64
	switch {
	case e.Uncounted:
	case p.Status == engine.PostingDelivered:
		count(`failures = 0, failing_since = NULL`, `failing_since IS NOT NULL`, p.WebhookID)
	default:
		count(`failures = failures + 1, failing_since = COALESCE(failing_since, ?)`, `state = 'active'`, e.Now, p.WebhookID)
		if e.Gone {
			count(`state = 'disabled', reason = ?`, `state = 'active'`, e.Reason, p.WebhookID).affected(&n)
		} else {
			count(`state = 'disabled', reason = ?`, `state = 'active' AND failures >= ? AND failing_since <= ?`,
				e.Reason, p.WebhookID, e.Failures, e.FailingSince).affected(&n)
		}
	}
	s.exec(`UPDATE webhook_postings SET status = ?, attempt_id = '', next_at = ?, code = ?, answer = ?, took_ms = ?, error = ?, closed_at = ?
		WHERE id = ? AND attempt_id = ? AND webhook_id = ?`,
		append([]any{string(p.Status), p.NextAt, p.Code, p.Answer, p.Took.Milliseconds(), p.Error, p.ClosedAt}, mine...)...)
	if err := d.write(ctx, s); err != nil {
		return false, fmt.Errorf("finish posting %d: %w", p.ID, err)
	}
	return n > 0, nil
}

// AddPosting writes a posting as it is and returns its id.
func (d *DB) AddPosting(ctx context.Context, p engine.Posting) (int64, error) {
	var id int64
	s := new(script)
	s.query(`INSERT INTO webhook_postings (webhook_id, bot_id, message_id, topic, contact_id, body, status, attempts, attempt_id, next_at, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, p.WebhookID, p.BotID, p.MessageID, p.Topic, p.ContactID, string(p.Body),
		string(p.Status), p.Attempts, p.AttemptID, p.NextAt, p.CreatedAt).one(&id)
	if err := d.write(ctx, s); err != nil {
		return 0, fmt.Errorf("add posting: %w", err)
	}
	return id, nil
}

// ListPostings returns what a webhook was told, newest first; status "" does
// not narrow.
func (d *DB) ListPostings(ctx context.Context, botID, webhookID string, status engine.PostingStatus, p engine.Page) ([]engine.Posting, string, error) {
	before, limit, err := numbered(p)
	if err != nil {
		return nil, "", err
	}
	where, args := `webhook_id = ? AND bot_id = ?`, []any{webhookID, botID}
	if status != "" {
		where += ` AND status = ?`
		args = append(args, string(status))
	}
	if before > 0 {
		where += ` AND id < ?`
		args = append(args, before)
	}
	var rows []engine.Posting
	s := new(script)
	s.query(`SELECT `+postingColumns+` FROM webhook_postings WHERE `+where+` ORDER BY id DESC LIMIT ?`, append(args, limit+1)...).each(postings(&rows))
	if err := d.read(ctx, s); err != nil {
		return nil, "", fmt.Errorf("list postings: %w", err)
	}
	rows, next := cut(rows, limit, func(p engine.Posting) string { return fmt.Sprint(p.ID) })
	return rows, next, nil
}

// Posting returns one notice to one of the bot's webhooks.
func (d *DB) Posting(ctx context.Context, botID, webhookID string, id int64) (*engine.Posting, error) {
	var list []engine.Posting
	s := new(script)
	s.query(`SELECT `+postingColumns+` FROM webhook_postings WHERE id = ? AND webhook_id = ? AND bot_id = ?`, id, webhookID, botID).each(postings(&list))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read posting %d: %w", id, err)
	}
	if len(list) == 0 {
		return nil, unknown("delivery", fmt.Sprint(id))
	}
	return &list[0], nil
}

// RequeuePosting has one be posted now, under the same id: as often as a new one
// when it was delivered or given up, else only earlier than it would have been.
func (d *DB) RequeuePosting(ctx context.Context, botID, webhookID string, id int64, now time.Time) (*engine.Posting, error) {
	var list, have []engine.Posting
	s := new(script)
	s.query(`UPDATE webhook_postings SET status = 'queued', attempts = CASE WHEN closed_at IS NULL THEN attempts ELSE 0 END, next_at = ?, closed_at = NULL
		WHERE id = ? AND webhook_id = ? AND bot_id = ? AND status <> 'sending' RETURNING `+postingColumns, now, id, webhookID, botID).each(postings(&list))
	s.query(`SELECT `+postingColumns+` FROM webhook_postings WHERE id = ? AND webhook_id = ? AND bot_id = ?`, id, webhookID, botID).each(postings(&have))
	if err := d.write(ctx, s); err != nil {
		return nil, fmt.Errorf("requeue posting %d: %w", id, err)
	}
	switch {
	case len(list) > 0:
		d.noticed(1)
		return &list[0], nil
	case len(have) > 0:
		return nil, &engine.Error{Code: engine.Conflict, Message: fmt.Sprintf("delivery %d is being posted right now", id)}
	}
	return nil, unknown("delivery", fmt.Sprint(id))
}
