package omnichat

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/compat/lenient"
)

// platform is a channel by the vendor's name; kind is "" for one that is not
// served here.
type platform struct{ name, kind, title string }

func platforms() []platform {
	return []platform{
		{"line", "line", "LINE"},
		{"facebook", "messenger", "Facebook"},
		{"instagram", "", "Instagram"},
		{"whatsapp", "", "WhatsApp"},
		{"wechat", "", "WeChat"},
		{"webchat", "", "web chat"},
		{"web", "", "web chat"},
	}
}

// platformOf reads a platform's name; told is a sentence about one that cannot
// be meant.
func platformOf(name string) (p platform, told string) {
	i := slices.IndexFunc(platforms(), func(p platform) bool { return strings.EqualFold(p.name, name) })
	if i < 0 {
		return platform{}, "is none of line and facebook"
	}
	p = platforms()[i]
	if p.kind == "" {
		return p, "is " + p.name + ", and " + p.title + " is not served here yet: line and facebook are"
	}
	return p, ""
}

// platformName is the vendor's name of a channel; one it does not know keeps
// its own.
func platformName(kind string) string {
	i := slices.IndexFunc(platforms(), func(p platform) bool { return p.kind == kind })
	if i < 0 {
		return kind
	}
	return platforms()[i].name
}

// account finds the account of a call, by any id it is known by.
func (s *Surface) account(ctx context.Context, bot *engine.Bot, p platform, id string) (*engine.Account, error) {
	a, err := lenient.Account(ctx, s.Directory, bot, p.kind, id)
	switch {
	case err != nil:
		return nil, err
	case a == nil:
		return nil, refuse(fiber.StatusNotFound, codeNoChannel, "channelId: this team has no %s channel %q: GET /v1/channels lists them, and an alias of the account keeps an old id", p.title, cut(id))
	case a.State == engine.AccountDisconnected:
		return nil, refuse(fiber.StatusNotFound, codeNoChannel, "channelId: the %s channel %q is disconnected: connect it again", p.title, cut(id))
	}
	return a, nil
}

// channel is an account as the product shows one.
type channel struct {
	Platform string `json:"platform"`
	ID       string `json:"channelId"`
	Name     string `json:"channelName"`
}

// channels lists the accounts that are connected: a bare list, as the vendor
// has it.
func (s *Surface) channels(c *fiber.Ctx, who *caller) (any, error) {
	all, err := s.known(c.UserContext(), who.bot)
	if err != nil {
		return nil, err
	}
	out := []channel{}
	for _, a := range all.accounts {
		if a.State != engine.AccountDisconnected {
			out = append(out, all.channel(a.ID))
		}
	}
	return out, nil
}

// connections are a bot's accounts with the ids that old systems have for them.
type connections struct {
	accounts []engine.Account
	alias    map[string]string // by account
}

// maxAliases is how many aliases of accounts are looked at.
const maxAliases = 200

func (s *Surface) known(ctx context.Context, bot *engine.Bot) (*connections, error) {
	accounts, err := s.Directory.Accounts(ctx, bot.ID)
	if err != nil {
		return nil, err
	}
	aliases, _, err := s.Directory.ListAliases(ctx, bot.ID, "account", engine.Page{Limit: maxAliases})
	if err != nil {
		return nil, err
	}
	out := &connections{accounts, map[string]string{}}
	for _, a := range aliases {
		if out.alias[a.ID] == "" {
			out.alias[a.ID] = a.Foreign
		}
	}
	return out, nil
}

// account is one of them, nil when it is gone.
func (k *connections) account(id string) *engine.Account {
	for i := range k.accounts {
		if k.accounts[i].ID == id {
			return &k.accounts[i]
		}
	}
	return nil
}

// channel shows an account. Its id is the one that an old system has for it,
// where there is one, else the platform's.
func (k *connections) channel(accountID string) channel {
	a := k.account(accountID)
	if a == nil {
		return channel{}
	}
	return channel{platformName(a.Channel), cmp.Or(k.alias[a.ID], a.ExternalID), a.Name}
}

// of is the accounts of a platform, or all ("").
func (k *connections) of(kind string) []engine.Account {
	return slices.DeleteFunc(slices.Clone(k.accounts), func(a engine.Account) bool { return kind != "" && a.Channel != kind })
}
