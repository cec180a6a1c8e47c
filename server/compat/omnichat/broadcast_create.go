package omnichat

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/foreign"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/server/compat/lenient"
)

// Limits of a call.
const (
	maxTo       = 150 // people of a broadcast
	maxTags     = 50
	maxListName = 100 // characters
)

// mixed is what the vendor says of a broadcast with messages of several kinds.
const mixed = "There is more than one type in the list of messages."

// nobody is why one of a broadcast's people is not reached.
const nobody = "nobody with this user id is known on the channel"

// wanted is what a call asks for, as far as it can be read alone.
type wanted struct {
	platform platform
	channel  string
	subject  string
	to, tags []string
	at       string
}

// created is the answer to a broadcast.
type created struct {
	ID string `json:"broadcastId"`
}

// createBroadcast plans a broadcast for those named, and starts it, or
// schedules it.
func (s *Surface) createBroadcast(c *fiber.Ctx, who *caller) (any, error) {
	return s.once(c, who, func() (any, error) { return s.broadcast(broadcast.By(c.UserContext(), who.token.Name), who) })
}

func (s *Surface) broadcast(ctx context.Context, who *caller) (*created, error) {
	w, err := readBroadcast(who.given)
	if err != nil {
		return nil, err
	}
	account, err := s.account(ctx, who.bot, w.platform, w.channel)
	if err != nil {
		return nil, err
	}
	said, err := s.messages(ctx, who)
	if err != nil {
		return nil, ofMessages(err, codeMessage)
	}
	content, err := contentOf(said)
	if err != nil {
		return nil, err
	}
	tags, err := s.tagsMeant(ctx, who.bot, w.tags)
	if err != nil {
		return nil, err
	}
	people, err := s.listed(ctx, who.bot, account, w)
	if err != nil {
		return nil, err
	}
	b, err := s.start(ctx, who.bot, engine.Plan{Source: source, Subject: w.subject, Content: content, Tags: tags, When: engine.When{At: w.at},
		Audience:    engine.Audience{List: people, Accounts: []string{account.ID}},
		Unsubscribe: who.bot.Settings.Broadcasts.Unsubscribe.Required})
	if err != nil {
		s.forget(ctx, "list", func(ctx context.Context) error { return s.Lists.DeleteList(ctx, who.bot.ID, people) })
		return nil, ofPlan(err)
	}
	return &created{b.ID}, nil
}

// start makes a broadcast of a plan and starts it, or schedules it; one that
// cannot be is forgotten.
func (s *Surface) start(ctx context.Context, bot *engine.Bot, p engine.Plan) (*engine.Broadcast, error) {
	b, err := s.Broadcasts.Create(ctx, bot.ID, p)
	if err != nil {
		return nil, err
	}
	if p.When.At == "" {
		_, err = s.Broadcasts.Begin(ctx, bot.ID, b.ID, broadcast.Beginning{})
	} else {
		_, err = s.Broadcasts.Schedule(ctx, bot.ID, b.ID)
	}
	if err != nil {
		s.forget(ctx, "broadcast", func(ctx context.Context) error { return s.Broadcasts.Delete(ctx, bot.ID, b.ID) })
		return nil, err
	}
	return b, nil
}

// forget undoes a part of a call that came to nothing. The call's own error is
// the one to tell.
func (s *Surface) forget(ctx context.Context, what string, undo func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keyPatience)
	defer cancel()
	if err := undo(ctx); err != nil {
		s.Log.Warn("left behind by a refused call", "what", what, "error", err)
	}
}

// readBroadcast reads what a call says beside its messages, and tells all that
// is wrong with it at once.
func readBroadcast(given lenient.Params) (*wanted, error) {
	var bad wrong
	w := new(wanted)
	w.platform, w.channel = bad.platform(given)
	w.subject = bad.needed(given, "subject", "people see it in lists and reports")
	if w.to = bad.list(given, "to", maxTo); len(w.to) == 0 && !bad.about("to") {
		bad.add("to is missing: the user ids of those who get it, up to %d", maxTo)
	}
	w.tags = bad.list(given, "tags", maxTags)
	if given["messages"] == nil {
		bad.add("messages is missing: say what is sent")
	}
	if text := given.Text("scheduledAt"); text != "" {
		var ok bool
		if w.at, ok = momentOf(text); !ok {
			bad.add("scheduledAt is no time: write it as 2026-12-24T09:00:00+08:00, or without the zone on the bot's clock; null is now")
		}
	}
	return w, bad.err()
}

// platform reads platform and channelId.
func (w *wrong) platform(given lenient.Params) (platform, string) {
	var p platform
	if name := w.needed(given, "platform", "line or facebook"); name != "" {
		var told string
		if p, told = platformOf(name); told != "" {
			w.add("platform %s", told)
		}
	}
	return p, w.needed(given, "channelId", "GET /v1/channels lists them")
}

// momentOf writes a time of the vendor's as plans have it. Its documents show
// ISO 8601 without a zone: that is on the bot's clock.
func momentOf(text string) (string, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Truncate(time.Second).Format(time.RFC3339), true
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Format("2006-01-02T15:04:05"), true
		}
	}
	return "", false
}

// messages reads what is said.
func (s *Surface) messages(ctx context.Context, who *caller) (*foreign.OmnichatMessages, error) {
	library, err := s.Libraries.Library(ctx, who.bot.ID)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(who.given["messages"])
	if err != nil {
		return nil, fmt.Errorf("read the messages: %w", err)
	}
	return foreign.Omnichat(data, s.block(ctx, library))
}

// contentOf is what a broadcast says: messages of one kind, or a block.
func contentOf(said *foreign.OmnichatMessages) (engine.Content, error) {
	if len(said.Kinds) > 1 {
		return engine.Content{}, refuse(fiber.StatusBadRequest, codeMessage, mixed)
	}
	if kind := said.Kinds[0]; kind == foreign.OmnichatBlock {
		return engine.Content{Block: said.Block}, nil
	} else if kind != foreign.OmnichatText && kind != foreign.OmnichatImage {
		return engine.Content{}, refuse(fiber.StatusBadRequest, codeMessage, "messages[0].type is %s: a broadcast takes text, image or block; make a block of anything else", kind)
	}
	steps := make([]map[string]string, len(said.Messages))
	for i, m := range said.Messages {
		switch p := m.Part.(type) {
		case *blocks.Text:
			steps[i] = map[string]string{"type": "text", "text": literal(p.Text)}
		case *blocks.Media:
			steps[i] = map[string]string{"type": p.Kind, "url": literal(p.URL)}
		}
	}
	data, err := json.Marshal(steps)
	if err != nil {
		return engine.Content{}, fmt.Errorf("write the messages: %w", err)
	}
	return engine.Content{Messages: data}, nil
}

// literal is a caller's text as a template that says just that.
func literal(s string) string { return strings.ReplaceAll(s, "{{", `\{{`) }

// listed makes a list of a call's people. Who is unknown stands on it with the
// reason, so that reports can tell; a call that means nobody is refused.
func (s *Surface) listed(ctx context.Context, bot *engine.Bot, account *engine.Account, w *wanted) (string, error) {
	rows := make([]engine.ListRow, len(w.to))
	known := 0
	for i, user := range w.to {
		rows[i] = engine.ListRow{Line: int64(i + 1), Text: user, Refused: nobody}
		found, err := s.person(ctx, bot, account, user)
		if err != nil {
			return "", err
		}
		if found != nil {
			rows[i].ContactID, rows[i].Refused = found.ContactID, ""
			known++
		}
	}
	if known == 0 {
		return "", refuse(fiber.StatusNotFound, codeNoUser, "to: none of the %d user ids is known on the channel; people are known once they write, follow or are imported", len(w.to))
	}
	l := engine.PeopleList{ID: s.NewID(), BotID: bot.ID, Name: listName(w.subject), CreatedAt: s.Now()}
	if err := s.Lists.CreateList(ctx, l); err != nil {
		return "", err
	}
	if _, err := s.Lists.AddToList(ctx, bot.ID, l.ID, rows); err != nil {
		s.forget(ctx, "list", func(ctx context.Context) error { return s.Lists.DeleteList(ctx, bot.ID, l.ID) })
		return "", err
	}
	return l.ID, nil
}

// listName names a broadcast's list for those who see lists.
func listName(subject string) string {
	name := []rune("Omnichat: " + subject)
	return string(name[:min(len(name), maxListName)])
}

// person finds whom a user id means on an account: the platform's id, or one of
// an old system; nil when nobody has it.
func (s *Surface) person(ctx context.Context, bot *engine.Bot, account *engine.Account, user string) (*engine.Identity, error) {
	i, err := s.Directory.IdentityByExternal(ctx, account.ID, user)
	if err != nil || i != nil {
		return i, err
	}
	alias, err := s.Directory.Alias(ctx, bot.ID, "identity", user)
	if err != nil || alias == "" {
		return nil, err
	}
	id, err := strconv.ParseInt(alias, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("read the alias of an identity: %w", err)
	}
	if i, err = s.Directory.Identity(ctx, bot.ID, id); err != nil || i == nil || i.AccountID != account.ID {
		return nil, err
	}
	return i, nil
}
