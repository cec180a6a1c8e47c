package firstline

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// contactable is one of the vendor's classes of people on a channel.
type contactable struct {
	class string
	kind  channels.Kind
	name  string
	uid   string // the filter that finds one by the platform's id
}

func contactables() []contactable {
	return []contactable{
		{"LineContact", channels.LINE, "LINE", "line_uid"},
		{"FbContact", channels.Messenger, "Messenger", "fb_uid"},
		{"IgContact", "instagram", "Instagram", "ig_uid"},
		{"LivechatContact", "livechat", "live chat", "livechat_uid"},
		{"TelegramContact", "telegram", "Telegram", "telegram_uid"},
		{"ViberContact", "viber", "Viber", "viber_uid"},
		{"WechatContact", "wechat", "WeChat", "wechat_uid"},
	}
}

// contactableOf reads a contactable_type: App\LineContact, LineContact or line.
func contactableOf(text string) (contactable, bool) {
	class := text[strings.LastIndexByte(text, '\\')+1:]
	all := contactables()
	i := slices.IndexFunc(all, func(c contactable) bool {
		return strings.EqualFold(class, c.class) || strings.EqualFold(text, string(c.kind)) || strings.EqualFold(text+"Contact", c.class)
	})
	if i < 0 {
		return contactable{}, false
	}
	return all[i], true
}

// contactableFor is the class of people on a channel.
func contactableFor(channel string) (contactable, bool) {
	all := contactables()
	i := slices.IndexFunc(all, func(c contactable) bool { return string(c.kind) == channel })
	if i < 0 {
		return contactable{}, false
	}
	return all[i], true
}

// identity finds whom a contactable_id means: an imported id before one of
// ours. Ours below zero is never taken for an imported one: see contactableID.
// The channel must be the contactable's.
func (s *Surface) identity(ctx context.Context, bot *engine.Bot, want contactable, text string) (*engine.Identity, error) {
	id, err := s.identityID(ctx, bot, text)
	if err != nil {
		return nil, err
	}
	i, err := s.Directory.Identity(ctx, bot.ID, id)
	if err != nil {
		return nil, err
	}
	if i == nil {
		return nil, s.nobody(ctx, bot, want, text)
	}
	a, err := s.Directory.Account(ctx, i.AccountID)
	if err != nil {
		return nil, err
	}
	if a.Channel != string(want.kind) {
		return nil, wrongField("contactable_type", fmt.Sprintf("does not fit: the contact %s is on %s", text, channelName(a.Channel)))
	}
	if a.State == engine.AccountDisconnected {
		return nil, wrongField("contactable_type", fmt.Sprintf("cannot be reached: the %s account %s is disconnected", want.name, a.Name))
	}
	return i, nil
}

func (s *Surface) identityID(ctx context.Context, bot *engine.Bot, text string) (int64, error) {
	alias, err := s.Directory.Alias(ctx, bot.ID, aliasIdentity, text)
	if err != nil {
		return 0, err
	}
	if alias != "" {
		text = alias
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, wrongField("contactable_id", "must be a whole number: the one GET /api/v1/contact tells, not the person's id on the platform")
	}
	return max(id, -id), nil
}

// aliasIdentity is the kind of alias under which imported ids are kept.
const aliasIdentity = "identity"

// nobody says that a contactable_id is unknown, or rather that its channel is
// not connected at all.
func (s *Surface) nobody(ctx context.Context, bot *engine.Bot, want contactable, text string) error {
	accounts, err := s.Directory.Accounts(ctx, bot.ID)
	if err != nil {
		return err
	}
	connected := slices.ContainsFunc(accounts, func(a engine.Account) bool {
		return a.Channel == string(want.kind) && a.State != engine.AccountDisconnected
	})
	if !connected {
		return wrongField("contactable_type", "cannot be reached: "+want.name+" is not connected")
	}
	return &engine.Error{Code: engine.NotFound, Field: "contactable_id", Message: fmt.Sprintf("no %s contact has the contactable_id %s", want.name, text)}
}

// contactableID is what push takes for an identity: its id. Where an imported
// id of somebody else is the same number, it is the id below zero, so that no
// message goes to the wrong person.
func (s *Surface) contactableID(ctx context.Context, bot *engine.Bot, id int64) (int64, error) {
	text := strconv.FormatInt(id, 10)
	alias, err := s.Directory.Alias(ctx, bot.ID, aliasIdentity, text)
	if err != nil {
		return 0, err
	}
	if alias != "" && alias != text {
		return -id, nil
	}
	return id, nil
}

func channelName(kind string) string {
	if c, ok := contactableFor(kind); ok {
		return c.name
	}
	return kind
}
