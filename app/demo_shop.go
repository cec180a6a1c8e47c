package app

import (
	"context"
	"fmt"
	"io"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows/examples"
	"github.com/blockcast/blockcast/server/token"
)

// shop is one of the demo's bots.
type shop struct {
	Key      string // of what is kept
	Bot      string // its name
	Flow     string // file among the examples; none where visitors try their own
	Page     string // its name on the sandbox as a Facebook Page; none where it is on LINE alone
	Language string // of its people
	Region   string
	TimeZone string
}

// shops are the demo's bots: one for each example flow, because both greet new
// friends and an account greets once, and one for a flow of the visitor's own.
func shops() []shop {
	return []shop{
		{"donhang", "Tiệm Sao Mai", "donhang.json", "donhang-page", "vi", "VN", "Asia/Ho_Chi_Minh"},
		{"coupon", "日日小舖", "coupon.json", "", "zh-TW", "TW", "Asia/Taipei"},
		{"own", ownBot, "", "", "vi", "VN", "Asia/Ho_Chi_Minh"},
	}
}

// ownBot is the bot that waits for a flow of the visitor's own.
const ownBot = "My first bot"

// shopKept is what is kept of one shop; a zero field is a step not done yet.
type shopKept struct {
	BotID         string    `json:"bot_id"`
	Token         string    `json:"token"`
	ChannelSecret string    `json:"channel_secret"`
	AccessToken   string    `json:"access_token"`
	Published     bool      `json:"published"`
	AccountID     string    `json:"account_id"`
	Page          *pageKept `json:"page,omitempty"` // of a shop that has one
	Seeded        bool      `json:"people_seeded"`
	Broadcast     bool      `json:"broadcast"`
}

// pageKept is what is kept of a shop's Facebook Page.
type pageKept struct {
	AppSecret   string `json:"app_secret"`
	AccessToken string `json:"page_access_token"`
	VerifyToken string `json:"verify_token"`
	AccountID   string `json:"account_id"`
}

// open does what is still to do for one shop. Each step is kept when it is
// done, so that a start that was interrupted goes on.
func (d *demo) open(ctx context.Context, i *instance, api *client, s shop, kept *shopKept) error {
	bot := &botSession{&session{client: api, p: &Process{Out: io.Discard, Err: io.Discard}}, botView{ID: kept.BotID}}
	steps := []struct {
		done bool
		do   func() error
	}{
		{kept.Published, func() (err error) { err = publishExample(ctx, bot, s.Flow); kept.Published = err == nil; return err }},
		{kept.AccountID != "", func() error { return connectLINE(ctx, bot, s, kept) }},
		{kept.Page == nil || kept.Page.AccountID != "", func() error { return connectPage(ctx, bot, s, kept.Page) }},
		{kept.Seeded, func() (err error) { err = d.seed(ctx, i, s, kept); kept.Seeded = err == nil; return err }},
		{kept.Broadcast, func() (err error) { err = d.broadcast(ctx, i, s, kept); kept.Broadcast = err == nil; return err }},
	}
	for _, step := range steps {
		if step.done {
			continue
		}
		if err := step.do(); err != nil {
			return err
		}
		if err := d.save(); err != nil {
			return err
		}
	}
	return nil
}

// kept is what is known of a shop, made and kept now where nothing is yet.
func (d *demo) kept(ctx context.Context, i *instance, s shop) (*shopKept, error) {
	kept := d.state.Shops[s.Key]
	if kept != nil && (s.Page == "") == (kept.Page == nil) {
		return kept, nil
	}
	if kept == nil {
		kept = &shopKept{ChannelSecret: token.NewSecret()[:32], AccessToken: token.NewSecret(), BotID: i.deps.NewID(), Token: token.NewSecret()}
		if err := makeBot(ctx, i, s, kept); err != nil {
			return nil, err
		}
		d.state.Shops[s.Key] = kept
	}
	if s.Page != "" {
		kept.Page = &pageKept{AppSecret: token.NewSecret()[:32], AccessToken: token.NewSecret(), VerifyToken: token.NewSecret()[:16]}
	}
	return kept, d.save()
}

// makeBot makes the bot with its token. A phone call's product is Messenger,
// so the bot allows LINE to serve it.
func makeBot(ctx context.Context, i *instance, s shop, kept *shopKept) error {
	now := i.clock.Now()
	return i.store.Tx(ctx, func(ctx context.Context) error {
		err := i.store.CreateBot(ctx, engine.Bot{
			ID: kept.BotID, Name: s.Bot, TimeZone: s.TimeZone, DefaultRegion: s.Region,
			Settings: engine.BotSettings{AllChannels: true}, CreatedAt: now,
		})
		if err != nil {
			return err
		}
		return i.store.CreateToken(ctx, engine.Token{
			Hash: token.Hash(kept.Token), BotID: kept.BotID, Name: "demo", Scopes: []string{engine.ScopeSend, engine.ScopeRead}, CreatedAt: now,
		})
	})
}

func publishExample(ctx context.Context, bot *botSession, file string) error {
	if file == "" {
		return nil
	}
	text, err := examples.Files().ReadFile(file)
	if err != nil {
		return err
	}
	name, _, err := bot.push(ctx, file, text)
	if err != nil {
		return err
	}
	return bot.publish(ctx, name, "the example")
}

func connectLINE(ctx context.Context, bot *botSession, s shop, kept *shopKept) (err error) {
	kept.AccountID, err = connectPretend(ctx, bot, s, "line", map[string]string{
		"channel_secret": kept.ChannelSecret, "channel_access_token": kept.AccessToken,
	})
	return err
}

func connectPage(ctx context.Context, bot *botSession, s shop, kept *pageKept) (err error) {
	kept.AccountID, err = connectPretend(ctx, bot, s, "messenger", map[string]string{
		"page_access_token": kept.AccessToken, "app_secret": kept.AppSecret, "verify_token": kept.VerifyToken,
	})
	return err
}

// connectPretend connects an account as any other and returns its id.
func connectPretend(ctx context.Context, bot *botSession, s shop, channel string, credentials map[string]string) (string, error) {
	raw, err := bot.post(ctx, bot.path("accounts"), map[string]any{"channel": channel, "name": s.Bot, "credentials": credentials})
	a, err := decode[accountView](raw, err)
	if err != nil {
		return "", fmt.Errorf("connect it to the pretend %s: %w", channel, err)
	}
	return a.ID, nil
}
