package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// maxWebhooks is how many webhooks a bot has at most: each of them is written
// a row for what it listens to, in the transaction of the turn.
const maxWebhooks = 20

type webhookRow struct {
	ID           string `gorm:"primaryKey"`
	BotID        string
	URL          string `gorm:"column:url"`
	Description  string
	State        string
	Reason       string
	Failures     int
	FailingSince *time.Time
	Secret       string
	OldSecret    string
	OldUntil     *time.Time
	CreatedAt    time.Time
}

func (webhookRow) TableName() string { return "webhooks" }

type webhookTopicRow struct {
	WebhookID string `gorm:"primaryKey"`
	Topic     string `gorm:"primaryKey"`
}

func (webhookTopicRow) TableName() string { return "webhook_topics" }

func (d *DB) webhookRow(w engine.Webhook) (webhookRow, error) {
	row := webhookRow{ID: w.ID, BotID: w.BotID, URL: w.URL, Description: w.Description, State: string(w.State), Reason: w.Reason,
		Failures: w.Failures, FailingSince: pointer(w.FailingSince), OldUntil: pointer(w.OldUntil), CreatedAt: kept(w.CreatedAt, d.now())}
	var err error
	if row.Secret, err = d.seal([]byte(w.Secret), webhookPlace("secret", w.ID)); err != nil || w.OldSecret == "" {
		return row, err
	}
	row.OldSecret, err = d.seal([]byte(w.OldSecret), webhookPlace("old_secret", w.ID))
	return row, err
}

func webhookPlace(column, id string) []byte { return place("webhooks", column, id) }

func (d *DB) webhook(r webhookRow) (engine.Webhook, error) {
	w := engine.Webhook{ID: r.ID, BotID: r.BotID, URL: r.URL, Description: r.Description, State: engine.WebhookState(r.State), Reason: r.Reason,
		Failures: r.Failures, FailingSince: moments(r.FailingSince), OldUntil: moments(r.OldUntil), CreatedAt: r.CreatedAt.UTC()}
	plain, err := d.unseal(r.Secret, webhookPlace("secret", r.ID))
	if err != nil {
		return w, err
	}
	w.Secret = string(plain)
	if r.OldSecret == "" {
		return w, nil
	}
	plain, err = d.unseal(r.OldSecret, webhookPlace("old_secret", r.ID))
	w.OldSecret = string(plain)
	return w, err
}

// CreateWebhook keeps a new webhook.
func (d *DB) CreateWebhook(ctx context.Context, w engine.Webhook) error {
	row, err := d.webhookRow(w)
	if err != nil {
		return err
	}
	err = d.Tx(ctx, func(ctx context.Context) error {
		s := new(script)
		s.query(`SELECT b.id FROM bots b WHERE b.id = ?`+d.forUpdateOf("b"), w.BotID) // those of one bot are counted one at a time
		if err := d.read(ctx, s); err != nil {
			return err
		}
		var n int64
		if err := d.nouns(ctx).Model(&webhookRow{}).Where("bot_id = ?", w.BotID).Count(&n).Error; err != nil {
			return err
		}
		if n >= maxWebhooks {
			return &engine.Error{Code: engine.Conflict, Message: fmt.Sprintf("a bot has at most %d webhooks: delete one first", maxWebhooks)}
		}
		if err := d.nouns(ctx).Create(&row).Error; err != nil {
			return err
		}
		return d.saveTopics(ctx, w.ID, w.Topics)
	})
	if err != nil {
		return fmt.Errorf("create webhook: %w", err)
	}
	return nil
}

func (d *DB) saveTopics(ctx context.Context, id string, topics []string) error {
	rows := make([]webhookTopicRow, 0, len(topics))
	for _, t := range slices.Compact(slices.Sorted(slices.Values(topics))) {
		rows = append(rows, webhookTopicRow{id, t})
	}
	if len(rows) == 0 {
		return nil
	}
	return d.nouns(ctx).Create(&rows).Error
}

// Webhook returns one of the bot's webhooks.
func (d *DB) Webhook(ctx context.Context, botID, id string) (*engine.Webhook, error) {
	var row webhookRow
	err := d.look(ctx).Where("id = ? AND bot_id = ?", id, botID).Take(&row).Error
	if isMissing(err) {
		return nil, unknown("webhook", id)
	}
	if err != nil {
		return nil, fmt.Errorf("read webhook: %w", err)
	}
	all, err := d.withTopics(ctx, []webhookRow{row})
	if err != nil {
		return nil, err
	}
	return &all[0], nil
}

// ListWebhooks returns a bot's webhooks, oldest first.
func (d *DB) ListWebhooks(ctx context.Context, botID string) ([]engine.Webhook, error) {
	var rows []webhookRow
	if err := d.look(ctx).Where("bot_id = ?", botID).Order("created_at, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list webhooks: %w", err)
	}
	return d.withTopics(ctx, rows)
}

// withTopics makes webhooks of rows.
func (d *DB) withTopics(ctx context.Context, rows []webhookRow) ([]engine.Webhook, error) {
	out := make([]engine.Webhook, len(rows))
	ids := make([]string, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = d.webhook(r); err != nil {
			return nil, err
		}
		ids[i] = r.ID
	}
	var topics []webhookTopicRow
	if err := d.look(ctx).Where("webhook_id IN ?", ids).Order("webhook_id, topic").Find(&topics).Error; err != nil {
		return nil, fmt.Errorf("read topics of webhooks: %w", err)
	}
	for _, t := range topics {
		i := slices.Index(ids, t.WebhookID)
		out[i].Topics = append(out[i].Topics, t.Topic)
	}
	return out, nil
}

// Listens reports whether one of the bot's active webhooks is told of a topic.
func (d *DB) Listens(ctx context.Context, botID, topic string) (bool, error) {
	n := 0
	s := new(script)
	s.query(`SELECT COUNT(*) FROM webhooks w JOIN webhook_topics t ON t.webhook_id = w.id
		WHERE w.bot_id = ? AND w.state = 'active' AND t.topic IN (?, ?)`, botID, topic, engine.TopicAll).one(&n)
	if err := d.read(ctx, s); err != nil {
		return false, fmt.Errorf("look for webhooks: %w", err)
	}
	return n > 0, nil
}

// UpdateWebhook changes a webhook in a transaction of its own: nobody else
// changes it between what change is given and what it leaves. An error of
// change, which is returned as it is, leaves the webhook as it was.
func (d *DB) UpdateWebhook(ctx context.Context, botID, id string, change func(*engine.Webhook) error) (*engine.Webhook, error) {
	var w *engine.Webhook
	err := d.Tx(ctx, func(ctx context.Context) error {
		s := new(script)
		s.query(`SELECT 1 FROM webhooks WHERE id = ? AND bot_id = ?`+d.forUpdate(), id, botID)
		if err := d.read(ctx, s); err != nil {
			return err
		}
		var err error
		if w, err = d.Webhook(ctx, botID, id); err != nil {
			return err
		}
		if err := change(w); err != nil {
			return err
		}
		row, err := d.webhookRow(*w)
		if err != nil {
			return err
		}
		done := d.nouns(ctx).Where("id = ? AND bot_id = ?", id, botID).
			Select("url", "description", "state", "reason", "failures", "failing_since", "secret", "old_secret", "old_until").Updates(&row)
		if done.Error != nil {
			return done.Error
		}
		if err := d.nouns(ctx).Where("webhook_id = ?", w.ID).Delete(&webhookTopicRow{}).Error; err != nil {
			return err
		}
		return d.saveTopics(ctx, w.ID, w.Topics)
	})
	if err != nil {
		return nil, fmt.Errorf("update webhook: %w", err)
	}
	return w, nil
}

// DeleteWebhook forgets a webhook and everything it was told.
func (d *DB) DeleteWebhook(ctx context.Context, botID, id string) error {
	if _, err := d.Webhook(ctx, botID, id); err != nil {
		return err
	}
	s := new(script)
	s.exec(`DELETE FROM webhook_postings WHERE webhook_id = ?`, id)
	s.exec(`DELETE FROM webhook_topics WHERE webhook_id = ?`, id)
	s.exec(`DELETE FROM webhooks WHERE id = ? AND bot_id = ?`, id, botID)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("delete webhook: %w", err)
	}
	return nil
}

// resealWebhooks encrypts what signs again.
func (d *DB) resealWebhooks(ctx context.Context, again func(string, []byte) (string, error)) error {
	var rows []webhookRow
	if err := d.nouns(ctx).Find(&rows).Error; err != nil {
		return err
	}
	for _, r := range rows {
		set := map[string]any{}
		for column, value := range map[string]string{"secret": r.Secret, "old_secret": r.OldSecret} {
			if value == "" {
				continue
			}
			sealed, err := again(value, webhookPlace(column, r.ID))
			if err != nil {
				return err
			}
			set[column] = sealed
		}
		if err := d.nouns(ctx).Model(&webhookRow{}).Where("id = ? AND secret = ? AND old_secret = ?", r.ID, r.Secret, r.OldSecret).Updates(set).Error; err != nil {
			return err
		}
	}
	return nil
}
