package app

import (
	"context"
	"encoding/json"
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
			Content: engine.Content{Messages: json.RawMessage(demoNews)}, Tags: []string{"đã nhận tin mới"}},
		later: engine.Plan{Subject: "Hàng mới về", Category: "hàng mới", Audience: everyone, Content: engine.Content{Block: "sản phẩm"}, AllowQuestions: true},
	}
}

// demoNews is what the first one says.
const demoNews = `[{"type": "text", "text": "Chào {{ first_name ?? 'bạn' }}, từ nay shop mở cửa 9:00–21:00, tất cả các ngày trong tuần.",
	"buttons": [{"title": "Xem hàng mới", "goto": "sản phẩm"}, {"title": "Cửa hàng ở đâu?", "goto": "cửa hàng"}]}]`

// demoPrice is what a message costs on the pretend LINE.
const demoPrice = 250

// demoMorning is how many days after the first start the second one goes out.
const demoMorning = 3

// broadcast sends a shop's first one and schedules its second.
func (d *demo) broadcast(ctx context.Context, i *instance, s shop, kept *shopKept) error {
	plans := s.broadcasts()
	if plans == nil {
		return nil
	}
	bot, err := i.store.Bot(ctx, kept.BotID)
	if err != nil {
		return err
	}
	bot.Settings.Broadcasts.Prices = []engine.Price{{AccountID: kept.AccountID, Route: "push", Amount: demoPrice, Currency: "VND"}}
	if err := i.store.UpdateBot(ctx, *bot); err != nil {
		return fmt.Errorf("set what messages cost: %w", err)
	}
	sent, err := i.broadcasts.Create(ctx, kept.BotID, plans.sent)
	if err != nil {
		return fmt.Errorf("write the broadcast %q: %w", plans.sent.Subject, err)
	}
	if err := d.leave(ctx, s); err != nil {
		return err
	}
	if _, err := i.broadcasts.Start(ctx, kept.BotID, sent.ID); err != nil {
		return fmt.Errorf("start the broadcast %q: %w", plans.sent.Subject, err)
	}
	d.meanwhile.Go(func() { // the demo begins without it
		if err := d.answer(ctx, i, s, kept, sent.ID); err != nil && ctx.Err() == nil {
			i.log.Warn("demo", "error", fmt.Errorf("let people answer the broadcast %q: %w", plans.sent.Subject, err))
		}
	})
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
