package notify_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/notify"
)

// TestPausesGrow holds that a notice nobody takes is posted for about three
// days, under one id, and then given up.
func TestPausesGrow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.answers = slices.Repeat([]int{500, 0, 302, 404}, notify.Attempts)
	w.tell(1)
	began := w.clock.Now()
	var pauses []time.Duration
	for range notify.Attempts + 3 {
		w.deliver()
		p := w.postings()[0]
		if p.Status == engine.PostingFailed {
			break
		}
		wait := p.NextAt.Sub(w.clock.Now())
		if len(pauses) > 0 && wait < pauses[len(pauses)-1] && wait < 20*time.Hour {
			t.Errorf("pause %s after %s", wait, pauses[len(pauses)-1])
		}
		pauses = append(pauses, wait)
		w.clock.Advance(wait - time.Second)
		w.deliver() // too early
		w.clock.Advance(time.Second)
	}
	took := w.clock.Now().Sub(began)
	if len(w.calls) != notify.Attempts || took < 60*time.Hour || took > 84*time.Hour {
		t.Errorf("%d calls over %s", len(w.calls), took)
	}
	for _, r := range w.calls {
		if r.Headers["Webhook-Id"] != w.calls[0].Headers["Webhook-Id"] {
			t.Error("a repeated call has another id")
		}
	}
	p := w.postings()[0]
	if p.Status != engine.PostingFailed || p.ClosedAt.IsZero() || p.Error == "" {
		t.Errorf("the posting is %+v", p)
	}
	if len(w.rung) == 0 || w.rung[0].IsZero() {
		t.Errorf("the first pauses ring %v", w.rung)
	}
	if h := w.standing(); h.State != engine.WebhookActive || h.Failures != notify.Attempts || h.FailingSince.IsZero() {
		t.Errorf("the webhook is %+v", h)
	}
	w.tell(1)
	w.deliver()
	w.answers = nil
	w.tell(1)
	w.clock.Advance(time.Hour)
	w.deliver()
	if h := w.standing(); h.Failures != 0 || !h.FailingSince.IsZero() {
		t.Errorf("after a success the webhook is %+v", h)
	}
}

func TestGoneDisables(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.answers = []int{410}
	w.tell(1)
	w.deliver()
	w.tell(1)
	w.deliver()
	h := w.standing()
	if len(w.calls) != 1 || h.State != engine.WebhookDisabled || !strings.Contains(h.Reason, "410") {
		t.Errorf("%d calls, the webhook is %+v", len(w.calls), h)
	}
}

// TestLongFailureDisables holds that a webhook which has failed for days and
// often enough is told nothing more, and that one which failed rarely still is.
func TestLongFailureDisables(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.answers = slices.Repeat([]int{500}, 1000)
	for day := range 5 {
		w.tell(1)
		w.deliver()
		if h := w.standing(); h.State != engine.WebhookActive {
			t.Fatalf("on day %d, after %d failures, it is %+v", day, h.Failures, h)
		}
		w.clock.Advance(24 * time.Hour)
	}
	for range 100 {
		if w.standing().State == engine.WebhookDisabled {
			break
		}
		w.tell(1)
		w.deliver()
	}
	h := w.standing()
	if h.State != engine.WebhookDisabled || h.Failures < notify.PatienceFailures || !strings.Contains(h.Reason, "it failed for 5 days") || !strings.Contains(h.Reason, "500") {
		t.Errorf("the webhook is %+v", h)
	}
	before := len(w.calls)
	w.clock.Advance(24 * time.Hour)
	w.deliver()
	if len(w.calls) != before {
		t.Error("a disabled webhook is told more")
	}
	h.State, h.Reason, h.Failures, h.FailingSince = engine.WebhookActive, "", 0, time.Time{}
	w.put(*h)
	w.answers = nil
	w.deliver()
	for _, p := range w.postings() {
		if p.Status == engine.PostingQueued {
			t.Errorf("what waited is still %+v", p)
		}
	}
}
