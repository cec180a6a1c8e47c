package simulate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// Config is who talks with what.
type Config struct {
	Library  *engine.Library
	Channels []channels.Channel // at least one: the person writes on the first, the others only render
	Bot      Bot
	As       map[string]any // what is known of the person: facts, attributes, tags and subscribed
	Stubs    []Stub
	Secrets  map[string]string
	Clock    *Clock
}

// Bot is what of a bot changes how flows run.
type Bot struct {
	TimeZone string // IANA name; UTC when ""
	Region   string // ISO 3166-1 alpha-2: how national phone numbers are read
	MonthDay bool   // 12/30 rather than 30/12
}

// Play is a chat with all around it: time that passes, addresses that answer,
// channels that render. It is for one goroutine.
type Play struct {
	chat     *Chat
	clock    *Clock
	stubs    stubs
	channels []channels.Channel
	declared map[string]expression.Declaration
	scenes   []*Scene
	secrets  []string // as they can stand in a text
}

// New begins a play. Its errors name what is wrong with the Config as
// *engine.Error.
func New(c Config) (*Play, error) {
	zone := c.Bot.TimeZone
	if zone == "" {
		zone = "UTC"
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		return nil, wrong("time_zone", "%q is no time zone: write it as in Asia/Taipei", zone)
	}
	if len(c.Channels) == 0 {
		return nil, errors.New("simulate: no channel to talk on")
	}
	p := &Play{clock: c.Clock, channels: c.Channels, declared: declared(c.Library)}
	p.stubs.list, p.secrets = c.Stubs, maskable(c.Secrets)
	p.chat = NewChat(p.situation(c, zone), engine.Deps{
		Now: c.Clock.Now, NewID: counted(), Rand: func() uint64 { return 1 },
		Fetch: p.stubs.fetch, Log: slog.New(slog.DiscardHandler),
	})
	return p, p.dress(c.As)
}

// Ids of the people and things of a play.
const (
	accountID  = "a00000000000000000000001"
	contactID  = 101
	identityID = 201
)

func (p *Play) situation(c Config, zone string) engine.Situation {
	began := c.Clock.Now()
	bot := &engine.Bot{ID: botID, Name: "Simulation", TimeZone: zone, DefaultRegion: strings.ToUpper(c.Bot.Region),
		Settings: engine.BotSettings{MonthDay: c.Bot.MonthDay}}
	return engine.Situation{
		Bot: bot,
		Account: &engine.Account{ID: accountID, BotID: botID, Channel: string(c.Channels[0].Kind()), ExternalID: "simulation",
			Name: "Simulation", State: engine.AccountActive},
		Contact:  &engine.Contact{ID: contactID, BotID: botID, CreatedAt: began},
		Identity: &engine.Identity{ID: identityID, AccountID: accountID, ExternalID: "simulated", ContactID: contactID, CreatedAt: began},
		Library:  c.Library,
		Secrets:  func(name string) (string, bool) { v, ok := c.Secrets[name]; return v, ok },
	}
}

// counted returns ids of 24 hex digits that count from 1.
func counted() func() string {
	n := 0
	return func() string {
		n++
		return fmt.Sprintf("%024x", n)
	}
}

// Contact is the person as they are known now. It is not to be changed.
func (p *Play) Contact() *engine.Contact { return p.chat.Situation.Contact }

// Identity is the person's address as it is now. It is not to be changed.
func (p *Play) Identity() *engine.Identity { return p.chat.Situation.Identity }

// Now is the time of the play.
func (p *Play) Now() time.Time { return p.clock.Now().In(p.Zone()) }

// Zone is the time zone of the person, else of the bot.
func (p *Play) Zone() *time.Location {
	s := &p.chat.Situation
	for _, name := range [...]string{s.Contact.TimeZone, s.Bot.TimeZone} {
		if name == "" {
			continue
		}
		if z, err := time.LoadLocation(name); err == nil {
			return z
		}
	}
	return time.UTC
}

// Declared are the attributes the flows declare, by name.
func (p *Play) Declared() map[string]expression.Declaration { return p.declared }

// render makes what a channel would send of a scene's messages: its payloads,
// with what was lost in making them.
func (p *Play) render(ch channels.Channel, s *Scene) (*Shown, error) {
	r, _, err := outbox.Render(ch, p.chat.Situation.Account, s.Messages)
	if err != nil {
		return nil, err
	}
	return readShown(ch.Kind(), r)
}

// scene makes what is to be seen of a turn.
func (p *Play) scene(turn *engine.Turn) (*Scene, error) {
	s := &Scene{Turn: turn, At: p.Now(), Requests: p.stubs.taken()}
	if _, b, ok := p.chat.Situation.Library.Block(turn.Block); ok {
		s.Began = b.Name
	}
	for _, t := range turn.Timers {
		s.Planned = p.addPlanned(s.Planned, t.Block, t.DueAt)
	}
	open, err := p.chat.Session()
	if err != nil {
		return nil, err
	}
	s.Waits = p.waiting(open)
	if len(turn.Messages) > 0 {
		for _, ch := range p.channels {
			shown, err := p.render(ch, s)
			if err != nil {
				return nil, err
			}
			s.Shown = append(s.Shown, *shown)
		}
	}
	p.scenes = append(p.scenes, s)
	return s, nil
}

func (p *Play) addPlanned(list []Planned, block string, due time.Time) []Planned {
	if _, b, ok := p.chat.Situation.Library.Block(block); ok {
		list = append(list, Planned{b.Name, due})
	}
	return list
}

// Planned lists the blocks that flows have planned and that are still to come,
// the next one first.
func (p *Play) Planned() []Planned {
	var list []Planned
	for i := range p.chat.timers {
		list = p.addPlanned(list, p.chat.timers[i].Block, p.chat.timers[i].DueAt)
	}
	slices.SortStableFunc(list, func(a, b Planned) int { return a.DueAt.Compare(b.DueAt) })
	return list
}

// waiting says what a session waits for, nil when nothing is open.
func (p *Play) waiting(s *engine.Session) *Waiting {
	if s == nil {
		return nil
	}
	w := &Waiting{For: s.Expect, Attempt: s.Attempts + 1, Until: s.Until}
	if !s.Reply {
		w.For = Pause
	}
	if _, b, ok := p.chat.Situation.Library.Block(s.Block); ok {
		w.Block = b.Name
	}
	return w
}

// Waits says what the open session waits for now, nil when nothing is open.
func (p *Play) Waits() (*Waiting, error) {
	s, err := p.chat.Session()
	return p.waiting(s), err
}

// hears gives the chat one input.
func (p *Play) hears(ctx context.Context, in engine.Interaction) (*Scene, error) {
	turn, err := p.chat.Hear(ctx, in)
	if err != nil {
		return nil, err
	}
	return p.scene(turn)
}
