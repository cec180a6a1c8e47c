package api_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// bells remember what of broadcasts was rung for now; the clock of these tests
// stands.
type bells struct {
	mu     sync.Mutex
	runs   []int64
	ranges []int64
}

func (b *bells) RingRun(number int64, at time.Time) {
	if at.After(testsBegin) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.runs = append(b.runs, number)
}

func (b *bells) RingRange(id int64, at time.Time) {
	if at.After(testsBegin) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ranges = append(b.ranges, id)
}

// testsBegin is the time of the tests' clock.
var testsBegin = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)

func (*bells) RingProfile(int64) {}

func (b *bells) take() (runs, ranges []int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	runs, ranges, b.runs, b.ranges = b.runs, b.ranges, nil, nil
	return runs, ranges
}

// workBroadcasts works off all that is rung for.
func (h *harness) workBroadcasts(t *testing.T) {
	t.Helper()
	for range 100 {
		runs, ranges := h.bells.take()
		if len(runs)+len(ranges) == 0 {
			return
		}
		for _, n := range runs {
			if err := h.broadcasts.Work(t.Context(), n); err != nil {
				t.Fatal(err)
			}
		}
		for _, id := range ranges {
			if err := h.broadcasts.WorkRange(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Fatal("the bells do not fall silent")
}

// agree subscribes everybody, as broadcasts want it.
func (h *harness) agree(t *testing.T) {
	t.Helper()
	people, _, err := h.db.ListContacts(t.Context(), h.bot.ID, "", engine.Page{})
	if err != nil {
		t.Fatal(err)
	}
	agreed := true
	for _, c := range people {
		if err := h.db.PatchContact(context.WithoutCancel(t.Context()), h.bot.ID, c.ID, 0, engine.Deltas{Subscribe: &agreed}, h.clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
}

// A file for a spreadsheet holds no formula of anybody's, whatever they are called.
func TestRecipientsAsCSV(t *testing.T) {
	t.Parallel()
	s := &story{harness: newHarness(t), saved: map[string]string{}}
	s.saved["bot"] = s.bot.ID
	s.people(t)
	s.agree(t)
	people, _, err := s.db.ListContacts(t.Context(), s.bot.ID, "Mai", engine.Page{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.db.PatchContact(t.Context(), s.bot.ID, people[0].ID, 0, engine.Deltas{Facts: map[string]any{"name": "=1+1"}}, s.clock.Now()); err != nil {
		t.Fatal(err)
	}
	s.publish(t)
	b, err := s.broadcasts.Create(t.Context(), s.bot.ID, engine.Plan{Subject: "x", Content: engine.Content{Block: "hello"}, Audience: engine.Audience{All: true}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.broadcasts.Start(t.Context(), s.bot.ID, b.ID); err != nil {
		t.Fatal(err)
	}
	s.workBroadcasts(t)
	got := s.tell(t, exchange{Token: "reader", Method: http.MethodGet, Path: "/v1/bots/" + s.bot.ID + "/broadcasts/" + b.ID + "/recipients/export"})
	lines := strings.Split(strings.TrimSpace(string(got.Response)), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[0], "contact_id,name,phone,user") {
		t.Fatalf("the file is\n%s", got.Response)
	}
	if !strings.Contains(lines[1], "'=1+1,+84912345678,UMai") || !strings.Contains(lines[1], ",sent,") || !strings.Contains(lines[2], ",skipped,blocked") {
		t.Errorf("the file is\n%s", got.Response)
	}
}

// publish publishes a block that says hello.
func (s *story) publish(t *testing.T) {
	t.Helper()
	for _, e := range []exchange{
		{Token: "admin", Method: http.MethodPut, Path: "/v1/bots/{bot}/flows/news", Body: []byte(`{"format": 1, "flow": "news", "modules": [{"name": "hello", "steps": [{"type": "text", "text": "Hello!"}]}]}`)},
		{Token: "admin", Method: http.MethodPost, Path: "/v1/bots/{bot}/flows/news/publish"},
	} {
		if got := s.tell(t, e); got.Status > 299 {
			t.Fatalf("%s: %d %s", e.Path, got.Status, got.Response)
		}
	}
}

// Counting taps is no setting of a bot whose links would lead nowhere: each of
// its broadcasts would be refused for it, scheduled ones at their time.
func TestCountingNeedsAnAddress(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	change := func(settings string) (int, string) {
		res := h.call(t, "admin", http.MethodPatch, "", `{"settings": {"broadcasts": `+settings+`}}`)
		defer res.Body.Close()
		said, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(said)
	}
	if status, said := change(`{"track": "person"}`); status != http.StatusUnprocessableEntity || !strings.Contains(said, `body.settings.broadcasts.track"`) || !strings.Contains(said, "--public-url") {
		t.Errorf("without an address: %d %s", status, said)
	}
	if status, said := change(`{"track": "off"}`); status != http.StatusOK {
		t.Errorf("off: %d %s", status, said)
	}
	h.broadcasts.Reachable = true
	if status, said := change(`{"track": "person"}`); status != http.StatusOK {
		t.Errorf("with an address: %d %s", status, said)
	}
	h.broadcasts.Reachable = false // it was moved
	if status, said := change(`{"track": "person", "frequency_caps": [{"most": 1, "days": 7}]}`); status != http.StatusOK {
		t.Errorf("another setting beside it: %d %s", status, said)
	}
}
