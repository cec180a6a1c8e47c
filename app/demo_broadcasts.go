package app

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// demoBroadcasts are what a shop has sent to many, and will: one that goes out
// at the first start, and one that waits for a morning.
type demoBroadcasts struct{ sent, later engine.Plan }

// broadcasts of a shop; nil where it has none.
func (s shop) broadcasts() *demoBroadcasts {
	if s.Page == "" {
		return nil
	}
	everyone := engine.Audience{All: true}
	return &demoBroadcasts{
		sent: engine.Plan{Subject: "Giờ mở cửa mới", Category: "tin cửa hàng", Audience: everyone,
			Content: engine.Content{Block: "giờ mở cửa"}, Tags: []string{"đã nhận tin mới"}},
		later: engine.Plan{Subject: "Hàng mới về", Category: "hàng mới", Audience: everyone, Content: engine.Content{Block: "sản phẩm"}, AllowQuestions: true},
	}
}

// demoMorning is how many days after the first start the second one goes out.
const demoMorning = 3

// broadcast sends a shop's first one and schedules its second.
func (d *demo) broadcast(ctx context.Context, i *instance, s shop, kept *shopKept) error {
	plans := s.broadcasts()
	if plans == nil {
		return nil
	}
	sent, err := i.broadcasts.Create(ctx, kept.BotID, plans.sent)
	if err != nil {
		return fmt.Errorf("write the broadcast %q: %w", plans.sent.Subject, err)
	}
	if _, err := i.broadcasts.Start(ctx, kept.BotID, sent.ID); err != nil {
		return fmt.Errorf("start the broadcast %q: %w", plans.sent.Subject, err)
	}
	plans.later.When = engine.When{At: i.clock.Now().AddDate(0, 0, demoMorning).Format(time.DateOnly) + "T09:00", TimeZone: s.TimeZone}
	later, err := i.broadcasts.Create(ctx, kept.BotID, plans.later)
	if err == nil {
		_, err = i.broadcasts.Schedule(ctx, kept.BotID, later.ID)
	}
	if err != nil {
		return fmt.Errorf("schedule the broadcast %q: %w", plans.later.Subject, err)
	}
	return nil
}
