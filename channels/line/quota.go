package line

import (
	"context"

	"github.com/blockcast/blockcast/channels"
)

// Quota implements channels.Quoter. LINE's count of what is used is
// approximate, and leaves out what a running narrowcast has reserved.
func (c *Channel) Quota(ctx context.Context, a channels.Account) (*channels.Quota, error) {
	var month struct {
		Type  string `json:"type"` // limited or none
		Value int64  `json:"value"`
	}
	if err := c.get(ctx, a, "/v2/bot/message/quota", &month); err != nil {
		return nil, err
	}
	var used struct {
		Total int64 `json:"totalUsage"`
	}
	if err := c.get(ctx, a, "/v2/bot/message/quota/consumption", &used); err != nil {
		return nil, err
	}
	return &channels.Quota{Limited: month.Type == "limited", Limit: month.Value, Used: used.Total}, nil
}
