package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/blockcast/blockcast/server/webhook"
)

// Goals of ingest.
const (
	ingestRatio = 0.6
	ingestP99   = 100 // ms
)

// ingest posts signed LINE webhooks of one text each by people who are known.
// One counts when it is answered 200, which is after its commit.
func ingest(ctx context.Context, l *lab) ([]Row, error) {
	var got result
	limit, err := l.around(ctx, (*world).ingestLimit, func() (err error) {
		got, err = l.ingest(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return []Row{
		ratio("ingest", got.perSecond(), limit.perSecond(), "req/s", ingestRatio),
		below("ingest p99", got.percentile(99), "ms", ingestP99).beside(limit.percentile(99)),
	}, nil
}

// ingest is what the program takes.
func (l *lab) ingest(ctx context.Context) (got result, err error) {
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
	posters := w.posters(p.address)
	defer closeAll(posters)
	err = l.profiled(ctx, p, "ingest", func() (err error) {
		got, err = saturate(ctx, l.span(), posters)
		return err
	})
	return got, err
}

// ingestLimit is what Postgres takes of the same rows, one event a commit.
func (w *world) ingestLimit(ctx context.Context, s span) (result, error) {
	writers, err := w.database.writers(ctx, func(b *pgx.Batch, n int64) {
		at, who := now(), n%people+1
		key := eventID(n)
		b.Queue(`INSERT INTO event_keys (account_id, event_key, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, w.account.ID, key, at)
		b.Queue(`UPDATE identities SET last_inbound_at = $2 WHERE id = $1`, who, at)
		b.Queue(`INSERT INTO interactions (bot_id, account_id, identity_id, contact_id, kind, occurred_at, received_at, event_key, payload, reply_token)
			VALUES ($1, $2, $3, $4, 'message', $5, $6, $7, $8, $9)`,
			w.bot.ID, w.account.ID, who, who, at, at, key, `{"input":{"kind":"text","text":"`+writes+`"}}`, replyToken(n))
	})
	if err != nil {
		return result{}, err
	}
	defer closeAll(writers)
	return saturate(ctx, s, writers)
}

// writes is what people write.
const writes = "Do you still have the blue shirt in size L?"

// eventID is the n-th event's id, of the length of LINE's.
func eventID(n int64) string { return fmt.Sprintf("01BENCH%019d", n) }

func replyToken(n int64) string { return fmt.Sprintf("%032x", n) }

// poster posts webhooks over one connection. Each is written and signed as it
// goes, which takes a microsecond or two; a hundred thousand that lie ready
// would fill the caches the program needs.
type poster struct {
	*wire
	head, middle  []byte // of the request, around its signature and length
	body, request []byte // reused
	destination   string
	sign          hash.Hash
}

func (w *world) posters(address string) []caller {
	var out []caller
	for range connections {
		out = append(out, w.poster(address))
	}
	return out
}

func (w *world) poster(address string) *poster {
	return &poster{
		wire: newWire(address),
		head: []byte("POST " + webhook.Path("line", w.account.ID) + " HTTP/1.1\r\nHost: " + address +
			"\r\nUser-Agent: LineBotWebhook/2.0\r\nContent-Type: application/json; charset=utf-8\r\nX-Line-Signature: "),
		middle:      []byte("\r\nContent-Length: "),
		destination: w.account.ExternalID,
		sign:        hmac.New(sha256.New, []byte(w.account.Secrets["channel_secret"])),
	}
}

func (p *poster) call(ctx context.Context, n int64) error {
	p.body = appendEvent(p.body[:0], p.destination, n, time.Now())
	return p.deliver(ctx, p.body)
}

// deliver signs and posts a body.
func (p *poster) deliver(ctx context.Context, body []byte) error {
	p.request = p.signed(p.request[:0], body)
	return p.post(ctx, p.request)
}

// signed appends the request that carries a body.
func (p *poster) signed(request, body []byte) []byte {
	var sum [sha256.Size]byte
	p.sign.Reset()
	p.sign.Write(body)
	request = append(request, p.head...)
	request = base64.StdEncoding.AppendEncode(request, p.sign.Sum(sum[:0]))
	request = append(request, p.middle...)
	request = strconv.AppendInt(request, int64(len(body)), 10)
	request = append(request, "\r\n\r\n"...)
	return append(request, body...)
}

// appendEvent appends a webhook's body with the n-th event: a text by one of
// the people, who take turns.
func appendEvent(b []byte, destination string, n int64, at time.Time) []byte {
	return fmt.Appendf(b, `{"destination":"%s","events":[{"type":"message","message":{"id":"%018d","type":"text","quoteToken":"quote-%d","text":"%s"},`+
		`"webhookEventId":"%s","deliveryContext":{"isRedelivery":false},"timestamp":%d,"source":{"type":"user","userId":"%s"},"replyToken":"%s","mode":"active"}]}`,
		destination, n, n, writes, eventID(n), at.UnixMilli(), userID(int(n%people)+1), replyToken(n))
}
