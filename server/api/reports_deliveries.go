package api

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// Limits of a report.
const (
	usualReportDays = 7
	maxReportDays   = 92
	maxReportRows   = 5_000
)

// The keys of a report.
const (
	byDay      = "day"
	byChannel  = "channel"
	byCategory = "category"
	byBlock    = "block"
)

type deliveriesQuery struct {
	InBot
	From string   `query:"from" doc:"The first day, in the bot's zone, such as 2026-11-01; six days before the last when left out."`
	To   string   `query:"to" doc:"The last day; today when left out."`
	By   []string `query:"by" enum:"day,channel,category,block" maxItems:"4" doc:"What tells lines apart, with commas between; day, channel and category when left out."`
}

// deliveriesReport Counts a bot's deliveries over days.
type deliveriesReport struct {
	From     string            `json:"from" doc:"The first day."`
	To       string            `json:"to" doc:"The last day."`
	TimeZone string            `json:"time_zone" doc:"Whose days they are: the bot's."`
	By       []string          `json:"by"`
	Total    Counts            `json:"total"`
	Items    []reportLine      `json:"items" doc:"By day, and within a day the largest first."`
	Why      map[string]string `json:"explanations,omitempty" doc:"What the reasons and classes mean, and what to do."`
}

// Counts is how many deliveries there are, and what became of them.
type Counts struct {
	Count    int64                   `json:"count"`
	Statuses map[engine.Status]int64 `json:"statuses" doc:"They add up to count."`
	Reasons  map[string]int64        `json:"reasons,omitempty" doc:"Why deliveries were skipped or canceled."`
	Classes  map[string]int64        `json:"classes,omitempty" doc:"Of the last error of those that had one."`
	Routes   map[string]int64        `json:"routes,omitempty" doc:"How they went out."`
}

// reportLine is the deliveries that have their keys in common; a key that was
// not asked for is absent.
type reportLine struct {
	Day      string `json:"day,omitempty"`
	Channel  string `json:"channel,omitempty"`
	Category string `json:"category,omitempty" doc:"Absent also for those that have none."`
	BlockID  string `json:"block_id,omitempty" doc:"Absent also for messages instead of a block."`
	Block    string `json:"block,omitempty" doc:"Its name, while it is published."`
	Counts
}

func newCounts() Counts {
	return Counts{Statuses: map[engine.Status]int64{}, Reasons: map[string]int64{}, Classes: map[string]int64{}, Routes: map[string]int64{}}
}

func (c *Counts) add(r *engine.ReportRow) {
	c.Count += r.Count
	c.Statuses[r.Status] += r.Count
	for _, told := range []struct {
		name string
		of   map[string]int64
	}{{r.Reason, c.Reasons}, {r.Class, c.Classes}, {r.Route, c.Routes}} {
		if told.name != "" {
			told.of[told.name] += r.Count
		}
	}
}

func (a *API) deliveriesReport(ctx context.Context, in *deliveriesQuery) (*body[deliveriesReport], error) {
	days, err := a.reportDays(ctx, in.From, in.To)
	if err != nil {
		return nil, err
	}
	if len(in.By) == 0 {
		in.By = []string{byDay, byChannel, byCategory}
	}
	for i, key := range in.By {
		if slices.Contains(in.By[:i], key) {
			return nil, invalid("query.by", fmt.Sprintf("%q stands there twice", key))
		}
	}
	t := &tallier{by: in.By, lines: map[reportLineKey]*reportLine{}, total: newCounts()}
	if err := a.nameThings(ctx, t); err != nil {
		return nil, err
	}
	keys := engine.ReportKeys{Account: t.has(byChannel), Category: t.has(byCategory), Block: t.has(byBlock)}
	for i, day := range days[:len(days)-1] {
		rows, err := a.Store.CountDeliveries(ctx, botOf(ctx).ID, day, days[i+1], keys)
		if err != nil {
			return nil, err
		}
		t.day(day.Format(time.DateOnly), rows)
		if len(t.lines) > maxReportRows {
			return nil, invalid("query.by", fmt.Sprintf("the report would have more than %d lines: ask for fewer days, or by less", maxReportRows))
		}
	}
	last := days[len(days)-2]
	out := deliveriesReport{From: days[0].Format(time.DateOnly), To: last.Format(time.DateOnly), TimeZone: last.Location().String(), By: in.By,
		Total: t.total, Items: t.sorted(), Why: t.explained()}
	return answer(out, nil)
}

// reportDays are the beginnings of the days that are asked for, and of the one
// after them, in the bot's zone.
func (a *API) reportDays(ctx context.Context, from, to string) ([]time.Time, error) {
	zone := zoneOf(botOf(ctx))
	last, err := readDay("query.to", to, zone, a.Now())
	if err != nil {
		return nil, err
	}
	first, err := readDay("query.from", from, zone, last.AddDate(0, 0, 1-usualReportDays))
	if err != nil {
		return nil, err
	}
	if first.After(last) {
		return nil, invalid("query.from", "the first day comes after the last")
	}
	var days []time.Time
	for day := first; !day.After(last); day = time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, zone) {
		if len(days) == maxReportDays {
			return nil, invalid("query.from", fmt.Sprintf("a report covers %d days at most", maxReportDays))
		}
		days = append(days, day)
	}
	return append(days, time.Date(last.Year(), last.Month(), last.Day()+1, 0, 0, 0, 0, zone)), nil
}

// readDay is when a day begins; the day of usual when none is given.
func readDay(field, text string, zone *time.Location, usual time.Time) (time.Time, error) {
	if text == "" {
		y, m, d := usual.In(zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, zone), nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		return day, invalid(field, "write a day such as 2026-11-01")
	}
	return day, nil
}

// zoneOf is a bot's time zone.
func zoneOf(b *engine.Bot) *time.Location {
	zone, err := time.LoadLocation(b.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// nameThings reads what the ids of the rows are called.
func (a *API) nameThings(ctx context.Context, t *tallier) error {
	bot := botOf(ctx)
	if t.has(byChannel) {
		accounts, err := a.Store.Accounts(ctx, bot.ID)
		if err != nil {
			return err
		}
		t.channels = map[string]string{}
		for _, v := range accounts {
			t.channels[v.ID] = v.Channel
		}
	}
	if t.has(byBlock) {
		all, err := a.Store.ListBlocks(ctx, bot.ID)
		if err != nil {
			return err
		}
		t.blocks = map[string]string{}
		for _, b := range all {
			t.blocks[b.ID] = b.Name
		}
	}
	return nil
}

// tallier adds rows of the ledger up to lines.
type tallier struct {
	by       []string
	channels map[string]string // by account
	blocks   map[string]string // names by id
	lines    map[reportLineKey]*reportLine
	total    Counts
}

type reportLineKey struct{ day, channel, category, block string }

func (t *tallier) has(key string) bool { return slices.Contains(t.by, key) }

// day adds the rows of a day.
func (t *tallier) day(day string, rows []engine.ReportRow) {
	for i := range rows {
		r := &rows[i]
		key := reportLineKey{channel: t.channels[r.AccountID], category: r.Category, block: r.BlockID}
		if t.has(byDay) {
			key.day = day
		}
		line := t.lines[key]
		if line == nil {
			line = &reportLine{Day: key.day, Channel: key.channel, Category: key.category, BlockID: key.block, Block: t.blocks[key.block], Counts: newCounts()}
			t.lines[key] = line
		}
		line.add(r)
		t.total.add(r)
	}
}

func (t *tallier) sorted() []reportLine {
	out := make([]reportLine, 0, len(t.lines))
	for _, line := range t.lines {
		out = append(out, *line)
	}
	slices.SortFunc(out, func(a, b reportLine) int {
		return cmp.Or(strings.Compare(a.Day, b.Day), cmp.Compare(b.Count, a.Count), strings.Compare(a.Channel, b.Channel),
			strings.Compare(a.Category, b.Category), strings.Compare(a.BlockID, b.BlockID))
	})
	return out
}

// explained says what the reasons and classes mean.
func (t *tallier) explained() map[string]string {
	out := map[string]string{}
	for _, names := range []map[string]int64{t.total.Reasons, t.total.Classes} {
		for name := range names {
			if text := explained(name); text != "" {
				out[name] = text
			}
		}
	}
	return out
}
