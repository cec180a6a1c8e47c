package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
)

// Goals of broadcasts.
const (
	personalRatio  = 0.35
	identicalRatio = 0.5
	memoryGoal     = 150 // MB
	memoryGrowth   = 1.3 // of the last third over the middle one: flat
)

// As the program works: rows of one batch, batches at once, connections.
const (
	batchRows     = 500
	batchesAtOnce = 4
)

// broadcastPersonal sends each person a text of their own, and measures the
// program's memory meanwhile.
func broadcastPersonal(ctx context.Context, l *lab) ([]Row, error) {
	const name = "broadcast-personal"
	got, err := l.broadcast(ctx, name, "personal news", func(ctx context.Context, w *world, line *counted, n int) (time.Duration, error) {
		return w.bareLoop(ctx, line, n)
	})
	if err != nil {
		return nil, err
	}
	rows := append(got.rows(l.people, name, personalRatio),
		atMost(name+" calls", float64(got.unchecked.calls), "", float64(l.people)),
		atMost("memory", got.memory.highest(), "MB", memoryGoal))
	if growth, ok := got.memory.growth(); ok {
		rows = append(rows, atMost("memory, late over early", growth, "", memoryGrowth))
	}
	return rows, nil
}

// broadcastIdentical sends everybody the same.
func broadcastIdentical(ctx context.Context, l *lab) ([]Row, error) {
	const name = "broadcast-identical"
	got, err := l.broadcast(ctx, name, "news for all", func(ctx context.Context, w *world, _ *counted, n int) (time.Duration, error) {
		return w.ledgerAlone(ctx, n)
	})
	if err != nil {
		return nil, err
	}
	ranges := (l.people + workedTogether - 1) / workedTogether
	most := (l.people+batchRows-1)/batchRows + ranges
	return append(got.rows(l.people, name, identicalRatio), atMost(name+" calls", float64(max(got.unchecked.calls, got.checked.calls)), "", float64(most))), nil
}

// broadcasting is what the two ways to a broadcast came to. One is started as it
// is: its audience is written down and its messages are made while it goes on.
// The other was checked before it was started, and only goes out.
type broadcasting struct {
	unchecked, checked sending
	limit              time.Duration // the mean of before and after
	memory             memory
}

// rows are the rates from the start to the last row.
func (b broadcasting) rows(people int, name string, goal float64) []Row {
	limit := perSecond(people, b.limit)
	return []Row{ratio(name, b.checked.rate(people), limit, "people/s", goal),
		ratio(name+", unchecked", b.unchecked.rate(people), limit, "people/s", goal)}
}

// sending is what one broadcast came to.
type sending struct {
	took  time.Duration // from its start to the last row
	calls int64
}

func (s sending) rate(n int) float64 { return perSecond(n, s.took) }

func perSecond(n int, took time.Duration) float64 {
	if took <= 0 {
		return 0
	}
	return float64(n) / took.Seconds()
}

// broadcast sends a module to everybody, unchecked and checked, and measures the
// limit before and after: a machine whose speed drifts meanwhile has been as slow
// for the one as for the other.
func (l *lab) broadcast(ctx context.Context, name, module string, limit func(context.Context, *world, *counted, int) (time.Duration, error)) (got broadcasting, err error) {
	w, db, end, err := l.crowded(ctx, l.people)
	if err != nil {
		return got, err
	}
	defer func() { err = errors.Join(err, end()) }()
	line, err := newCounted(w, l.people)
	if err != nil {
		return got, err
	}
	defer func() { err = errors.Join(err, line.close()) }()
	before, err := limit(ctx, w, line, l.people)
	if err != nil {
		return got, fmt.Errorf("measure the limit: %w", err)
	}
	unlimited, err := l.unlimited(ctx)
	if err != nil {
		return got, err
	}
	p, err := unlimited.serve(ctx, w, "--channel-url", "line="+line.url)
	if err != nil {
		return got, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	secret, err := w.caller(ctx, db, engine.ScopeBroadcasts)
	if err != nil {
		return got, err
	}
	s := &broadcaster{lab: l, world: w, db: db, line: line, program: p, secret: secret}
	if got.unchecked, got.memory, err = s.sends(ctx, name, module, false); err != nil {
		return got, err
	}
	if got.checked, _, err = s.sends(ctx, name+"-checked", module, true); err != nil {
		return got, err
	}
	after, err := limit(ctx, w, line, l.people)
	got.limit = (before + after) / 2
	return got, err
}

// broadcaster has the program send broadcasts.
type broadcaster struct {
	*lab
	world   *world
	db      *store.DB
	line    *counted
	program *program
	secret  string
}

// sends has a module sent to everybody, after a check or at once, and watches
// the program's memory.
func (s *broadcaster) sends(ctx context.Context, name, module string, check bool) (got sending, held memory, err error) {
	b, err := s.world.drafts(ctx, s.db, module)
	if err != nil {
		return got, nil, err
	}
	var question []byte
	if check {
		if question, err = s.world.checked(ctx, s.db, b, s.secret, s.program.address); err != nil {
			return got, nil, err
		}
	}
	s.line.pushes.Store(0)
	s.line.multicast.Store(0)
	err = s.profiled(ctx, s.program, name, func() error {
		began := time.Now()
		r, err := s.world.starts(ctx, s.db, b, question, s.secret, s.program.address)
		if err != nil {
			return err
		}
		sent, err := s.world.finished(ctx, r, func() { held.read(s.program.command.Process.Pid) })
		got.took = time.Since(began)
		if err == nil && sent != int64(s.people) {
			err = fmt.Errorf("%d of %d were sent", sent, s.people)
		}
		if err != nil {
			err = fmt.Errorf("%w; the program said at the end: %s", err, s.program.lastWords())
		}
		return err
	})
	got.calls = s.line.pushes.Load() + s.line.multicast.Load()
	return got, held, err
}

// workedTogether is how many rows a range has.
const workedTogether = 5_000

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
// own, on as many connections as batches are under way.
func (w *world) ledgerAlone(ctx context.Context, n int) (took time.Duration, err error) {
	var first int64
	c, err := pgx.Connect(ctx, w.database.url)
	if err != nil {
		return 0, err
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, `INSERT INTO deliveries (bot_id, account_id, run_id, contact_id, identity_id, block_id, status, intent, created_at)
		SELECT $1, $2, 'alone', id, id, 'block', 'queued', 'promotional', now() FROM contacts ORDER BY id`, w.bot.ID, w.account.ID); err != nil {
		return 0, err
	}
	if _, err := c.Exec(ctx, `VACUUM ANALYZE deliveries`); err != nil {
		return 0, err
	}
	if err := c.QueryRow(ctx, `SELECT MIN(id) FROM deliveries WHERE run_id = 'alone'`).Scan(&first); err != nil {
		return 0, err
	}
	var callers []caller
	defer func() { closeAll(callers) }()
	for range batchesAtOnce {
		own, err := pgx.Connect(ctx, w.database.url)
		if err != nil {
			return 0, err
		}
		callers = append(callers, &batcher{own, first})
	}
	began := time.Now()
	if err := offer(ctx, int64((n+batchRows-1)/batchRows), func(int64) time.Time { return began }, callers); err != nil {
		return 0, err
	}
	took = time.Since(began)
	_, err = c.Exec(ctx, `DELETE FROM deliveries WHERE run_id = 'alone'`)
	if err == nil {
		_, err = c.Exec(ctx, `VACUUM deliveries`)
	}
	return took, err
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

// limitsFile holds what the channel LINE allows of an account.
const limitsFile = "channels/line/limits.go"

// unlimited is a lab whose program knows no rate of LINE's, as the platform
// played here has none.
func (l *lab) unlimited(ctx context.Context) (*lab, error) {
	text, err := os.ReadFile(filepath.Join(l.root, limitsFile))
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"pushPerSecond", "multicastPerSecond"} {
		changed := lifted(text, name)
		if bytes.Equal(changed, text) {
			return nil, fmt.Errorf("%s does not say %s: the limit cannot be lifted", limitsFile, name)
		}
		text = changed
	}
	source := filepath.Join(l.scratch, "limits.go")
	if err := os.WriteFile(source, text, 0o600); err != nil {
		return nil, err
	}
	out := *l
	out.program = ""
	out.replaced = map[string]string{filepath.Join(l.root, limitsFile): source}
	return &out, out.build(ctx)
}

// memory are readings of a process's resident size, in MB.
type memory []float64

// read takes a reading; where the system does not tell there is none.
func (m *memory) read(pid int) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return
	}
	if mb, ok := resident(text); ok {
		*m = append(*m, mb)
	}
}

func (m memory) highest() (most float64) {
	for _, mb := range m {
		most = max(most, mb)
	}
	return most
}

// growth is the mean of the last third over that of the middle one; ok is
// false with too few readings to tell.
func (m memory) growth() (float64, bool) {
	third := len(m) / 3
	if third < 3 {
		return 0, false
	}
	mean := func(part []float64) (sum float64) {
		for _, mb := range part {
			sum += mb
		}
		return sum / float64(len(part))
	}
	return mean(m[2*third:]) / mean(m[third:2*third]), true
}
