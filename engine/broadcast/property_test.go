package broadcast_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// What the property test plays.
const (
	propertySeeds  = 12
	propertySteps  = 60
	propertyPeople = 24
	keysKept       = 24 * time.Hour // by the platform
)

// errDead is what a process that was killed has of every call: nothing.
var errDead = errors.New("killed")

// life is a process that may be killed at any of its calls to the outside,
// before the call is made or before its answer is read.
type life struct {
	mu   sync.Mutex
	r    *rand.Rand
	left int // calls until it is killed; negative: it lives
	dead bool
}

// through makes a call of the process.
func through[T any](l *life, call func() (T, error)) (out T, err error) {
	l.mu.Lock()
	after := false
	if !l.dead && l.left >= 0 {
		if l.left--; l.left < 0 {
			l.dead = true
			after = l.r.IntN(2) == 0
		}
	}
	dead := l.dead
	l.mu.Unlock()
	if dead && !after {
		return out, errDead
	}
	if out, err = call(); after {
		var none T
		return none, errDead
	}
	return out, err
}

func only(l *life, call func() error) error {
	_, err := through(l, func() (struct{}, error) { return struct{}{}, call() })
	return err
}

// mortal is the store as a process sees it that may be killed.
type mortal struct {
	*store.DB
	l *life
}

func (m mortal) OpenMany(ctx context.Context, x outbox.Many) ([]outbox.Open, error) {
	return through(m.l, func() ([]outbox.Open, error) { return m.DB.OpenMany(ctx, x) })
}

func (m mortal) Situations(ctx context.Context, bot string, ids []int64) (map[int64]*engine.Situation, error) {
	return through(m.l, func() (map[int64]*engine.Situation, error) { return m.DB.Situations(ctx, bot, ids) })
}

func (m mortal) Addressees(ctx context.Context, bot string, ids []int64) (map[int64]*engine.Situation, error) {
	return through(m.l, func() (map[int64]*engine.Situation, error) { return m.DB.Addressees(ctx, bot, ids) })
}

func (m mortal) Groups(ctx context.Context, ids []string) (map[string]*outbox.Group, error) {
	return through(m.l, func() (map[string]*outbox.Group, error) { return m.DB.Groups(ctx, ids) })
}

func (m mortal) BeginMany(ctx context.Context, x outbox.Beginning) (map[int64]bool, error) {
	return through(m.l, func() (map[int64]bool, error) { return m.DB.BeginMany(ctx, x) })
}

func (m mortal) EndMany(ctx context.Context, x outbox.Endings) ([]int64, error) {
	return through(m.l, func() ([]int64, error) { return m.DB.EndMany(ctx, x) })
}

func (m mortal) PauseAccount(ctx context.Context, bot, id, why string) error {
	return only(m.l, func() error { return m.DB.PauseAccount(ctx, bot, id, why) })
}

func (m mortal) LeaveRange(ctx context.Context, r *engine.Range, done bool, now time.Time) error {
	return only(m.l, func() error { return m.DB.LeaveRange(ctx, r, done, now) })
}

func (m mortal) Freeze(ctx context.Context, f broadcast.Freezing) (bool, error) {
	return through(m.l, func() (bool, error) { return m.DB.Freeze(ctx, f) })
}

func (m mortal) MoveRun(ctx context.Context, r *engine.Run, from []engine.RunState, to engine.RunState, why string, now time.Time) (bool, error) {
	return through(m.l, func() (bool, error) { return m.DB.MoveRun(ctx, r, from, to, why, now) })
}

// moody is a platform with faults: it throttles, loses calls and answers,
// refuses people, and forgets retry keys after a day.
type moody struct {
	*platform
	l     *life
	clock func() time.Time
	calm  bool
	keys  map[string]time.Time
	gone  map[string]bool
}

func (m *moody) Limits() channels.Limits {
	l := m.platform.Limits()
	l.MulticastSize, l.MulticastPerSecond = 5, 100
	return l
}

func (m *moody) Send(_ context.Context, to channels.Target, p channels.Payload, key channels.Key) (*channels.Sent, error) {
	return m.take([]string{to.To}, p, key)
}

func (m *moody) Multicast(_ context.Context, _ channels.Account, to []string, p channels.Payload, key channels.Key) (*channels.Sent, error) {
	return m.take(to, p, key)
}

func (m *moody) take(to []string, p channels.Payload, key channels.Key) (*channels.Sent, error) {
	sent, err := through(m.l, func() (*channels.Sent, error) {
		m.mu.Lock()
		defer m.mu.Unlock()
		if sent, err := m.answer(to, p, key); err != nil {
			return sent, err
		}
		return &channels.Sent{}, nil
	})
	if errors.Is(err, errDead) {
		return nil, &channels.SendError{Kind: channels.KindDown, Retry: channels.RetryUnknown, Message: "killed"}
	}
	return sent, err
}

// answer is what the platform makes of one call.
func (m *moody) answer(to []string, p channels.Payload, key channels.Key) (*channels.Sent, error) {
	lost := &channels.SendError{Kind: channels.KindDown, Scope: channels.ScopeAccount, Retry: channels.RetryUnknown, Message: "connection reset"}
	mood := m.l.r.IntN(100)
	if m.calm {
		mood = 99
	}
	if mood < 6 {
		return nil, lost // it never arrived
	}
	if at, again := m.keys[key.Retry]; again && m.clock().Sub(at) < keysKept {
		return &channels.Sent{Repeated: true}, nil
	}
	switch {
	case mood < 12:
		return nil, &channels.SendError{Kind: channels.KindThrottled, Scope: channels.ScopeAccount, Retry: channels.RetryLater, Message: "too fast"}
	case mood < 14:
		return nil, &channels.SendError{Kind: channels.KindDown, Scope: channels.ScopeAccount, Retry: channels.RetryLater, Message: "busy"}
	case mood < 15:
		return nil, &channels.SendError{Kind: channels.KindQuota, Scope: channels.ScopeAccount, Retry: channels.RetryLater, Message: "monthly limit"}
	case mood < 16:
		return nil, &channels.SendError{Kind: channels.KindContent, Scope: channels.ScopeRecipient, Message: "not this"}
	}
	e := &channels.SendError{Kind: channels.KindBlocked, Scope: channels.ScopeRecipient, Message: "unknown user"}
	for i, id := range to {
		if m.gone[id] {
			e.Recipients = append(e.Recipients, i)
		}
	}
	if len(e.Recipients) > 0 {
		return nil, e
	}
	var text string
	if err := json.Unmarshal(p.Body, &text); err != nil {
		return nil, err
	}
	for _, id := range to {
		m.heard[id] = append(m.heard[id], text)
	}
	m.keys[key.Retry] = m.clock()
	if mood < 24 {
		return nil, lost // it was taken
	}
	return &channels.Sent{}, nil
}

// TestWhateverHappensTheSumHolds plays random sequences of what people,
// platforms and machines do to a broadcast.
func TestWhateverHappensTheSumHolds(t *testing.T) {
	t.Parallel()
	for seed := range uint64(propertySeeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db *store.DB) { newGame(t, db, seed).play() })
		})
	}
}

// game is one such sequence.
type game struct {
	*harness
	r        *rand.Rand
	life     *life
	moody    *moody
	b        *engine.Broadcast
	run      *engine.Run
	audience int64 // once it is known
	steps    []string
}

func newGame(t *testing.T, db *store.DB, seed uint64) *game {
	r := rand.New(rand.NewPCG(seed, 5))
	g := &game{r: r, life: &life{r: r, left: -1}}
	seen := mortal{db, g.life}
	g.harness = newHarnessOver(t, db, seen, seen, func(p *platform) channels.Channel {
		g.moody = &moody{platform: p, l: g.life, keys: map[string]time.Time{}, gone: map[string]bool{}}
		return g.moody
	})
	g.moody.clock = g.clock.Now
	g.named(propertyPeople, func(i int) string { return fmt.Sprint("P", i%(1+int(seed%4)*3)) })
	for range r.IntN(4) {
		g.moody.gone[fmt.Sprintf("U%03d", r.IntN(propertyPeople))] = true
	}
	return g
}

func (g *game) play() {
	g.begin()
	for range propertySteps {
		g.step()
		g.check()
	}
	g.end()
}

// begin starts the broadcast: in every third game as it was checked, some time
// after that.
func (g *game) begin() {
	var err error
	if g.r.IntN(3) > 0 {
		g.b, g.run = g.started(plan())
		return
	}
	var f *broadcast.Preflight
	g.b, f = g.prepared(plan())
	g.clock.Pass(time.Duration(g.r.IntN(40)) * time.Hour)
	g.run, err = g.beginAs(g.b, f.PreparedID)
	must(g.t, err)
}

// step is one thing that happens.
func (g *game) step() {
	ctx := g.t.Context()
	var what string
	switch n := g.r.IntN(20); {
	case n < 6:
		what = "work"
		g.bell()
	case n < 10:
		g.life.left = g.r.IntN(9)
		what = fmt.Sprint("killed after ", g.life.left)
		g.bell()
		g.life.left, g.life.dead = -1, false
		clear(g.bells.runs)
		clear(g.bells.ranges)
	case n < 14:
		what = "tick"
		must(g.t, g.Tick(ctx))
	case n < 17:
		by := [...]time.Duration{time.Second, 10 * time.Second, 3 * time.Minute, 22 * time.Hour}[min(g.r.IntN(12)/3, 3)]
		if g.r.IntN(6) > 0 {
			by = min(by, 3*time.Minute)
		}
		what = "later by " + by.String()
		g.clock.Pass(by)
	case n < 18:
		what = "pause"
		_, _ = g.Pause(ctx, g.bot.ID, g.b.ID, "") // it may not run
	case n < 19:
		what = "resume"
		_, _ = g.Resume(ctx, g.bot.ID, g.b.ID) // it may not be paused
	default:
		g.pace.left = [...]int{-1, 0, 1, 3, 7}[g.r.IntN(5)]
		what = fmt.Sprint("calls left ", g.pace.left)
	}
	if g.r.IntN(200) == 0 {
		what += ", cancel"
		_, _ = g.Cancel(ctx, g.bot.ID, g.b.ID) // it may be over
	}
	g.steps = append(g.steps, what)
}

// bell answers one bell that is due. What a killed process answers is nothing.
func (g *game) bell() {
	ctx := g.t.Context()
	if run, ok := take(&g.bells.mu, g.bells.runs, g.clock.Now()); ok {
		g.survives(g.Work(ctx, run))
		return
	}
	if part, ok := take(&g.bells.mu, g.bells.ranges, g.clock.Now()); ok {
		g.survives(g.WorkRange(ctx, part))
	}
}

func (g *game) survives(err error) {
	g.t.Helper()
	if err != nil && !g.life.dead {
		g.t.Fatalf("after %q: %v", g.steps, err)
	}
}

// check holds what must be true at every moment.
func (g *game) check() {
	g.t.Helper()
	run, err := g.db.Run(g.t.Context(), g.bot.ID, g.run.ID)
	must(g.t, err)
	c, err := g.db.Count(g.t.Context(), g.run.ID)
	must(g.t, err)
	sum := int64(0)
	for _, n := range c.ByStatus {
		sum += n
	}
	switch {
	case g.audience == 0 && run.State != engine.RunFreezing:
		g.audience = sum
	case g.audience > 0 && sum != g.audience:
		g.fail("%d rows, there were %d: %v", sum, g.audience, c.ByStatus)
	}
	if open := c.ByStatus[engine.Held] + c.ByStatus[engine.Queued] + c.ByStatus[engine.Sending]; open > 0 && run.State == engine.RunFinished {
		g.fail("finished with %v", c.ByStatus)
	}
	for id, heard := range g.moody.heard {
		if len(heard) > 1 {
			g.fail("%s heard %q", id, heard)
		}
	}
}

func (g *game) fail(format string, args ...any) {
	g.t.Helper()
	g.t.Fatalf("after %q: %s", g.steps, fmt.Sprintf(format, args...))
}

// end lets the broadcast come to its end without further trouble, and holds
// the ledger to what people have heard.
func (g *game) end() {
	ctx := g.t.Context()
	g.moody.calm, g.pace.left = true, -1
	for range 60 {
		run, err := g.db.Run(ctx, g.bot.ID, g.run.ID)
		must(g.t, err)
		if !run.ClosedAt.IsZero() {
			break
		}
		if run.State == engine.RunPaused {
			_, err := g.Resume(ctx, g.bot.ID, g.b.ID)
			must(g.t, err)
		}
		must(g.t, g.Tick(ctx))
		g.work()
		g.check()
		g.clock.Pass(11 * time.Minute)
	}
	run, err := g.db.Run(ctx, g.bot.ID, g.run.ID)
	must(g.t, err)
	c, err := g.db.Count(ctx, g.run.ID)
	must(g.t, err)
	if run.ClosedAt.IsZero() || run.State != engine.RunFinished && run.State != engine.RunCanceled {
		g.fail("it does not end: %s, %v", run.State, c.ByStatus)
	}
	g.steps = append(g.steps, fmt.Sprint(maps.Clone(c.ByStatus)))
	rows, _, err := g.db.ListDeliveries(ctx, g.bot.ID, engine.DeliveryFilter{}, engine.Page{Limit: 100})
	must(g.t, err)
	for _, d := range rows {
		id, err := g.db.Identity(ctx, g.bot.ID, d.IdentityID)
		must(g.t, err)
		heard := len(g.moody.heard[id.ExternalID])
		switch {
		case d.Status == engine.SentOut && heard != 1:
			g.fail("delivery %d is sent, and heard %d times", d.ID, heard)
		case d.Status != engine.SentOut && d.Status != engine.Unknown && heard > 0:
			g.fail("delivery %d is %s (%s), and was heard", d.ID, d.Status, d.Error)
		}
	}
}
