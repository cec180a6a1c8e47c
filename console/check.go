package console

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// maxFindings is how many messages of a kind the page shows.
const maxFindings = 3

// check is what the page says of a pre-flight.
type check struct {
	*broadcast.Preflight
	Doubts   []string
	Live     bool   // it is being made
	Stale    bool   // of a plan before it was changed
	When     string // it was made
	Routes   []reachLine
	Skipped  []Why
	Quotas   []string
	Cost     string
	Takes    string
	Worst    []worst
	Percent  int64
	Variants []Why
}

// worst are messages that somebody should look at, for one reason.
type worst struct {
	Why   string
	Count int64 // in all, 0 where that says nothing
	List  []engine.Finding
}

// check tells of the newest pre-flight, nil when there is none.
func (k *Console) check(ctx context.Context, s *session, b *engine.Broadcast) (*check, error) {
	p, err := k.Broadcasts.Preflight(ctx, s.Bot.ID, b.ID)
	if engine.IsCode(err, engine.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	names, err := k.accountNames(ctx, s)
	if err != nil {
		return nil, err
	}
	c := &check{Preflight: p, When: moment(s.Bot, p.At), Stale: p.Version != b.Version, Live: p.State == engine.RunFreezing || p.State == engine.RunPreparing,
		Takes: takes(p.Seconds), Cost: cost(p)}
	if c.Live && p.Reachable > 0 {
		c.Percent = min(99, p.Made*100/p.Reachable)
	}
	for _, r := range p.Routes {
		c.Routes = append(c.Routes, reachLine{Name: cmp.Or(names[r.AccountID], channels.Kind(r.Channel).Name()), Count: r.People, Says: way(r)})
	}
	for _, r := range p.Skipped {
		c.Skipped = append(c.Skipped, Why{Reason: plain(r.Reason), Count: r.People, Says: r.Explanation})
	}
	slices.SortStableFunc(c.Skipped, func(a, b Why) int { return cmp.Compare(b.Count, a.Count) })
	for _, q := range p.Quotas {
		if q.Left != nil {
			c.Quotas = append(c.Quotas, fmt.Sprintf("%s: %s needed, %s left this month", names[q.AccountID], count(q.Needed), count(*q.Left)))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Variants)) {
		c.Variants = append(c.Variants, Why{Reason: plain(name), Count: p.Variants[name]})
	}
	c.Doubts = named(p.Doubts, names)
	c.Worst = worsts(p)
	return c, nil
}

// named are texts with the accounts' names in the place of their ids.
func named(texts []string, names map[string]string) []string {
	var ids []string
	for id, name := range names {
		ids = append(ids, id, name)
	}
	r := strings.NewReplacer(ids...)
	var out []string
	for _, text := range texts {
		out = append(out, r.Replace(text))
	}
	return out
}

func way(r broadcast.PreflightRoute) string {
	said := "by " + cmp.Or(r.Route, "what fits when it is sent")
	if r.Paid {
		said += ", paid by the message"
	}
	return said
}

const theEmptiest = "The emptiest"

func worsts(p *broadcast.Preflight) []worst {
	var out []worst
	for _, w := range [...]worst{
		{"Cannot be made", p.Failed, p.Failures},
		{"Over a limit of the platform", p.OverLimits, p.OverLimit},
		{"Shown otherwise than written", p.Degrades, p.Degraded},
		{"The longest", 0, p.Longest},
		{theEmptiest, 0, p.Emptiest},
	} {
		if w.Why == theEmptiest && len(w.List) > 0 && len(p.Longest) > 0 && w.List[0].Characters == p.Longest[0].Characters {
			continue // all are equally long, and there already
		}
		if len(w.List) > 0 {
			w.List = w.List[:min(len(w.List), maxFindings)]
			out = append(out, w)
		}
	}
	return out
}

// takes says how long sending takes at least.
func takes(seconds int64) string {
	switch d := time.Duration(seconds) * time.Second; {
	case seconds < 1:
		return "under a second"
	case seconds == 1:
		return "about a second"
	case d < time.Minute:
		return fmt.Sprintf("about %d seconds", seconds)
	case d < 2*time.Hour:
		return fmt.Sprintf("about %d minutes", int((d+time.Minute-1)/time.Minute))
	default:
		return fmt.Sprintf("about %d hours", int((d+time.Hour-1)/time.Hour))
	}
}

// cost is the sum of money in each currency, "" where no price is known.
func cost(p *broadcast.Preflight) string {
	said := money(p.Cost)
	if said != "" && p.Unpriced > 0 {
		said += fmt.Sprintf(", and %s messages without a price", count(p.Unpriced))
	}
	return said
}

// money writes amounts of several currencies, with their thousands apart.
func money(list []broadcast.PreflightCost) string {
	var said []string
	for _, c := range list {
		amount, code, _ := strings.Cut(broadcast.Cost(c).String(), " ")
		whole, part, broken := strings.Cut(amount, ".")
		n, _ := strconv.ParseInt(whole, 10, 64) // just written
		text := count(n)
		if broken {
			text += "." + part
		}
		said = append(said, text+" "+code)
	}
	return strings.Join(said, " and ")
}

// Ready reports whether exactly what was checked can be started.
func (c *check) Ready() bool { return c.PreparedID != "" && !c.Stale }
