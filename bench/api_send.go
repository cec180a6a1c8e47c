package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Goals of api-send.
const (
	apiSendRatio = 0.6
	apiSendP99   = 50 // ms
)

// apiSend makes the AhaChat call by phone with two attributes. The block goes
// out later: nobody works the deliveries off.
func apiSend(ctx context.Context, l *lab) ([]Row, error) {
	var got result
	limit, err := l.around(ctx, (*world).apiSendLimit, func() (err error) {
		got, err = l.apiSend(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return []Row{
		ratio("api-send", got.perSecond(), limit.perSecond(), "req/s", apiSendRatio),
		below("api-send p99", got.percentile(99), "ms", apiSendP99).beside(limit.percentile(99)),
	}, nil
}

// apiSend is what the program takes.
func (l *lab) apiSend(ctx context.Context) (got result, err error) {
	w, err := newWorld(ctx, l.servers)
	if err != nil {
		return got, err
	}
	defer func() { err = errors.Join(err, w.end(ctx)) }()
	p, err := l.serve(ctx, w, "--no-worker")
	if err != nil {
		return got, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	var senders []caller
	for range connections {
		senders = append(senders, &sender{wire: newWire(p.address), world: w})
	}
	defer closeAll(senders)
	err = l.profiled(ctx, p, "api-send", func() (err error) {
		got, err = saturate(ctx, l.span(), senders)
		return err
	})
	return got, err
}

// sender makes calls over one connection.
type sender struct {
	*wire
	world   *world
	request []byte // reused
}

func (s *sender) call(ctx context.Context, n int64) error {
	s.request = fmt.Appendf(s.request[:0], "POST /api/bots/%s/phones/send?ahachat_token=%s&ahachat_message_tag=UPDATE&ahachat_block_name=order%%20shipped&phone=%s&order_code=%s&total=%d"+
		" HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n\r\n",
		s.world.bot.ID, s.world.token, phone(int(n%people)+1), orderCode(n), total(n), s.address)
	return s.post(ctx, s.request)
}

func orderCode(n int64) string { return fmt.Sprintf("A%d", n) }

func total(n int64) int64 { return 100_000 + n%1000*1000 }

// apiSendLimit is what Postgres takes of the same rows, one call a commit.
func (w *world) apiSendLimit(ctx context.Context, s span) (result, error) {
	writers, err := w.database.writers(ctx, func(b *pgx.Batch, n int64) {
		at, who, id := now(), n%people+1, newID()
		expires := at.AddDate(0, 0, 1)
		set := fmt.Sprintf(`{"order_code":"%s","total":%d}`, orderCode(n), total(n))
		b.Queue(`UPDATE contacts SET attributes = attributes || $2::jsonb WHERE id = $1 AND bot_id = $3`, who, set, w.bot.ID)
		b.Queue(`INSERT INTO sends (id, bot_id, source, token_name, request, created_at, expires_at) VALUES ($1, $2, 'ahachat', 'bench', $3, $4, $5)`,
			id, w.bot.ID, fmt.Sprintf(`{"phone":"%s","block":"order shipped","message_tag":"UPDATE","attributes":%s}`, phone(int(who)), set), at, expires)
		b.Queue(`INSERT INTO deliveries (bot_id, account_id, send_id, contact_id, identity_id, chosen_because, block_id, status, intent, tag,
				attributes, not_before, expires_at, created_at)
			VALUES ($1, $2, $3, $4, $5, 'their only identity', 'order-shipped', 'queued', 'utility', 'UPDATE', $6, $7, $8, $9) RETURNING id`,
			w.bot.ID, w.account.ID, id, who, who, set, at, expires, at)
	})
	if err != nil {
		return result{}, err
	}
	defer closeAll(writers)
	return saturate(ctx, s, writers)
}
