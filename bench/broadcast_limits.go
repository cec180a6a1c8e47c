package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
)

// bareLoop is a loop of net/http that pushes as many texts to the platform over
// the connections the program has.
func (w *world) bareLoop(ctx context.Context, p *counted, n int) (time.Duration, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}, Timeout: answerTime}
	defer client.CloseIdleConnections()
	header := "Bearer " + w.account.Secrets["channel_access_token"]
	callers := make([]caller, connections)
	for i := range callers {
		callers[i] = callerFunc(func(ctx context.Context, n int64) error {
			body := fmt.Appendf(nil, `{"to":"%s","messages":[{"type":"text","text":"A%d: %d points wait for you in Huế."}]}`, userID(int(n)+1), n+1, n+1)
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/v2/bot/message/push", bytes.NewReader(body))
			if err != nil {
				return err
			}
			r.Header.Set("Authorization", header)
			r.Header.Set("Content-Type", "application/json")
			answer, err := client.Do(r)
			if err != nil {
				return err
			}
			defer answer.Body.Close()
			if said, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK {
				return errors.Join(fmt.Errorf("the platform answered %d: %.200s", answer.StatusCode, said), err)
			}
			return nil
		})
	}
	began := time.Now()
	err := offer(ctx, int64(n), func(int64) time.Time { return began }, callers)
	return time.Since(began), err
}

type callerFunc func(ctx context.Context, n int64) error

func (f callerFunc) call(ctx context.Context, n int64) error { return f(ctx, n) }
func (callerFunc) close()                                    {}

// ledgerAlone is what Postgres takes of the ledger's own updates: each batch's
// rows are claimed, sending and sent, each by a statement and commit of its
// own, on as many connections as batches are under way. Who is not checked before
// has the rows written too: by one INSERT … SELECT.
func (w *world) ledgerAlone(ctx context.Context, n int) (got limits, err error) {
	var first int64
	c, err := pgx.Connect(ctx, w.database.url)
	if err != nil {
		return got, err
	}
	defer c.Close(ctx)
	began := time.Now()
	if _, err := c.Exec(ctx, `INSERT INTO deliveries (bot_id, account_id, run_id, contact_id, identity_id, block_id, status, intent, created_at)
		SELECT $1, $2, 'alone', id, id, 'block', 'queued', 'promotional', now() FROM contacts ORDER BY id`, w.bot.ID, w.account.ID); err != nil {
		return got, err
	}
	inserted := time.Since(began)
	if _, err := c.Exec(ctx, `VACUUM ANALYZE deliveries`); err != nil {
		return got, err
	}
	if err := c.QueryRow(ctx, `SELECT MIN(id) FROM deliveries WHERE run_id = 'alone'`).Scan(&first); err != nil {
		return got, err
	}
	var callers []caller
	defer func() { closeAll(callers) }()
	for range batchesAtOnce {
		own, err := pgx.Connect(ctx, w.database.url)
		if err != nil {
			return got, err
		}
		callers = append(callers, &batcher{own, first})
	}
	began = time.Now()
	if err := offer(ctx, int64((n+batchRows-1)/batchRows), func(int64) time.Time { return began }, callers); err != nil {
		return got, err
	}
	got.checked = time.Since(began)
	got.unchecked = inserted + got.checked
	_, err = c.Exec(ctx, `DELETE FROM deliveries WHERE run_id = 'alone'`)
	if err == nil {
		_, err = c.Exec(ctx, `VACUUM deliveries`)
	}
	return got, err
}

// anID is as long as the ids of attempts, renders and groups are.
const anID = "0123456789abcdef01234567"

// batcher writes the three updates of a batch, with texts as long as the run's.
type batcher struct {
	conn  *pgx.Conn
	first int64
}

func (b *batcher) call(ctx context.Context, n int64) error {
	from := b.first + n*batchRows
	to := from + batchRows - 1
	for _, sql := range [...]string{
		`UPDATE deliveries SET attempt_id = $3, lease_until = now(), attempt = attempt + 1 WHERE id BETWEEN $1 AND $2 AND status = 'queued'`,
		`UPDATE deliveries SET status = 'sending', render_id = $3, prepared_at = now(), called_at = now(), route = 'push', group_id = $3 WHERE id BETWEEN $1 AND $2 AND attempt_id = $3`,
		`UPDATE deliveries SET status = 'sent', sent_at = now(), closed_at = now(), lease_until = NULL, messages_sent = 1, request_id = $3 || '-as-long-as-one' WHERE id BETWEEN $1 AND $2 AND attempt_id = $3`,
	} {
		if _, err := b.conn.Exec(ctx, sql, from, to, anID); err != nil {
			return err
		}
	}
	return nil
}

func (b *batcher) close() { _ = b.conn.Close(context.Background()) } // nothing is under way on it
