package botbonnie

import (
	"context"
	"fmt"
	"strconv"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/compat/lenient"
)

// platform is a channel by the vendor's number; kind is "" for one that does
// not exist here.
type platform struct {
	kind channels.Kind
	name string
}

func platforms() map[int]platform {
	return map[int]platform{
		0: {channels.Messenger, "Messenger"},
		1: {channels.LINE, "LINE"},
		2: {"livechat", "web chat"},
		4: {"", "Google Business Messages"},
		5: {"instagram", "Instagram"},
		6: {"whatsapp", "WhatsApp"},
		7: {"", "AIQUA"},
	}
}

// platformOf reads bot_channel: a number, or one written as text.
func platformOf(given lenient.Params) (platform, error) {
	text := given.Text("bot_channel")
	if text == "" {
		return platform{}, invalid("bot_channel", "is missing: 0 is Messenger, 1 is LINE")
	}
	n, err := strconv.Atoi(text)
	p, known := platforms()[n]
	switch {
	case err != nil || !known:
		return platform{}, invalid("bot_channel", "is no channel's number: 0 is Messenger, 1 is LINE")
	case p.kind == "":
		return platform{}, invalid("bot_channel", fmt.Sprintf("%d is %s, which is not served here", n, p.name))
	}
	return p, nil
}

// account finds the page or official account of a call, by any id it is known
// by. Another bot's is unknown.
func (p *Pushes) account(ctx context.Context, bot *engine.Bot, given lenient.Params) (*engine.Account, error) {
	platform, err := platformOf(given)
	if err != nil {
		return nil, err
	}
	id := given.Text("bot_pid")
	if id == "" {
		return nil, invalid("bot_pid", "is missing: the page's or official account's id")
	}
	a, err := lenient.Account(ctx, p.Directory, bot, string(platform.kind), id)
	switch {
	case err != nil:
		return nil, err
	case a == nil:
		return nil, unknown("bot_pid", fmt.Sprintf("this bot has no %s account with the id %q: check bot_pid and bot_channel", platform.name, id))
	case a.State == engine.AccountDisconnected:
		return nil, unknown("bot_pid", fmt.Sprintf("the %s account %q is disconnected: connect it again", platform.name, id))
	}
	return a, nil
}
