package omnichat

import (
	"context"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/server/compat/lenient"
)

// summary is a broadcast as lists show it. A figure that nobody can give is
// null, and never 0: LINE does not tell who has read, and orders are not known
// here.
type summary struct {
	ID            string   `json:"id"`
	Platform      string   `json:"platform"`
	ChannelID     string   `json:"channelId"`
	ChannelName   string   `json:"channelName"`
	Subject       string   `json:"subject"`
	RecipientType int      `json:"recipientType"`
	Type          int      `json:"type"`
	Mode          string   `json:"mode"`
	SentAt        *string  `json:"sentAt"`
	Status        int      `json:"status"`
	Recipients    int64    `json:"recipientCount"`
	Success       int64    `json:"success"`
	SuccessRate   string   `json:"successRate"`
	Sent          int64    `json:"sent"`
	Failed        int64    `json:"failed"`
	Read          *int64   `json:"read"`
	ReadRate      *string  `json:"readRate"`
	Clicked       *int64   `json:"clicked"`
	ClickRate     *string  `json:"clickRate"`
	Revenue       *string  `json:"revenue"`
	Purchase      *int64   `json:"purchase"`
	Tags          []string `json:"tags"`
}

// detail is a broadcast by itself.
type detail struct {
	summary
	Responded       int64   `json:"responded"`
	RespondRate     string  `json:"respondRate"`
	Unsubscribed    int64   `json:"unsubscribed"`
	UnsubscribeRate string  `json:"unsubscribeRate"`
	Cost            *string `json:"cost"`
	ROAS            *string `json:"roas"`
	Messages        *int64  `json:"messageCount"`
	MessageSuccess  int64   `json:"messageSuccess"`
	MessageRate     *string `json:"messageSuccessRate"`
	Within12        int64   `json:"respondedWithin12Hour"`
	Within24        int64   `json:"respondedWithin24Hour"`
	Within48        int64   `json:"respondedWithin48Hour"`
	Rate12          string  `json:"responseRateWithin12Hour"`
	Rate24          string  `json:"responseRateWithin24Hour"`
	Rate48          string  `json:"responseRateWithin48Hour"`
}

// showBroadcast shows one.
func (s *Surface) showBroadcast(c *fiber.Ctx, who *caller) (any, error) {
	known, err := s.known(c.UserContext(), who.bot)
	if err != nil {
		return nil, err
	}
	return s.detail(c.UserContext(), who.bot, known, lenient.PathParam(c, "id"))
}

// detail counts one. A draft is unknown: it is no broadcast yet for this
// product.
func (s *Surface) detail(ctx context.Context, bot *engine.Bot, known *connections, id string) (*detail, error) {
	r, err := s.Broadcasts.Report(ctx, bot.ID, id, "")
	if err != nil {
		return nil, noBroadcast(err, id)
	}
	if r.Broadcast.State == engine.BroadcastDraft {
		return nil, draft(id)
	}
	named, err := s.named(ctx, &r.Broadcast.Plan, bot)
	if err != nil {
		return nil, err
	}
	d := &detail{summary: s.shown(r, known)}
	if r.Run == nil {
		d.count(new(broadcast.Sum), 0, true)
		d.Recipients = named.People + named.Refused
	} else {
		d.count(r.Figures.Sum("*", s.tells(r.Accounts)), named.Refused, r.TellsWho())
	}
	d.cost(r, bot, s.charged)
	if n, ok := ownMessages(&r.Broadcast.Plan); ok {
		n *= d.Recipients
		rate := percent(d.MessageSuccess, n)
		d.Messages, d.MessageRate = &n, &rate
	}
	return d, nil
}

// noBroadcast is an error of looking one up, by its own code where nobody knows
// it.
func noBroadcast(err error, id string) error {
	if engine.IsCode(err, engine.NotFound) {
		return refuse(fiber.StatusNotFound, codeNoBroadcast, "no broadcast %q is known here", cut(id))
	}
	return err
}

func draft(id string) error {
	return refuse(fiber.StatusNotFound, codeNoBroadcast, "the broadcast %q is a draft that nobody has started", cut(id))
}

// shown is what is known of a broadcast before anything is counted.
func (s *Surface) shown(r *broadcast.Report, known *connections) summary {
	b := r.Broadcast
	out := summary{ID: b.ID, Subject: b.Plan.Subject, Type: typeBroadcast, Tags: b.Plan.Tags, Status: statusOf(b, newest(r.Runs))}
	if out.Tags == nil {
		out.Tags = []string{}
	}
	on := known.channel(accountOf(&b.Plan, known))
	out.Platform, out.ChannelID, out.ChannelName = on.Platform, on.ID, on.Name
	switch {
	case b.Plan.Source == source:
		out.Type, out.RecipientType, out.Mode = typeOpenAPI, fromOpenAPI, "manual"
	case b.Plan.Audience.List != "":
		out.RecipientType, out.Mode = fromList, "csv"
	case b.Plan.Audience.Segment != "":
		out.RecipientType, out.Mode = fromSegment, "filter"
	default:
		out.RecipientType, out.Mode = fromFilter, "filter"
	}
	if out.SentAt = at(b.DueAt); r.Run != nil {
		out.SentAt = at(r.Run.StartedAt)
	}
	return out
}

// newest is the last run that was not a pre-flight alone; nil when there is
// none.
func newest(runs []engine.Run) *engine.Run {
	for i := range runs {
		if !runs[i].StartedAt.IsZero() {
			return &runs[i]
		}
	}
	return nil
}

// accountOf is the account a broadcast prefers, "" when there is none any more.
func accountOf(p *engine.Plan, known *connections) string {
	if len(p.Audience.Accounts) > 0 {
		return p.Audience.Accounts[0]
	}
	for _, a := range known.accounts {
		if a.State == engine.AccountActive {
			return a.ID
		}
	}
	return ""
}

// named is the list of those whom a call named, an empty one of any other
// broadcast: those it refused were unknown.
func (s *Surface) named(ctx context.Context, p *engine.Plan, bot *engine.Bot) (*engine.PeopleList, error) {
	if p.Source != source || p.Audience.List == "" {
		return new(engine.PeopleList), nil
	}
	l, err := s.Lists.List(ctx, bot.ID, p.Audience.List)
	if engine.IsCode(err, engine.NotFound) { // somebody has deleted it
		return new(engine.PeopleList), nil
	}
	return l, err
}

// count fills the figures in. Who was unknown is one of the recipients, and
// failed; who says whether taps are known by people.
func (d *detail) count(sum *broadcast.Sum, unknown int64, who bool) {
	d.Recipients, d.Success = sum.Audience+unknown, sum.Accepted
	d.SuccessRate = percent(d.Success, d.Recipients)
	d.Failed = sum.ByStatus[engine.Failed] + sum.ByStatus[engine.Skipped] + sum.ByStatus[engine.Canceled] + unknown
	d.Sent = sum.Accepted + sum.ByStatus[engine.Failed] + sum.ByStatus[engine.Unknown]
	if sum.Read.Of > 0 {
		n, rate := sum.Read.N, percent(sum.Read.N, sum.Read.Of)
		d.Read, d.ReadRate = &n, &rate
	}
	if who {
		rate := percent(sum.Clicked, d.Success)
		d.Clicked, d.ClickRate = &sum.Clicked, &rate
	}
	d.Responded, d.RespondRate = sum.Replied48, percent(sum.Replied48, d.Success)
	d.Unsubscribed, d.UnsubscribeRate = sum.Unsubscribed, percent(sum.Unsubscribed, d.Success)
	d.Within12, d.Rate12 = sum.Replied12, percent(sum.Replied12, d.Success)
	d.Within24, d.Rate24 = sum.Replied24, percent(sum.Replied24, d.Success)
	d.Within48, d.Rate48 = sum.Replied48, percent(sum.Replied48, d.Success)
	for _, r := range sum.Routes {
		d.MessageSuccess += r.Messages
	}
}

// cost is what was paid by the bot's prices, null where one is missing or
// there are several currencies.
func (d *detail) cost(r *broadcast.Report, bot *engine.Bot, charged func(channel, route string) int) {
	sum := r.Figures.Sum("*", func(string) bool { return false })
	cost, ok := sum.Cost(bot.Settings.Broadcasts.Prices, func(account, route string) int { return charged(r.Accounts[account].Channel, route) })
	if ok && r.Run != nil {
		text := fmt.Sprintf("%.2f", cost.Amount)
		d.Cost = &text
	}
}

// ownMessages is how many messages everybody gets of a broadcast that says what
// was written for it; a block may say more or fewer to each.
func ownMessages(p *engine.Plan) (n int64, ok bool) {
	n = int64(len(stepsOf(p.Content.Messages)))
	if p.Unsubscribe {
		n++
	}
	return n, len(p.Content.Messages) > 0 && len(p.Variants) == 0
}

// tells reports whether an account's platform says what was read.
func (s *Surface) tells(accounts map[string]engine.Account) func(string) bool {
	return func(id string) bool {
		ch, ok := s.Channels[accounts[id].Channel]
		return ok && ch.Limits().Receipts
	}
}

// charged is how many messages to one person are paid as one by a route of a
// channel, 0 where it costs nothing.
func (s *Surface) charged(kind, route string) int {
	ch, ok := s.Channels[kind]
	if !ok {
		return 0
	}
	return ch.Limits().Charged(route)
}

// percent is a share as the vendor writes it.
func percent(n, of int64) string {
	if of == 0 {
		return "0.00%"
	}
	return fmt.Sprintf("%.2f%%", float64(n)/float64(of)*100)
}

// at is a time as it is answered, with its zone; null for none.
func at(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.UTC().Format(time.RFC3339)
	return &text
}
