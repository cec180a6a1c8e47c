package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// news is what the instance says of its broadcast.
type news struct {
	state, reason string
	closed        bool
	open          int            // ranges that are not worked off, or held
	audience      int            // by the report
	statuses      map[string]int // by the report
}

// reported fetches the report of the broadcast, while there is somebody to ask.
func (w *world) reported(ctx context.Context) (*news, error) {
	if w.broadcast == "" {
		return nil, nil
	}
	out, err := w.cli(ctx, "broadcasts", "report", w.broadcast, "--json")
	if err != nil {
		return nil, err
	}
	var report struct {
		Total struct {
			Audience int
			Statuses map[string]int
		}
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		return nil, fmt.Errorf("the report is %.300s: %w", out, err)
	}
	return &news{audience: report.Total.Audience, statuses: report.Total.Statuses}, nil
}

// read adds how the run has ended.
func (n *news) read(ctx context.Context, db *database) error {
	runs := 0
	err := db.each(ctx, `SELECT r.state, r.reason, r.closed_at IS NOT NULL,
			(SELECT COUNT(*) FROM run_ranges g WHERE g.run_id = r.id AND (g.done_at IS NULL OR g.lease_until IS NOT NULL)) FROM broadcast_runs r`, func(rows *sql.Rows) error {
		runs++
		return rows.Scan(&n.state, &n.reason, &n.closed, &n.open)
	})
	if err == nil && runs != 1 {
		err = fmt.Errorf("the broadcast was started once and has %d runs", runs)
	}
	return err
}

// echo is what one person got of the broadcast.
type echo struct {
	times int
	said  []string // forAll, or a code
	by    []string
}

// hearNews counts what the platforms have taken of the broadcast, a multicast
// once for each person it was for.
func hearNews(calls []sandbox.Call) map[addressee]*echo {
	h := map[addressee]*echo{}
	for _, c := range calls {
		for _, m := range c.Messages {
			found := newsForm.FindSubmatch(m) // a message may say it twice, for old phones too
			if found == nil {
				continue
			}
			for _, to := range c.To {
				at := addressee{string(c.Channel), to}
				e := h[at]
				if e == nil {
					e = &echo{}
					h[at] = e
				}
				e.times++
				e.said = append(e.said, string(found[1]))
				e.by = append(e.by, string(c.Endpoint))
			}
		}
	}
	return h
}

// broadcast holds that everybody has one row in the ledger, that the sum of the
// outcomes is the audience, that each got what their row says, their own words
// or those for all, and nobody anything twice.
func (a *audit) broadcast() {
	n := a.ledger.news
	if n == nil {
		return
	}
	if n.state != "finished" || !n.closed {
		a.bad("the broadcast is %s (closed: %t): %s", n.state, n.closed, n.reason)
	}
	if n.open > 0 {
		a.bad("%d ranges of the broadcast are not worked off, or somebody holds them", n.open)
	}
	rows, statuses := map[addressee]int{}, tally{}
	for _, d := range a.ledger.deliveries {
		if d.runID == "" {
			continue
		}
		at := addressee{d.channel, d.person}
		rows[at]++
		statuses[d.status]++
		a.told(d, a.echoes[at])
	}
	for at := range a.codes {
		if rows[at] != 1 {
			a.bad("%s on %s has %d rows of the broadcast", at.person, at.channel, rows[at])
		}
	}
	for at, e := range a.echoes {
		if rows[at] == 0 {
			a.bad("%s on %s got the broadcast (%v) and has no row", at.person, at.channel, e.by)
		}
	}
	a.sums(n, statuses)
}

// told holds that the person of a row got what it says.
func (a *audit) told(d *delivery, e *echo) {
	if e == nil {
		e = &echo{}
	}
	if least, most := expected(d, 0); e.times < least || e.times > most {
		a.bad("the broadcast reached its person %d times, by %v: %v", e.times, e.by, d)
	}
	want := forAll
	if d.variant == forEach {
		want = a.codes[addressee{d.channel, d.person}]
	}
	for _, said := range e.said {
		if said != want {
			a.bad("the person was told %q instead of %q: %v", said, want, d)
		}
	}
}

// open are states of which a finished run has no row.
var open = [...]string{"held", "queued", "sending"}

// sums holds that the outcomes add up to the audience, and that the report says
// the same as the rows. Receipts may have come after it.
func (a *audit) sums(n *news, statuses tally) {
	sum, reported := 0, 0
	for status, count := range statuses {
		sum += count
		if status != "sent" && status != "delivered" && status != "read" && n.statuses[status] != count {
			a.bad("%d rows of the broadcast are %s, and the report says %d", count, status, n.statuses[status])
		}
	}
	for _, count := range n.statuses {
		reported += count
	}
	for _, status := range open {
		if statuses[status] > 0 {
			a.bad("the broadcast is finished, and %d rows of it are %s", statuses[status], status)
		}
	}
	if want := len(a.codes); sum != want || reported != want || n.audience != want {
		a.bad("the broadcast went to %d people; the ledger has %d rows, the report adds up to %d and names an audience of %d", want, sum, reported, n.audience)
	}
}

// mixed holds that both ways of sending to many were used: else the run has
// shown less than it is there for.
func (a *audit) mixed(c sandbox.Counts) {
	if a.ledger.news == nil {
		return
	}
	for _, e := range []sandbox.Endpoint{sandbox.LINEPush, sandbox.LINEMulticast, sandbox.MessengerSend} {
		if c.Accepted[e] == 0 {
			a.bad("nothing went out by %s", e)
		}
	}
}

// asNews fills in what became of the broadcast.
func (r *report) asNews(a *audit) {
	if a.ledger.news == nil {
		return
	}
	outcomes, ways := tally{}, tally{}
	for _, d := range a.ledger.deliveries {
		if d.runID != "" {
			outcomes[d.status]++
		}
	}
	for at, e := range a.echoes {
		for _, by := range e.by {
			ways[at.channel+" "+by]++
		}
	}
	r.add("broadcast", "to %d people: %v", len(a.codes), outcomes)
	r.add("people got it by", "%v", ways)
}
