package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/enginetest"
	"github.com/blockcast/blockcast/flows"
)

// versions is what is published, in memory.
type versions struct {
	mu       sync.Mutex
	revision int64
	rows     []engine.FlowVersion // all, the newest of a flow last
	err      error
	asked    int // for the revision
	read     int // whole lists
	block    chan struct{}
}

func (v *versions) publish(t *testing.T, flow, text string) int64 {
	t.Helper()
	doc := fmt.Appendf(nil, `{"format":1,"flow":%q,"blocks":[{"name":"%s","entry":{},"steps":[{"type":"text","text":%q}]}]}`, flow, flow+" block", text)
	checked, problems := flows.Check(doc, "flow.json", flows.Catalog{})
	if checked == nil {
		t.Fatal(problems)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.revision++
	n := 1
	for _, r := range v.rows {
		if r.FlowID == flow {
			n++
		}
	}
	id := int64(len(v.rows) + 1)
	v.rows = append(v.rows, engine.FlowVersion{ID: id, BotID: "b", FlowID: flow, Number: n, Document: doc, IDs: checked.IDs})
	return id
}

func (v *versions) Revision(context.Context, string) (int64, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.asked++
	return v.revision, v.err
}

func (v *versions) PublishedVersions(context.Context, string) ([]engine.FlowVersion, error) {
	if v.block != nil {
		<-v.block
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.read++
	newest := map[string]engine.FlowVersion{}
	var order []string
	for _, r := range v.rows {
		if _, ok := newest[r.FlowID]; !ok {
			order = append(order, r.FlowID)
		}
		newest[r.FlowID] = r
	}
	var list []engine.FlowVersion
	for _, id := range order {
		list = append(list, newest[id])
	}
	return list, v.err
}

func (v *versions) FlowVersion(_ context.Context, _ string, id int64) (*engine.FlowVersion, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.err != nil || id < 1 || int(id) > len(v.rows) {
		return nil, v.err
	}
	return &v.rows[id-1], nil
}

func TestLibraries(t *testing.T) {
	t.Parallel()
	v, clock := &versions{}, enginetest.NewClock()
	libraries := engine.NewLibraries(v, clock.Now)
	get := func() *engine.Library {
		t.Helper()
		l, err := libraries.Library(t.Context(), "b")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	has := func(l *engine.Library, block string, version int) {
		t.Helper()
		p, _, err := l.Find(block)
		if err != nil || p.Number != version {
			t.Errorf("%s is of version %d (%v), want %d", block, p.Number, err, version)
		}
	}

	if l := get(); len(l.Flows) != 0 {
		t.Errorf("a bot without flows has %d", len(l.Flows))
	}
	first := v.publish(t, "one", "hello")
	clock.Advance(2 * time.Second)
	l1 := get()
	has(l1, "one block", 1)

	v.publish(t, "one", "hello again")
	v.publish(t, "two", "hi")
	if get() != l1 {
		t.Error("the library was read again within a second")
	}
	clock.Advance(2 * time.Second)
	l2 := get()
	has(l2, "one block", 2)
	has(l2, "two block", 1)
	has(l1, "one block", 1)

	old, err := l2.Version(first)
	if err != nil || old != l1.Flows[0].Program {
		t.Errorf("an old version was compiled again (%v)", err)
	}
	if _, err := l2.Version(99); !engine.IsCode(err, engine.NotFound) {
		t.Errorf("a version that never was: %v", err)
	}

	v.publish(t, "two", "hi again")
	libraries.Forget("b")
	l3 := get()
	has(l3, "two block", 2)
	if one := l3.Flows[0].Program; one != l2.Flows[0].Program {
		t.Error("a version that did not change was compiled again")
	}
	asked, read := v.asked, v.read
	clock.Advance(2 * time.Second)
	if get() != l3 || v.asked != asked+1 || v.read != read {
		t.Errorf("nothing was published, and %d lists were read", v.read-read)
	}
}

// TestLibrariesAway holds that a database that is away for a moment does not
// silence a bot.
func TestLibrariesAway(t *testing.T) {
	t.Parallel()
	v, clock := &versions{}, enginetest.NewClock()
	v.publish(t, "one", "hello")
	libraries := engine.NewLibraries(v, clock.Now)
	l, err := libraries.Library(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	v.err = errors.New("away")
	clock.Advance(30 * time.Second)
	if again, err := libraries.Library(t.Context(), "b"); err != nil || again != l {
		t.Errorf("after half a minute: %v", err)
	}
	clock.Advance(time.Minute)
	if _, err := libraries.Library(t.Context(), "b"); !errors.Is(err, v.err) {
		t.Errorf("after more than a minute: %v", err)
	}
	if _, err := engine.NewLibraries(v, clock.Now).Library(t.Context(), "b"); !errors.Is(err, v.err) {
		t.Errorf("never read: %v", err)
	}
}

// TestLibrariesTogether holds that many who ask at once share one read, and
// that one who gives up harms nobody else.
func TestLibrariesTogether(t *testing.T) {
	t.Parallel()
	v, clock := &versions{block: make(chan struct{})}, enginetest.NewClock()
	v.publish(t, "one", "hello")
	libraries := engine.NewLibraries(v, clock.Now)

	hasty, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan error)
	go func() {
		_, err := libraries.Library(hasty, "b")
		gaveUp <- err
	}()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := libraries.Library(t.Context(), "b"); err != nil {
				t.Error(err)
			}
		})
	}
	cancel()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Errorf("the hasty one got %v", err)
	}
	close(v.block)
	all.Wait()
	if v.read > 2 { // who came after the first read was over reads again at most once
		t.Errorf("read %d times", v.read)
	}
}

// TestLibrariesBroken holds that a version that cannot be compiled is named.
func TestLibrariesBroken(t *testing.T) {
	t.Parallel()
	v := &versions{revision: 1, rows: []engine.FlowVersion{{ID: 1, FlowID: "f1", Number: 3, Document: []byte(`{`)}}}
	_, err := engine.NewLibraries(v, enginetest.NewClock().Now).Library(t.Context(), "b")
	if err == nil || err.Error()[:len("compile version 3 of flow f1")] != "compile version 3 of flow f1" {
		t.Errorf("got %v", err)
	}
}
