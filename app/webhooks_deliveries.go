package app

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

type webhookDeliveryView struct {
	ID        int64     `json:"id"`
	MessageID string    `json:"message_id"`
	Topic     string    `json:"topic"`
	Status    string    `json:"status"`
	Attempts  int       `json:"attempts"`
	NextAt    time.Time `json:"next_attempt_at"`
	Code      int       `json:"code"`
	Answer    string    `json:"answer"`
	TookMS    int64     `json:"took_ms"`
	Error     string    `json:"error"`
	CreatedAt time.Time `json:"created_at"`
}

// outcome is what came of the last call, in a few words.
func (v *webhookDeliveryView) outcome() string {
	text := v.Error
	if text == "" && v.Code != 0 {
		text = fmt.Sprintf("it answered %d", v.Code)
	}
	if v.Answer != "" {
		text += ": " + v.Answer
	}
	return text
}

type webhooksTest struct{ oneWebhook }

func (c *webhooksTest) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.post(ctx, s.path("webhooks", c.Webhook, "test"), nil)
		v, err := decode[webhookDeliveryView](raw, err)
		if err != nil {
			return err
		}
		if err := s.show(raw, func() error { return s.line("%s after %d ms: %s", v.Status, v.TookMS, v.outcome()) }); err != nil {
			return err
		}
		if v.Status != "delivered" {
			return exitWith(exitFailed, "the webhook did not take the test")
		}
		return nil
	})
}

type webhooksDeliveries struct {
	oneWebhook
	Status string `enum:",queued,sending,delivered,failed" default:"" help:"Only those: queued, sending, delivered or failed."`
	Limit  int    `default:"50" help:"How many at most."`
}

func (c *webhooksDeliveries) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		path := s.path("webhooks", c.Webhook, "deliveries")
		if c.Status != "" {
			path += "?status=" + c.Status
		}
		t := newTable("ID", "WHEN", "TOPIC", "STATUS", "CALLS", "NEXT", "LAST ANSWER")
		return showList(ctx, s.session, path, c.Limit, t, func(v webhookDeliveryView) []string {
			return []string{strconv.FormatInt(v.ID, 10), s.moment(v.CreatedAt), v.Topic, v.Status, strconv.Itoa(v.Attempts), s.moment(v.NextAt), v.outcome()}
		})
	})
}

type webhooksRedeliver struct {
	oneWebhook
	Delivery int64 `arg:"" help:"Its id, from the list of deliveries."`
}

func (c *webhooksRedeliver) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.post(ctx, s.path("webhooks", c.Webhook, "deliveries", strconv.FormatInt(c.Delivery, 10), "redeliver"), nil)
		v, err := decode[webhookDeliveryView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			return s.line("%s (%s) is posted now", v.MessageID, v.Topic)
		})
	})
}
