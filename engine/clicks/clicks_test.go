package clicks_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/clicks"
)

var errAway = errors.New("the database is away")

// memory is a database that can go away.
type memory struct {
	mu    sync.Mutex
	away  bool
	links map[string]engine.Link
	looks int
	taps  []engine.Click
}

func (m *memory) Link(_ context.Context, id string) (*engine.Link, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.looks++
	if m.away {
		return nil, errAway
	}
	if l, ok := m.links[id]; ok {
		return &l, nil
	}
	return nil, nil
}

func (m *memory) SaveClicks(_ context.Context, taps []engine.Click) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away {
		return errAway
	}
	m.taps = append(m.taps, taps...)
	return nil
}

func (m *memory) goes(away bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.away = away
}

func (m *memory) counted() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.taps)
}

// outcomes is what was observed.
type outcomes struct {
	mu sync.Mutex
	of map[string]int
}

func (o *outcomes) observe(outcome string, taps int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.of[outcome] += taps
}

func (o *outcomes) all() map[string]int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return maps.Clone(o.of)
}

var link = engine.NewLink(engine.Link{BotID: "bot", RunID: "run", Place: "0.0.1", Title: "Shop", Target: "https://shop.example.com/"})

// inTime runs a case on a clock of its own.
func inTime(t *testing.T, f func(t *testing.T, k *clicks.Clicks, db *memory, seen *outcomes)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db, seen := &memory{links: map[string]engine.Link{link.ID: link}}, &outcomes{of: map[string]int{}}
		k := clicks.New(clicks.Config{Store: db, Keys: [][]byte{make([]byte, 32)}, PublicURL: "https://bots.example.com/", Now: time.Now, Observe: seen.observe})
		k.Start(context.WithoutCancel(t.Context()))
		f(t, k, db, seen)
		k.Stop()
	})
}

// end is the token of an address.
func end(t *testing.T, k *clicks.Clicks, delivery int64) string {
	t.Helper()
	token, ok := strings.CutPrefix(k.Address(&link, delivery), "https://bots.example.com/c/")
	if !ok {
		t.Fatalf("the address is %s", k.Address(&link, delivery))
	}
	return token
}

func TestAddressesLeadToTheirLink(t *testing.T) {
	inTime(t, func(t *testing.T, k *clicks.Clicks, db *memory, seen *outcomes) {
		o, err := k.Open(t.Context(), end(t, k, 7))
		if err != nil || o == nil || *o.Link != link || o.DeliveryID != 7 {
			t.Fatalf("opened %+v, %v", o, err)
		}
		k.Count(t.Context(), o)
		if len(db.taps) != 1 || db.taps[0] != (engine.Click{Link: link, DeliveryID: 7, At: time.Now()}) {
			t.Errorf("kept %+v", db.taps)
		}
		if seen.all()[clicks.Counted] != 1 {
			t.Errorf("observed %v", seen.all())
		}
		if o, err := k.Open(t.Context(), "forged"); o != nil || err != nil {
			t.Errorf("a forged address opens %+v, %v", o, err)
		}
		if db.looks != 1 {
			t.Errorf("%d looks at the database, want one: a forged address costs none", db.looks)
		}
	})
}

// Many taps on one link cost one look a minute, and one that was erased leads
// nowhere after that.
func TestLinksAreReadAgainAfterAWhile(t *testing.T) {
	inTime(t, func(t *testing.T, k *clicks.Clicks, db *memory, _ *outcomes) {
		for range 100 {
			if o, err := k.Open(t.Context(), end(t, k, 0)); o == nil || err != nil {
				t.Fatalf("opened %+v, %v", o, err)
			}
		}
		if db.looks != 1 {
			t.Errorf("%d looks, want 1", db.looks)
		}
		delete(db.links, link.ID)
		time.Sleep(time.Minute)
		for range 2 {
			if o, err := k.Open(t.Context(), end(t, k, 0)); o != nil || err != nil {
				t.Errorf("a link that is gone opens %+v, %v", o, err)
			}
		}
	})
}

// While the database is away known links lead where they led, others say so,
// and nobody waits long; taps are kept when it is back.
func TestTapsOutliveADatabaseThatIsAway(t *testing.T) {
	inTime(t, func(t *testing.T, k *clicks.Clicks, db *memory, seen *outcomes) {
		o, err := k.Open(t.Context(), end(t, k, 7))
		if err != nil {
			t.Fatal(err)
		}
		db.goes(true)
		time.Sleep(2 * time.Minute)
		if o, err := k.Open(t.Context(), end(t, k, 8)); err != nil || o == nil || o.Link.Target != link.Target {
			t.Errorf("a known link opens %+v, %v", o, err)
		}
		other := engine.NewLink(engine.Link{RunID: "other"})
		token := strings.TrimPrefix(k.Address(&other, 0), "https://bots.example.com/c/")
		if o, err := k.Open(t.Context(), token); !errors.Is(err, errAway) {
			t.Errorf("an unknown link opens %+v, %v", o, err)
		}
		began := time.Now()
		k.Count(t.Context(), o)
		if waited := time.Since(began); waited > 100*time.Millisecond {
			t.Errorf("whoever tapped waited %v", waited)
		}
		time.Sleep(20 * time.Second)
		db.goes(false)
		time.Sleep(10 * time.Second)
		if db.counted() != 1 || seen.all()[clicks.Counted] != 1 {
			t.Errorf("%d taps are kept, observed %v", db.counted(), seen.all())
		}
	})
}

// What cannot be kept for a minute is given up, and counted as lost.
func TestTapsAreGivenUpInTheEnd(t *testing.T) {
	inTime(t, func(t *testing.T, k *clicks.Clicks, db *memory, seen *outcomes) {
		db.goes(true)
		k.Count(t.Context(), &clicks.Opened{Link: &link})
		time.Sleep(2 * time.Minute)
		if got := seen.all(); got[clicks.Lost] != 1 || got[clicks.Counted] != 0 {
			t.Errorf("observed %v", got)
		}
	})
}

// A process that ends does not wait for a database that is away.
func TestStopWaitsForNoDatabase(t *testing.T) {
	inTime(t, func(t *testing.T, k *clicks.Clicks, db *memory, seen *outcomes) {
		db.goes(true)
		k.Count(t.Context(), &clicks.Opened{Link: &link})
		began := time.Now()
		k.Stop()
		if took := time.Since(began); took > time.Second {
			t.Errorf("stopping took %v", took)
		}
		k.Count(t.Context(), &clicks.Opened{Link: &link})
		if got := seen.all()[clicks.Lost]; got != 2 {
			t.Errorf("%d taps are lost, want 2: one that was tried, one that came too late", got)
		}
	})
}

// A flood that the database cannot take is lost beyond what waits, and holds
// nobody up.
func TestAFloodIsBounded(t *testing.T) {
	inTime(t, func(t *testing.T, k *clicks.Clicks, db *memory, seen *outcomes) {
		db.goes(true)
		const many = 10_000
		began := time.Now()
		var people sync.WaitGroup
		for range many {
			people.Go(func() { k.Count(t.Context(), &clicks.Opened{Link: &link}) })
		}
		people.Wait()
		if took := time.Since(began); took > time.Second {
			t.Errorf("they waited %v", took)
		}
		db.goes(false)
		time.Sleep(time.Minute)
		if got := seen.all(); got[clicks.Lost] == 0 || got[clicks.Counted]+got[clicks.Lost] != many || got[clicks.Counted] != db.counted() {
			t.Errorf("of %d taps %v, and %d are kept", many, got, db.counted())
		}
	})
}
