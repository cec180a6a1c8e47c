package app

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

type broadcastsReport struct {
	broadcastArgument `embed:""`
	Of                string `name:"run" placeholder:"ID" help:"One of its runs. Default: the newest."`
}

type figureView struct {
	Count int64   `json:"count"`
	Of    int64   `json:"of"`
	Rate  float64 `json:"rate"`
}

func (f *figureView) text() string {
	if f == nil {
		return "not known"
	}
	if f.Of == 0 {
		return strconv.FormatInt(f.Count, 10)
	}
	return fmt.Sprintf("%d of %d (%.1f%%)", f.Count, f.Of, 100*f.Rate)
}

type reasonView struct {
	Reason string `json:"reason"`
	Count  int64  `json:"count"`
	Fix    string `json:"fix"`
	Retry  bool   `json:"retry"`
}

type figuresView struct {
	Audience     int64                 `json:"audience"`
	Statuses     map[string]int64      `json:"statuses"`
	Accepted     *figureView           `json:"accepted"`
	Delivered    *figureView           `json:"delivered"`
	Read         *figureView           `json:"read"`
	Clicked      *figureView           `json:"clicked"`
	Taps         int64                 `json:"taps"`
	Replied      map[string]figureView `json:"replied"`
	Unsubscribed *figureView           `json:"unsubscribed"`
	Blocked      *figureView           `json:"blocked"`
	Failed       []reasonView          `json:"failed"`
	Unknown      int64                 `json:"unknown"`
	Skipped      []reasonView          `json:"skipped"`
	Cost         *amountView           `json:"cost"`
}

func (f *figuresView) sum(states ...string) int64 {
	n := int64(0)
	for _, s := range states {
		n += f.Statuses[s]
	}
	return n
}

type broadcastReportView struct {
	Subject  string      `json:"subject"`
	Age      float64     `json:"age_seconds"`
	Sum      string      `json:"sum"`
	Run      *runView    `json:"run"`
	Total    figuresView `json:"total"`
	Variants []struct {
		Name string `json:"name"`
		figuresView
	} `json:"variants"`
	Clicks []struct {
		Message int    `json:"message"`
		Card    int    `json:"card"`
		Button  int    `json:"button"`
		Title   string `json:"title"`
		People  *int64 `json:"people"`
		Taps    int64  `json:"taps"`
	} `json:"clicks"`
	FollowUps *struct {
		Count    int64            `json:"count"`
		Statuses map[string]int64 `json:"statuses"`
	} `json:"follow_ups"`
	Notes []string `json:"notes"`
}

func (c *broadcastsReport) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		path := s.path("broadcasts", c.Broadcast, "report")
		if c.Of != "" {
			path += "?" + url.Values{"run": {c.Of}}.Encode()
		}
		raw, err := s.get(ctx, path)
		v, err := decode[broadcastReportView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return v.print(s.session) })
	})
}

// print shows a report to people: the sum first, then the figures, then why.
func (v *broadcastReportView) print(s *session) error {
	head := v.Subject + ": it has not begun"
	if v.Run != nil {
		head = fmt.Sprintf("%s, started %s: %s%s", v.Subject, cmp.Or(s.when(v.Run.StartedAt), "not yet"), v.Run.State, because(v.Run.Reason))
	}
	if v.Age >= 1 {
		head += fmt.Sprintf(" (counted %s ago)", time.Duration(v.Age*float64(time.Second)).Round(time.Second))
	}
	if err := s.line("%s\n%s\n", head, v.Sum); err != nil {
		return err
	}
	if err := v.figures().write(s.p.Out); err != nil {
		return err
	}
	if err := v.why(s); err != nil {
		return err
	}
	if len(v.Clicks) > 0 {
		t := newTable("MESSAGE", "CARD", "BUTTON", "TAPS", "PEOPLE", "TITLE")
		for _, c := range v.Clicks {
			people := "not known"
			if c.People != nil {
				people = strconv.FormatInt(*c.People, 10)
			}
			t.add(strconv.Itoa(c.Message), strconv.Itoa(c.Card), strconv.Itoa(c.Button), strconv.FormatInt(c.Taps, 10), people, c.Title)
		}
		if err := s.line(""); err != nil {
			return err
		}
		if err := t.write(s.p.Out); err != nil {
			return err
		}
	}
	if v.FollowUps != nil {
		if err := s.line("\nfollow-ups, which are no part of the sum: %d (%s)", v.FollowUps.Count, withNumbers(v.FollowUps.Statuses)); err != nil {
			return err
		}
	}
	for _, n := range v.Notes {
		if err := s.line("\nnote: %s", n); err != nil {
			return err
		}
	}
	return nil
}

// figures are a table with a column for all, and one for each variant.
func (v *broadcastReportView) figures() *table {
	header, columns := []string{"WHAT", "ALL"}, []*figuresView{&v.Total}
	for i := range v.Variants {
		header, columns = append(header, v.Variants[i].Name), append(columns, &v.Variants[i].figuresView)
	}
	t := newTable(header...)
	row := func(what string, of func(f *figuresView) string) {
		cells := []string{what}
		for _, f := range columns {
			cells = append(cells, of(f))
		}
		t.add(cells...)
	}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	row("audience", func(f *figuresView) string { return number(f.Audience) })
	row("accepted", func(f *figuresView) string { return f.Accepted.text() })
	row("delivered", func(f *figuresView) string { return f.Delivered.text() })
	row("read", func(f *figuresView) string { return f.Read.text() })
	row("clicked", func(f *figuresView) string { return f.Clicked.text() })
	for _, hours := range []string{"12h", "24h", "48h"} {
		row("replied within "+hours, func(f *figuresView) string {
			r := f.Replied[hours]
			return r.text()
		})
	}
	row("unsubscribed within 24h", func(f *figuresView) string { return f.Unsubscribed.text() })
	row("left within 24h", func(f *figuresView) string { return f.Blocked.text() })
	row("failed", func(f *figuresView) string { return number(f.sum("failed")) })
	row("skipped or canceled", func(f *figuresView) string { return number(f.sum("skipped", "canceled")) })
	row("nobody knows", func(f *figuresView) string { return number(f.Unknown) })
	row("still open", func(f *figuresView) string { return number(f.sum("held", "queued", "sending")) })
	row("cost", func(f *figuresView) string {
		if f.Cost == nil {
			return "not known"
		}
		return f.Cost.String()
	})
	return t
}

// why says what failed and what was skipped, with what to do.
func (v *broadcastReportView) why(s *session) error {
	if len(v.Total.Failed)+len(v.Total.Skipped) == 0 {
		return nil
	}
	t := newTable("WHY", "COUNT", "RETRY", "WHAT TO DO")
	add := func(kind string, list []reasonView) {
		for _, r := range list {
			again := ""
			if r.Retry {
				again = "yes"
			}
			t.add(kind+": "+r.Reason, strconv.FormatInt(r.Count, 10), again, r.Fix)
		}
	}
	add("failed", v.Total.Failed)
	add("skipped", v.Total.Skipped)
	if err := s.line(""); err != nil {
		return err
	}
	return t.write(s.p.Out)
}

type broadcastsRecipients struct {
	broadcastArgument `embed:""`
	Outcome           string `enum:"all,accepted,delivered,read,clicked,replied,failed,unknown,skipped,canceled,open,unsubscribed,blocked,not_reached,not_clicked" default:"all" help:"Only these: ${enum}."`
	Reason            string `help:"Only those skipped for this reason, or whose failure is of this class."`
	Variant           string `help:"Only those of this variant."`
	Of                string `name:"run" placeholder:"ID" help:"One of its runs. Default: the newest."`
	CSV               bool   `name:"csv" help:"All of them as CSV."`
	Limit             int    `default:"50" help:"How many at most; --csv prints all."`
}

type recipientView struct {
	ContactID int64      `json:"contact_id"`
	Name      string     `json:"name"`
	Phone     string     `json:"phone"`
	Status    string     `json:"status"`
	Reason    string     `json:"reason"`
	Class     string     `json:"class"`
	Error     string     `json:"error"`
	SentAt    *time.Time `json:"sent_at"`
	ClickedAt *time.Time `json:"clicked_at"`
	RepliedAt *time.Time `json:"replied_at"`
}

func (c *broadcastsRecipients) Run(ctx context.Context, p *Process, s *settings) error {
	if c.Limit < 1 || c.Limit > maxItems {
		return exitWith(exitUsage, "--limit must be between 1 and %d", maxItems)
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		if c.Outcome == "all" {
			c.Outcome = ""
		}
		q := url.Values{}
		for name, v := range map[string]string{"outcome": c.Outcome, "reason": c.Reason, "variant": c.Variant, "run": c.Of} {
			if v != "" {
				q.Set(name, v)
			}
		}
		if c.CSV {
			_, err := s.save(ctx, s.path("broadcasts", c.Broadcast, "recipients", "export")+"?"+q.Encode(), s.p.Out)
			return err
		}
		path := s.path("broadcasts", c.Broadcast, "recipients")
		if len(q) > 0 {
			path += "?" + q.Encode()
		}
		t := newTable("CONTACT", "NAME", "PHONE", "STATUS", "SENT", "CLICKED", "REPLIED", "WHY")
		return showList(ctx, s.session, path, c.Limit, t, func(r recipientView) []string {
			why := r.Reason
			if r.Class != "" {
				why = r.Class + because(r.Error)
			}
			return []string{strconv.FormatInt(r.ContactID, 10), r.Name, r.Phone, r.Status, s.when(r.SentAt), s.when(r.ClickedAt), s.when(r.RepliedAt), why}
		})
	})
}
