package app

import (
	"net/http"
	"strings"
	"testing"
)

// While everything is paused nothing goes out and all is kept; afterwards all
// of it goes out. A bot's own pause is a switch of its own.
func TestPauseAndResume(t *testing.T) {
	trials(t, func(t *testing.T, s *trial) {
		s.serve()
		s.open(trialFlow)
		mai := s.people(1)[0]
		if out := s.does("pause", "--reason", "a wrong price"); !strings.Contains(out, "everything is PAUSED") || !strings.Contains(out, "blockcast resume\n") {
			t.Errorf("pause says %s", out)
		}
		s.does("pause", "--bot", "shop", "--reason", "a loop")
		if _, err := s.line.Write(t.Context(), "shop", mai, "hello"); err != nil {
			t.Fatal(err)
		}
		if status, text := s.sends(mai, "news"); status != http.StatusAccepted {
			t.Fatalf("a send: %d %s", status, text)
		}
		s.waits(`SELECT COUNT(*) FROM interactions WHERE answered_at IS NULL`, "1")
		for what, want := range map[string]string{
			"/readyz":  `"notes":{"paused":"everything is paused since`,
			"/metrics": `blockcast_clock_apart_seconds`,
		} {
			if status, text := s.calls("GET", what, "", ""); status != http.StatusOK || !strings.Contains(text, want) {
				t.Errorf("%s: %d %s", what, status, text)
			}
		}
		out := s.does("status")
		for _, want := range []string{"PAUSED: everything, ", ", by the command line: ", "a wrong price", "PAUSED: the bot shop", "a loop", "1 queued", "to be answered", "serve"} {
			if !strings.Contains(out, want) {
				t.Errorf("the status does not say %q:\n%s", want, out)
			}
		}
		if out := s.does("resume"); !strings.Contains(out, "everything goes on") || !strings.Contains(out, "still paused: the bot shop, because a loop") {
			t.Errorf("resume says %s", out)
		}
		if calls := s.line.AcceptedFor(mai); len(calls) > 0 {
			t.Errorf("while paused they got %v", calls)
		}
		if s.env["BLOCKCAST_DATABASE_URL"] == "" && !strings.Contains(s.log.String(), `"msg":"paused"`) { // else the command's own server said it
			t.Error("the log does not tell of the pause")
		}
		s.does("resume", "--bot", "shop")
		s.hears(mai, 2)
	})
}

// A person settles what nobody knows, all at once.
func TestSettleAll(t *testing.T) {
	t.Parallel()
	typed := shopFolder(t)
	if out, errs, code := typed("sends", "settle-all", "sent", "--dry-run"); code != 0 || out != "0 sends of unknown outcome would be sent (dry run: nothing is changed)\n" {
		t.Errorf("code %d, %s%s", code, out, errs)
	}
	if out, errs, code := typed("sends", "settle-all", "failed", "--since", "2026-01-01T00:00:00Z"); code != 0 || out != "0 sends of unknown outcome settled as failed\n" {
		t.Errorf("code %d, %s%s", code, out, errs)
	}
	if _, errs, code := typed("sends", "settle-all", "queued"); code != exitUsage || !strings.Contains(errs, "sent") {
		t.Errorf("code %d, %s", code, errs)
	}
	if out, errs, code := typed("status"); code != 0 || !strings.Contains(out, "(none: nothing is sent or answered until one runs)") {
		t.Errorf("status: code %d, %s%s", code, out, errs)
	}
}
