package app

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// A server that is told to stop is not ready, and answers until it has drained.
func TestReadinessEndsBeforeTheListener(t *testing.T) {
	trials(t, func(t *testing.T, s *trial) {
		s.env["BLOCKCAST_DRAIN"] = "1500ms"
		stop := s.serve()
		if status, text := s.calls("GET", "/readyz", "", ""); status != http.StatusOK {
			t.Fatalf("before: %d %s", status, text)
		}
		stopped := make(chan struct{})
		go func() { stop(); close(stopped) }()
		unready, asked := false, 0
		for !unready {
			status, text := s.calls("GET", "/readyz", "", "")
			if status == 0 {
				t.Fatalf("the listener closed before anybody heard of it: %s", text)
			}
			unready = status == http.StatusServiceUnavailable && strings.Contains(text, `"server":"stopping"`)
			if asked++; asked > 10_000 {
				t.Fatal("it stays ready")
			}
		}
		if status, text := s.calls("GET", "/openapi.json", "", ""); status != http.StatusOK {
			t.Errorf("while it drains: %d %s", status, text)
		}
		<-stopped
		if status, _ := s.calls("GET", "/readyz", "", ""); status != 0 {
			t.Errorf("it answers %d after it has stopped", status)
		}
	})
}

// The log tells by which request a delivery came and what became of it.
func TestTheLogFollowsASend(t *testing.T) {
	trials(t, func(t *testing.T, s *trial) {
		s.serve()
		s.open(trialFlow)
		mai := s.people(1)[0]
		_, text := s.sends(mai, "news")
		delivery := s.field(text, "delivery_id")
		s.hears(mai, 1)
		s.waits(`SELECT status FROM deliveries`, "sent")
		var request, outcome map[string]any
		for range 500 {
			for line := range strings.Lines(s.log.String()) {
				var v map[string]any
				if json.Unmarshal([]byte(line), &v) != nil {
					continue
				}
				switch {
				case v["msg"] == "request" && v["delivery_id"] == delivery:
					request = v
				case v["msg"] == "delivery":
					outcome = v
				}
			}
			if request != nil && outcome != nil {
				break
			}
			select {
			case <-t.Context().Done():
			case <-time.After(10 * time.Millisecond):
			}
		}
		if id, _ := request["request_id"].(string); len(id) < 10 || request["query"] == nil {
			t.Errorf("the request's line: %v", request)
		}
		var id float64
		if err := json.Unmarshal([]byte(delivery), &id); err != nil || outcome["delivery_id"] != id || outcome["status"] != "sent" || outcome["send_id"] != s.field(text, "id") {
			t.Errorf("the delivery's line: %v, %v", outcome, err)
		}
		if platform, _ := outcome["platform_request_id"].(string); platform == "" {
			t.Errorf("the platform's own id is missing: %v", outcome)
		}
	})
}

// What was planned before a restart of an embedded instance comes in time: its
// queue is gone with the process, and the reconciler would be late.
func TestAPauseOutlivesARestartInTime(t *testing.T) {
	t.Parallel()
	s := newTrial(t, map[string]string{"BLOCKCAST_DATA": t.TempDir(), "BLOCKCAST_LISTEN": "127.0.0.1:0"})
	stop := s.serve()
	s.open(`{"format": 1, "flow": "shop", "triggers": [{"on": "default", "block": "slow"}],
		"blocks": [{"name": "slow", "steps": [{"type": "text", "text": "One."}, {"type": "wait", "for": "4s"}, {"type": "text", "text": "Two."}]}]}`)
	mai := s.people(1)[0]
	if _, err := s.line.Write(t.Context(), "shop", mai, "hello"); err != nil {
		t.Fatal(err)
	}
	s.hears(mai, 1)
	s.waits(`SELECT COUNT(*) FROM sessions WHERE resume_at IS NOT NULL`, "1")
	stop()
	s.serve()
	s.hears(mai, 2)
	s.waits(`SELECT COUNT(*) FROM deliveries WHERE status = 'sent'`, "2")
	_, metrics := s.calls("GET", "/metrics", "", "")
	for line := range strings.Lines(metrics) {
		if strings.HasPrefix(line, "blockcast_bells_rung_again_total") {
			t.Errorf("the reconciler had to ring: %s", line)
		}
	}
	if !slices.Contains(strings.Split(metrics, "\n"), `blockcast_send_seconds_count{queue="replies"} 1`) {
		t.Error("the send of this run is not measured")
	}
}
