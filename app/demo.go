package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/channels/sandbox"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows/examples"
	"github.com/blockcast/blockcast/server/token"
)

// demoName is the file in the data folder that holds what a demo needs to go
// on: the tokens it has shown and the credentials of its pretend accounts.
const demoName = "demo.json"

// shop is one of the demo's bots.
type shop struct {
	Key      string // of what is kept
	Bot      string // its name
	Flow     string // file among the examples; none where visitors try their own
	Language string // of its people
	Region   string
	TimeZone string
}

// shops are the demo's bots: one for each example flow, because both greet new
// friends and an account greets once, and one for a flow of the visitor's own.
func shops() []shop {
	return []shop{
		{"donhang", "Tiệm Sao Mai", "donhang.json", "vi", "VN", "Asia/Ho_Chi_Minh"},
		{"coupon", "日日小舖", "coupon.json", "zh-TW", "TW", "Asia/Taipei"},
		{"own", ownBot, "", "vi", "VN", "Asia/Ho_Chi_Minh"},
	}
}

// ownBot is the bot that waits for a flow of the visitor's own.
const ownBot = "My first bot"

// demoState is what is kept from one start to the next.
type demoState struct {
	Sandbox string               `json:"sandbox"` // its address, so that an open page finds it again
	Shops   map[string]*shopKept `json:"shops"`
}

// shopKept is what is kept of one shop; a zero field is a step not done yet.
type shopKept struct {
	BotID         string `json:"bot_id"`
	Token         string `json:"token"`
	ChannelSecret string `json:"channel_secret"`
	AccessToken   string `json:"access_token"`
	Published     bool   `json:"published"`
	AccountID     string `json:"account_id"`
	Seeded        bool   `json:"seeded"`
}

// demo is the demo of one process: the pretend platform and what is kept.
type demo struct {
	config   *Config
	state    demoState
	sandbox  *sandbox.Sandbox
	listener net.Listener
	server   *http.Server
}

// newDemo starts the pretend platform and points the LINE channel at it.
func newDemo(c *Config, log *slog.Logger) (*demo, error) {
	d := &demo{config: c, state: demoState{Shops: map[string]*shopKept{}}}
	if _, err := readJSON(filepath.Join(c.Data, demoName), &d.state); err != nil {
		return nil, err
	}
	if err := d.listen(); err != nil {
		return nil, fmt.Errorf("start the sandbox: %w", err)
	}
	d.state.Sandbox = d.listener.Addr().String()
	d.sandbox = sandbox.New(sandbox.Config{Log: log})
	d.server = &http.Server{Handler: d.sandbox.Handler(), ReadHeaderTimeout: 10 * time.Second}
	d.server.RegisterOnShutdown(d.sandbox.Close)
	go func() {
		if err := d.server.Serve(d.listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("sandbox", "error", err)
		}
	}()
	c.ChannelURL = map[string]string{"line": "http://" + d.state.Sandbox + "/line"}
	return d, nil
}

// listen takes the address of the last start, or another where that is taken.
func (d *demo) listen() (err error) {
	if d.state.Sandbox != "" {
		if d.listener, err = net.Listen("tcp", d.state.Sandbox); err == nil {
			return nil
		}
	}
	d.listener, err = net.Listen("tcp", "127.0.0.1:0")
	return err
}

func (d *demo) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return d.server.Shutdown(ctx)
}

// mount leads from the main address to the sandbox's page, which is what
// somebody means who opens the bare address.
func (d *demo) mount(r fiber.Router) {
	r.Get("/sandbox", redirectTo("http://"+d.state.Sandbox+"/sandbox"))
	r.Get("/", redirectTo("/sandbox"))
}

func (d *demo) save() error { return writeSecretJSON(filepath.Join(d.config.Data, demoName), d.state) }

// play makes the bots, or goes on with them, and says what there is to see.
func (d *demo) play(ctx context.Context, i *instance, api *client, out io.Writer, serve *serveCommand) error {
	for _, s := range shops() {
		if err := d.open(ctx, i, api, s); err != nil {
			return fmt.Errorf("make the demo bot %s: %w", s.Bot, err)
		}
	}
	return d.introduce(out, i, serve)
}

// open does what is still to do for one shop. Each step is kept when it is
// done, so that a start that was interrupted goes on.
func (d *demo) open(ctx context.Context, i *instance, api *client, s shop) error {
	kept := d.state.Shops[s.Key]
	if kept == nil {
		kept = &shopKept{ChannelSecret: token.NewSecret()[:32], AccessToken: token.NewSecret(), BotID: i.deps.NewID(), Token: token.NewSecret()}
		if err := d.makeBot(ctx, i, s, kept); err != nil {
			return err
		}
		d.state.Shops[s.Key] = kept
		if err := d.save(); err != nil {
			return err
		}
	}
	if err := d.addToSandbox(s, kept, i.config.publicURL(i.parts.listener.Addr())); err != nil {
		return err
	}
	bot := &botSession{&session{client: api, p: &Process{Out: io.Discard, Err: io.Discard}}, botView{ID: kept.BotID}}
	for _, step := range []struct {
		done *bool
		do   func() error
	}{
		{&kept.Published, func() error { return publishExample(ctx, bot, s.Flow) }},
		{isSet(kept.AccountID), func() error { return d.connect(ctx, bot, s, kept) }},
		{&kept.Seeded, func() error { return d.seed(ctx, i, s, kept) }},
	} {
		if *step.done {
			continue
		}
		if err := step.do(); err != nil {
			return err
		}
		*step.done = true
		if err := d.save(); err != nil {
			return err
		}
	}
	return nil
}

func isSet(s string) *bool {
	set := s != ""
	return &set
}

// makeBot makes the bot with its token. A phone call's product is Messenger,
// so the bot allows LINE to serve it.
func (d *demo) makeBot(ctx context.Context, i *instance, s shop, kept *shopKept) error {
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

// connect connects the pretend account as any other.
func (d *demo) connect(ctx context.Context, bot *botSession, s shop, kept *shopKept) error {
	raw, err := bot.post(ctx, bot.path("accounts"), map[string]any{
		"channel": "line", "name": s.Bot,
		"credentials": map[string]string{"channel_secret": kept.ChannelSecret, "channel_access_token": kept.AccessToken},
	})
	a, err := decode[accountView](raw, err)
	kept.AccountID = a.ID
	return err
}

// addToSandbox puts a shop's account and people on the pretend platform, which
// forgets when it ends.
func (d *demo) addToSandbox(s shop, kept *shopKept, publicURL string) error {
	a := sandbox.LINEAccount{Name: s.Key, Title: s.Bot, ChannelSecret: kept.ChannelSecret, AccessToken: kept.AccessToken}
	if kept.AccountID != "" {
		a.WebhookURL = publicURL + "/webhooks/line/" + kept.AccountID
	}
	if err := d.sandbox.AddLINEAccount(a); err != nil {
		return err
	}
	var people []sandbox.Person
	for _, p := range s.people() {
		people = append(people, sandbox.Person{
			Account: s.Key, ID: p.lineID(s), Name: p.Name, Phone: p.National, Language: p.Language, Friend: !p.Blocked || !kept.Seeded,
		})
	}
	return d.sandbox.AddPeople(people)
}

// people are those of the made-up ones who speak a shop's language. A bot
// without a flow knows a few of them, by name and phone alone.
func (s shop) people() []demoPerson {
	var out []demoPerson
	for _, p := range madeUp() {
		switch {
		case p.Language != s.Language:
		case s.Flow != "":
			out = append(out, p)
		case !p.Blocked && !p.HandedOver && len(out) < ownPeople:
			p.Attributes, p.Tags = nil, nil
			out = append(out, p)
		}
	}
	return out
}

// lineID is a person's id on the pretend LINE.
func (p *demoPerson) lineID(s shop) string {
	return sandbox.LINEUserID("demo\x00" + s.Key + "\x00" + p.Phone)
}
