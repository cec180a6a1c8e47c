package app

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/blockcast/blockcast/server/sheet"
)

// reportsCommands count what was sent.
type reportsCommands struct {
	Deliveries reportsDeliveries `cmd:"" help:"Count deliveries by day, channel, category or block, with what became of them and why."`
}

type reportsDeliveries struct {
	botConnection `embed:""`
	From          string   `placeholder:"DAY" help:"The first day, in the bot's time zone, as in 2026-11-01. Default: six days before the last."`
	To            string   `placeholder:"DAY" help:"The last day. Default: today."`
	By            []string `default:"day,channel,category" enum:"day,channel,category,block" help:"What tells lines apart: ${enum}."`
	CSV           bool     `name:"csv" help:"Print it as CSV, with a column for every state."`
}

// countsView is how many deliveries there are and what became of them.
type countsView struct {
	Count    int64            `json:"count"`
	Statuses map[string]int64 `json:"statuses"`
	Reasons  map[string]int64 `json:"reasons"`
	Classes  map[string]int64 `json:"classes"`
	Routes   map[string]int64 `json:"routes"`
}

// why are the reasons and classes, the most frequent first.
func (c *countsView) why() string {
	all := maps.Clone(c.Reasons)
	if all == nil {
		all = map[string]int64{}
	}
	for name, n := range c.Classes {
		all[name] += n
	}
	return withNumbers(all)
}

// withNumbers lists names with their numbers, the largest first.
func withNumbers(all map[string]int64) string {
	names := slices.Sorted(maps.Keys(all))
	slices.SortStableFunc(names, func(a, b string) int { return int(all[b] - all[a]) })
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", name, all[name])
	}
	return strings.Join(names, ", ")
}

type deliveriesReportView struct {
	From     string     `json:"from"`
	To       string     `json:"to"`
	TimeZone string     `json:"time_zone"`
	By       []string   `json:"by"`
	Total    countsView `json:"total"`
	Items    []struct {
		Day      string `json:"day"`
		Channel  string `json:"channel"`
		Category string `json:"category"`
		BlockID  string `json:"block_id"`
		Block    string `json:"block"`
		countsView
	} `json:"items"`
	Why map[string]string `json:"explanations"`
}

func (c *reportsDeliveries) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		q := url.Values{"by": {strings.Join(c.By, ",")}}
		for name, day := range map[string]string{"from": c.From, "to": c.To} {
			if day != "" {
				q.Set(name, day)
			}
		}
		raw, err := s.get(ctx, s.path("reports", "deliveries")+"?"+q.Encode())
		if err != nil {
			return err
		}
		v, err := decode[deliveriesReportView](json.RawMessage(raw), nil)
		if err != nil {
			return err
		}
		if c.CSV {
			return v.csv(s.session)
		}
		return s.show(raw, func() error { return v.table(s.session) })
	})
}

// keys are the cells of a line that tell it apart.
func (v *deliveriesReportView) keys(line int) []string {
	i := &v.Items[line]
	var out []string
	for _, key := range v.By {
		switch key {
		case "day":
			out = append(out, i.Day)
		case "channel":
			out = append(out, i.Channel)
		case "category":
			out = append(out, i.Category)
		case "block":
			name := i.Block
			if name == "" {
				name = i.BlockID
			}
			out = append(out, name)
		}
	}
	return out
}

// reportStates are the states, as the columns of a CSV have them.
var reportStates = [...]string{"held", "queued", "sending", "unknown", "sent", "delivered", "read", "failed", "skipped", "canceled"}

// table prints the report for people: what is still to come counts as open, and
// what arrived is what went out.
func (v *deliveriesReportView) table(s *session) error {
	var header []string
	for _, key := range v.By {
		header = append(header, strings.ToUpper(key))
	}
	t := newTable(append(header, "COUNT", "WENT OUT", "READ", "FAILED", "NOT SENT", "UNKNOWN", "OPEN", "WHY")...)
	row := func(keys []string, c *countsView) {
		sum := func(states ...string) string {
			n := int64(0)
			for _, s := range states {
				n += c.Statuses[s]
			}
			return strconv.FormatInt(n, 10)
		}
		t.add(append(keys, strconv.FormatInt(c.Count, 10), sum("sent", "delivered", "read"), sum("read"), sum("failed"),
			sum("skipped", "canceled"), sum("unknown"), sum("held", "queued", "sending"), c.why())...)
	}
	for i := range v.Items {
		row(v.keys(i), &v.Items[i].countsView)
	}
	if len(v.Items) > 1 {
		row(append([]string{"all"}, make([]string, len(v.By)-1)...), &v.Total)
	}
	if err := t.write(s.p.Out); err != nil {
		return err
	}
	if err := s.line("%s to %s, days of %s", v.From, v.To, v.TimeZone); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(v.Why)) {
		if err := s.line("%s: %s", name, v.Why[name]); err != nil {
			return err
		}
	}
	return nil
}

// csv prints the report for other programs.
func (v *deliveriesReportView) csv(s *session) error {
	w := sheet.NewWriter(s.p.Out)
	header := append(slices.Clone(v.By), "count")
	header = append(append(header, reportStates[:]...), "reasons", "classes", "routes")
	if err := w.Write(header); err != nil {
		return err
	}
	for i := range v.Items {
		c := &v.Items[i].countsView
		row := append(v.keys(i), strconv.FormatInt(c.Count, 10))
		for _, state := range reportStates {
			row = append(row, strconv.FormatInt(c.Statuses[state], 10))
		}
		if err := w.Write(append(row, withNumbers(c.Reasons), withNumbers(c.Classes), withNumbers(c.Routes))); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
