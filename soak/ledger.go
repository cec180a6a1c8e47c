package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// ledger is what the instance has kept of a run.
type ledger struct {
	deliveries   []*delivery
	interactions []*interaction
	sends        map[string]string // source by id
	postings     []*posting
	news         *news // of the broadcast; nil: there was none
	poison       int
	held         []string // contacts and rows that somebody holds, tickers' locks
	left         []string // what is still planned
	accounts     []string // that are not active
}

// delivery is a row of the ledger.
type delivery struct {
	id, interactionID, originID int64
	sendID                      string
	runID, variant              string // of a row of the broadcast
	seq                         int
	channel, person             string
	status, reason, class, err  string
	route                       string
	messagesSent                int
	marks                       []string // of its messages, in their order
	tells                       []string // marks of what webhooks are told
	open, leased                bool
	attempts, unanswered        int // calls, and those whose answer was lost or never written down
	routes                      string
}

func (d *delivery) String() string {
	return fmt.Sprintf("delivery %d (%s, %s, seq %d, %v: %s by %q, reason %q, class %q, %q, %d sent, calls %s)",
		d.id, d.channel, d.person, d.seq, d.marks, d.status, d.route, d.reason, d.class, d.err, d.messagesSent, d.routes)
}

// interaction is a row of what people did.
type interaction struct {
	id             int64
	mark           string // what they wrote
	attempt        int
	answered       bool
	outcome, error string
}

// markForm finds the marks in what is said.
var markForm = regexp.MustCompile(`\[([a-z]+[0-9]+\.[0-9])\]`)

func marksIn(text string) []string {
	var out []string
	for _, found := range markForm.FindAllStringSubmatch(text, -1) {
		out = append(out, found[1])
	}
	return out
}

// tellsForm finds what the flow tells webhooks of, with the turn that says it.
var tellsForm = regexp.MustCompile(`(?:read it|has arrived) \[([a-z]+[0-9]+)\.1\]`)

func toldIn(text string) []string {
	var out []string
	for _, found := range tellsForm.FindAllStringSubmatch(text, -1) {
		out = append(out, found[1])
	}
	return out
}

// read reads what a run has left.
func (w *world) read(ctx context.Context) (*ledger, error) {
	l := &ledger{sends: map[string]string{}}
	for _, read := range []func(context.Context, *database) error{l.readDeliveries, l.readAttempts, l.readInteractions, l.readSends, l.readPostings, l.readRest} {
		if err := read(ctx, w.database); err != nil {
			return nil, fmt.Errorf("read the ledger: %w", err)
		}
	}
	return l, nil
}

// each hands every row of a query to scan.
func (d *database) each(ctx context.Context, query string, scan func(*sql.Rows) error) error {
	rows, err := d.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (l *ledger) readDeliveries(ctx context.Context, db *database) error {
	return db.each(ctx, `SELECT d.id, d.interaction_id, d.origin_id, d.send_id, d.run_id, d.variant, d.seq, a.channel, i.external_id, d.status, d.reason, d.class, d.error, d.route,
			d.messages_sent, d.closed_at IS NULL, d.lease_until IS NOT NULL, COALESCE(CAST(r.messages AS text), '')
		FROM deliveries d JOIN accounts a ON a.id = d.account_id JOIN identities i ON i.id = d.identity_id LEFT JOIN renders r ON r.id = d.render_id
		ORDER BY d.id`, func(rows *sql.Rows) error {
		d := &delivery{}
		var said string
		err := rows.Scan(&d.id, &d.interactionID, &d.originID, &d.sendID, &d.runID, &d.variant, &d.seq, &d.channel, &d.person, &d.status, &d.reason, &d.class, &d.err, &d.route,
			&d.messagesSent, &d.open, &d.leased, &said)
		d.marks, d.tells = marksIn(said), toldIn(said)
		l.deliveries = append(l.deliveries, d)
		return err
	})
}

// readAttempts reads the calls: those that were written down, and those that their
// rows tell of.
func (l *ledger) readAttempts(ctx context.Context, db *database) error {
	byID := map[int64]*delivery{}
	for _, d := range l.deliveries {
		byID[d.id] = d
	}
	return db.each(ctx, `SELECT delivery_id, route, outcome, under FROM (
			SELECT n, delivery_id, route, outcome, ended_at IS NULL AS under FROM attempts
			UNION ALL SELECT 9223372036854775807, id, route, CASE WHEN sent_at IS NULL THEN 'lost' ELSE 'sent' END, false FROM deliveries WHERE called_at IS NOT NULL) o ORDER BY n`, func(rows *sql.Rows) error {
		var id int64
		var route, outcome string
		var under bool
		if err := rows.Scan(&id, &route, &outcome, &under); err != nil {
			return err
		}
		d := byID[id]
		if d == nil {
			return fmt.Errorf("an attempt of delivery %d, which is not there", id)
		}
		d.attempts++
		if under {
			outcome = "?"
		}
		d.routes += route + ":" + outcome + " "
		if under || outcome == "lost" {
			d.unanswered++
		}
		return nil
	})
}

func (l *ledger) readInteractions(ctx context.Context, db *database) error {
	return db.each(ctx, `SELECT id, CAST(payload AS text), attempt, answered_at IS NOT NULL, outcome, error FROM interactions ORDER BY id`, func(rows *sql.Rows) error {
		i := &interaction{}
		var payload string
		if err := rows.Scan(&i.id, &payload, &i.attempt, &i.answered, &i.outcome, &i.error); err != nil {
			return err
		}
		var said struct{ Input struct{ Text string } }
		err := json.Unmarshal([]byte(payload), &said)
		i.mark = said.Input.Text
		l.interactions = append(l.interactions, i)
		return err
	})
}

func (l *ledger) readSends(ctx context.Context, db *database) error {
	return db.each(ctx, `SELECT id, source FROM sends`, func(rows *sql.Rows) error {
		var id, source string
		if err := rows.Scan(&id, &source); err != nil {
			return err
		}
		l.sends[id] = source
		return nil
	})
}

// readRest reads what should not be there.
func (l *ledger) readRest(ctx context.Context, db *database) (err error) {
	if l.poison, err = db.count(ctx, `SELECT COUNT(*) FROM poison`); err != nil {
		return err
	}
	for _, q := range []struct {
		list  *[]string
		query string
	}{
		{&l.held, `SELECT 'contact ' || contact_id || ' by ' || owner FROM contact_leases WHERE owner <> ''`},
		{&l.held, `SELECT 'ticker ' || name || ' by ' || owner FROM locks`},
		{&l.left, `SELECT 'timer ' || id || ' of identity ' || identity_id || ', ' || key FROM timers`},
		{&l.left, `SELECT 'pause of identity ' || identity_id FROM sessions WHERE resume_at IS NOT NULL`},
		{&l.accounts, `SELECT channel || ' is ' || state || ': ' || reason FROM accounts WHERE state <> 'active'`},
	} {
		err := db.each(ctx, q.query, func(rows *sql.Rows) error {
			var text string
			if err := rows.Scan(&text); err != nil {
				return err
			}
			*q.list = append(*q.list, text)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// heard is what people got: how often each mark reached whom.
type heard map[string]*receipt

type receipt struct {
	channel string
	times   int
	by      []string // how, as push or reply
	person  string   // of the first time
	others  []string // who got it besides
}

// hear counts what the platforms have taken.
func hear(calls []sandbox.Call) heard {
	h := heard{}
	for _, c := range calls {
		for _, m := range c.Messages {
			for _, mark := range marksIn(string(m)) {
				r := h[mark]
				if r == nil {
					r = &receipt{channel: string(c.Channel), person: c.To[0]}
					h[mark] = r
				}
				r.times++
				r.by = append(r.by, string(c.Endpoint))
				if c.To[0] != r.person {
					r.others = append(r.others, c.To[0])
				}
			}
		}
	}
	return h
}
