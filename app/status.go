package app

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// statusCommand shows the whole instance on one screen.
type statusCommand struct {
	connection `embed:""`
}

// statusView is /v1/status as far as it is shown.
type statusView struct {
	Version  string      `json:"version"`
	Now      time.Time   `json:"now"`
	Paused   []pauseView `json:"paused"`
	Accounts []struct {
		BotName string `json:"bot_name"`
		ID      string `json:"id"`
		Channel string `json:"channel"`
		Name    string `json:"name"`
		State   string `json:"state"`
		Reason  string `json:"reason"`
	} `json:"accounts"`
	Counts []struct {
		Channel, State string
		Count          int64
	} `json:"account_counts"`
	Ledger struct {
		Open, Recent map[string]int64
		OldestDue    time.Time `json:"oldest_due"`
		Receipts     int64
	} `json:"ledger"`
	Inbox struct {
		Open   int64
		Oldest time.Time
		Poison int64
	} `json:"inbox"`
	Errors []struct {
		At      time.Time
		BotName string `json:"bot_name"`
		What    string
		ID      int64
		Class   string
		Text    string
	} `json:"errors"`
	Running []struct {
		ID, Role, Version string
		StartedAt         time.Time `json:"started_at"`
		SeenAt            time.Time `json:"seen_at"`
		ClockMS           float64   `json:"clock_ms"`
	} `json:"processes"`
}

// ledgerStates is the order in which states are shown.
var ledgerStates = [...]string{"held", "queued", "sending", "unknown", "sent", "delivered", "read", "failed", "skipped", "canceled"}

func (c *statusCommand) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *session) error {
		raw, err := s.get(ctx, "/v1/status")
		v, err := decode[statusView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.status(&v) })
	})
}

// status prints what somebody who was woken up wants to know, the worst first.
func (s *session) status(v *statusView) error {
	for _, p := range v.Paused {
		if err := s.line("PAUSED: %s, %s, by %s: %s", pausedWhat(p), ago(v.Now, p.Since), p.Actor, oneLine(p.Reason)); err != nil {
			return err
		}
	}
	for _, write := range []func(*statusView) error{s.underWay, s.silentAccounts, s.troubles, s.running} {
		if err := write(v); err != nil {
			return err
		}
	}
	return nil
}

// underWay is the table of what is under way.
func (s *session) underWay(v *statusView) error {
	t := newTable("WHAT", "HOW")
	t.add("version", v.Version)
	var accounts []string
	for _, c := range v.Counts {
		accounts = append(accounts, fmt.Sprintf("%d %s %s", c.Count, c.Channel, c.State))
	}
	t.add("accounts", orNone(accounts))
	t.add("to be sent", counts(v.Ledger.Open)+since(", the oldest due ", v.Now, v.Ledger.OldestDue))
	t.add("newest deliveries", counts(v.Ledger.Recent))
	t.add("to be answered", strconv.FormatInt(v.Inbox.Open, 10)+since(", the oldest from ", v.Now, v.Inbox.Oldest))
	t.add("receipts waiting", strconv.FormatInt(v.Ledger.Receipts, 10))
	if v.Inbox.Poison > 0 {
		t.add("unreadable events", fmt.Sprintf("%d in the last day", v.Inbox.Poison))
	}
	if n := v.Ledger.Recent["unknown"]; n > 0 {
		t.add("", fmt.Sprintf("%s of unknown outcome; look on the platform, then: blockcast sends settle-all --help", counted(int(n), "send")))
	}
	return t.write(s.p.Out)
}

func (s *session) silentAccounts(v *statusView) error {
	if len(v.Accounts) == 0 {
		return nil
	}
	t := newTable("SILENT ACCOUNT", "BOT", "CHANNEL", "NAME", "STATE", "WHY")
	for _, a := range v.Accounts {
		t.add(a.ID, a.BotName, a.Channel, a.Name, a.State, a.Reason)
	}
	return s.chapter(t)
}

func (s *session) troubles(v *statusView) error {
	if len(v.Errors) == 0 {
		return nil
	}
	t := newTable("LAST ERRORS", "BOT", "WHAT", "CLASS", "TEXT")
	for _, e := range v.Errors {
		t.add(s.moment(e.At), e.BotName, e.What+" "+strconv.FormatInt(e.ID, 10), e.Class, e.Text)
	}
	return s.chapter(t)
}

func (s *session) running(v *statusView) error {
	t := newTable("PROCESS", "ROLE", "VERSION", "SINCE", "SEEN", "CLOCK")
	for _, p := range v.Running {
		t.add(p.ID, p.Role, p.Version, s.moment(p.StartedAt), ago(v.Now, p.SeenAt), fmt.Sprintf("%+.1f ms", p.ClockMS))
	}
	if len(v.Running) == 0 {
		t.add("(none: nothing is sent or answered until one runs)")
		return s.chapter(t)
	}
	if err := s.chapter(t); err != nil || v.works() {
		return err
	}
	return s.line("NO WORKER RUNS: what comes in is kept, and nothing is sent or answered until one does: blockcast work")
}

// works reports whether a process is there that sends and answers.
func (v *statusView) works() bool {
	for _, p := range v.Running {
		if p.Role != roleServeOnly {
			return true
		}
	}
	return false
}

// chapter prints a table under an empty line.
func (s *session) chapter(t *table) error {
	if err := s.line(""); err != nil {
		return err
	}
	return t.write(s.p.Out)
}

// counts is how many there are of each state, in the ledger's order.
func counts(of map[string]int64) string {
	var list []string
	for _, state := range ledgerStates {
		if n := of[state]; n > 0 {
			list = append(list, fmt.Sprintf("%d %s", n, state))
		}
	}
	return orNone(list)
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

// since says how long ago something was, after a few words; "" for never.
func since(words string, now, then time.Time) string {
	if then.IsZero() {
		return ""
	}
	return words + ago(now, then)
}

// ago is a span for people.
func ago(now, then time.Time) string {
	d := now.Sub(then)
	switch {
	case d < time.Second:
		return "just now"
	case d < time.Minute:
		return d.Truncate(time.Second).String() + " ago"
	case d < 48*time.Hour:
		return strings.TrimSuffix(d.Truncate(time.Minute).String(), "0s") + " ago"
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}
