package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// surveyName is where the last survey is kept, for all processes to show.
const surveyName = "survey"

// Queries of a survey. Each reads an index of what is open, or the newest rows
// by their id, and ends after engine.SurveyRows: on a ledger of any size it
// takes milliseconds.
const (
	openRows = `SELECT status, COUNT(*) FROM (SELECT status FROM deliveries
		WHERE account_id IN (SELECT id FROM accounts) AND waiting AND run_id = '' LIMIT ?) o GROUP BY status`
	openOfRuns = `SELECT status, COUNT(*) FROM (SELECT d.status FROM (SELECT r.id, (SELECT MIN(first) FROM (SELECT MIN(next_id) AS first FROM run_ranges WHERE run_id = r.id AND done_at IS NULL
			UNION ALL SELECT MIN(w.id) FROM deliveries w WHERE w.run_id = r.id AND w.run_id <> '' AND w.waiting
			UNION ALL SELECT COALESCE(MAX(last_id), 0) + 1 FROM run_ranges WHERE run_id = r.id) p) AS first FROM broadcast_runs r WHERE r.closed_at IS NULL LIMIT ? OFFSET 0) o
		CROSS JOIN deliveries d WHERE d.run_id = o.id AND d.run_id > '' AND d.closed_at IS NULL AND d.id >= o.first LIMIT ?) o GROUP BY status`
	oldestDue = `SELECT MIN(since) FROM (SELECT COALESCE(not_before, created_at) AS since FROM deliveries
		WHERE account_id IN (SELECT a.id FROM accounts a WHERE ` + working + `) AND waiting AND run_id = '' AND status IN ('queued', 'sending')
		AND COALESCE(not_before, created_at) <= ? LIMIT ?) o`
	recentRows = `SELECT status, COUNT(*) FROM deliveries WHERE id > (SELECT COALESCE(MAX(id), 0) FROM deliveries) - ? GROUP BY status`
	openInbox  = `SELECT COUNT(*), MIN(received_at) FROM (SELECT received_at FROM interactions
		WHERE answered_at IS NULL ORDER BY contact_id, id LIMIT ?) o`
	openNotices = `SELECT due, COUNT(*) FROM (SELECT CASE WHEN next_at <= ? THEN 1 ELSE 0 END AS due FROM webhook_postings
		WHERE webhook_id IN (SELECT id FROM webhooks WHERE state = 'active') AND closed_at IS NULL LIMIT ?) o GROUP BY due`
	oldestNotice = `SELECT MIN(due) FROM (SELECT (SELECT MIN(p.next_at) FROM webhook_postings p WHERE p.webhook_id = w.id AND p.closed_at IS NULL) AS due
		FROM webhooks w WHERE w.state = 'active') o WHERE due <= ?`
)

// Survey looks at what is under way.
func (d *DB) Survey(ctx context.Context, now time.Time) (*engine.Survey, error) {
	v := &engine.Survey{At: now, Open: map[engine.Status]int64{}, Recent: map[engine.Status]int64{},
		Accounts: []engine.AccountCount{}, Pauses: []engine.Pause{}, Processes: []engine.Running{}}
	s := new(script)
	s.query(openRows, engine.SurveyRows).each(countStatus(v.Open))
	s.query(openOfRuns, engine.SurveyRows, engine.SurveyRows).each(countStatus(v.Open))
	s.query(oldestDue, now, engine.SurveyRows).one(moment(&v.OldestDue))
	s.query(recentRows, engine.SurveyRows).each(countStatus(v.Recent))
	s.query(openInbox, engine.SurveyRows).one(&v.Inbox, moment(&v.OldestInbox))
	s.query(`SELECT COUNT(*) FROM (SELECT 1 FROM receipts LIMIT ?) o`, engine.SurveyRows).one(&v.Receipts)
	s.query(openNotices, now, engine.SurveyRows).each(func(r scanner) error {
		var due, n int64
		err := r.Scan(&due, &n)
		if due == 1 {
			v.NoticesDue = n
		} else {
			v.NoticesLater = n
		}
		return err
	})
	s.query(oldestNotice, now).one(moment(&v.OldestNotice))
	s.query(`SELECT COUNT(*) FROM (SELECT 1 FROM poison WHERE at > ? LIMIT ?) o`, now.Add(-24*time.Hour), engine.SurveyRows).one(&v.Poison)
	s.query(`SELECT channel, state, COUNT(*) FROM accounts GROUP BY channel, state ORDER BY channel, state`).each(func(r scanner) error {
		var c engine.AccountCount
		err := r.Scan(&c.Channel, &c.State, &c.Count)
		v.Accounts = append(v.Accounts, c)
		return err
	})
	readPauses(s, &v.Pauses)
	readProcesses(s, now, &v.Processes)
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("survey: %w", err)
	}
	return v, nil
}

func countStatus(out map[engine.Status]int64) func(scanner) error {
	return func(r scanner) error {
		var status engine.Status
		var n int64
		err := r.Scan(&status, &n)
		out[status] += n
		return err
	}
}

// KeepSurvey surveys and keeps what it saw for LastSurvey.
func (d *DB) KeepSurvey(ctx context.Context, now time.Time) error {
	v, err := d.Survey(ctx, now)
	if err != nil {
		return err
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("keep survey: %w", err)
	}
	s := new(script)
	s.exec(`INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, surveyName, string(text))
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("keep survey: %w", err)
	}
	return nil
}

// LastSurvey is the survey that was kept last, nil when none was. It reads one
// row.
func (d *DB) LastSurvey(ctx context.Context) (*engine.Survey, error) {
	text := ""
	s := new(script)
	s.query(`SELECT value FROM meta WHERE name = ?`, surveyName).one(&text)
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read the last survey: %w", err)
	}
	if text == "" {
		return nil, nil
	}
	v := new(engine.Survey)
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return nil, fmt.Errorf("read the last survey: %w", err)
	}
	return v, nil
}

// Troubles returns what failed among the newest rows, the newest first.
func (d *DB) Troubles(ctx context.Context, limit int) ([]engine.Trouble, error) {
	var out []engine.Trouble
	read := func(what string) func(scanner) error {
		return func(r scanner) error {
			t := engine.Trouble{What: what}
			err := r.Scan(&t.ID, &t.BotID, moment(&t.At), &t.Class, &t.Text)
			out = append(out, t)
			return err
		}
	}
	s := new(script)
	s.query(`SELECT id, bot_id, COALESCE(closed_at, created_at), class, error FROM deliveries
		WHERE id > (SELECT COALESCE(MAX(id), 0) FROM deliveries) - ? AND status IN ('failed', 'unknown') ORDER BY id DESC LIMIT ?`,
		engine.SurveyRows, limit).each(read("delivery"))
	s.query(`SELECT id, bot_id, COALESCE(answered_at, received_at), outcome, error FROM interactions
		WHERE id > (SELECT COALESCE(MAX(id), 0) FROM interactions) - ? AND error <> '' ORDER BY id DESC LIMIT ?`,
		engine.SurveyRows, limit).each(read("turn"))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read what went wrong: %w", err)
	}
	return newestTroubles(out, limit), nil
}

// newestTroubles merges lists that are each the newest first.
func newestTroubles(list []engine.Trouble, limit int) []engine.Trouble {
	slices.SortStableFunc(list, func(a, b engine.Trouble) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID)) })
	return list[:min(len(list), limit)]
}

// PausedAccounts returns the connections of all bots that are paused, without
// their secrets.
func (d *DB) PausedAccounts(ctx context.Context) ([]engine.Account, error) {
	var out []engine.Account
	s := new(script)
	s.query(`SELECT id, bot_id, channel, external_id, name, state, reason FROM accounts WHERE state = ? ORDER BY bot_id, id LIMIT ?`,
		string(engine.AccountPaused), engine.SurveyRows).each(func(r scanner) error {
		var a engine.Account
		err := r.Scan(&a.ID, &a.BotID, &a.Channel, &a.ExternalID, &a.Name, &a.State, &a.Reason)
		out = append(out, a)
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read paused accounts: %w", err)
	}
	return out, nil
}
