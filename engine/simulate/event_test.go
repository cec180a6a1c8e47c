package simulate_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/simulate"
)

const eventFlow = `{
  "format": 1, "flow": "payments", "attributes": { "amount": "number" },
  "triggers": [ { "on": "event", "event": "paid", "block": "thanks" },
    { "on": "event", "event": "paid on messenger", "channels": ["messenger"], "block": "thanks" },
    { "on": "event", "event": "refunded", "even_if_handed_over": true, "block": "refunded" } ],
  "modules": [
    { "name": "thanks", "entry": { "needs": ["amount"] }, "steps": [ { "type": "text", "text": "Thank you for {{ money(amount, 'TWD') }}" } ] },
    { "name": "refunded", "entry": {}, "steps": [ { "type": "text", "text": "You have it back" } ] } ]
}`

// TestAnEventStartsItsTrigger plays events that a system reports.
func TestAnEventStartsItsTrigger(t *testing.T) {
	t.Parallel()
	p := play(t, simulate.Config{}, eventFlow)
	if got := said(t, p, simulate.Event{Name: "paid", With: map[string]any{"amount": 1280}}); !slices.Equal(got, []string{"Thank you for NT$1,280"}) {
		t.Errorf("said %q", got)
	}
	if got := p.Contact().Attributes["amount"]; got != 1280.0 {
		t.Errorf("the amount is kept as %v", got)
	}
	for name, want := range map[string]string{
		"payd":              `did you mean "paid"?`,
		"shipped":           "triggers wait for: paid, paid on messenger, refunded",
		"paid on messenger": "another channel or account",
	} {
		_, err := p.Do(t.Context(), simulate.Event{Name: name})
		if e, ok := errors.AsType[*engine.Error](err); !ok || !strings.Contains(e.Hint, want) {
			t.Errorf("%s: %+v, want the hint %q", name, err, want)
		}
	}
	said(t, p, simulate.HandOver{For: time.Hour})
	if _, err := p.Do(t.Context(), simulate.Event{Name: "paid"}); err == nil {
		t.Error("an event is heard while a person leads the conversation")
	}
	if got := said(t, p, simulate.Event{Name: "refunded"}); !slices.Equal(got, []string{"You have it back"}) {
		t.Errorf("while a person leads the conversation: said %q", got)
	}
}

// TestAnEventWithoutTriggers hints at how to wait for one.
func TestAnEventWithoutTriggers(t *testing.T) {
	t.Parallel()
	_, err := play(t, simulate.Config{}).Do(t.Context(), simulate.Event{Name: "paid"})
	if e, ok := errors.AsType[*engine.Error](err); !ok || !strings.Contains(e.Hint, `{"on": "event"`) {
		t.Errorf("%+v", err)
	}
}
