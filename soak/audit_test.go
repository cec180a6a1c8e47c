package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// healthy is a run in which everything adds up: an answer, an order, and one
// whose answer was lost.
func healthy() *audit {
	b := newBook()
	b.wrote(&event{mark: "say1", taken: true, tries: 1})
	b.asked(&order{mark: "notice2", kind: "notice", keyed: true, taken: true, sendID: "s2", tries: 1})
	b.asked(&order{mark: "long3", kind: "messages", keyed: true, taken: true, sendID: "s3", tries: 2})
	return &audit{book: b, owners: []string{"/12/"},
		ledger: &ledger{
			interactions: []*interaction{{id: 1, mark: "say1", answered: true, outcome: "answered"}},
			held:         []string{"contact 6 by vm/11/ab/cd"}, // of one that was killed
			sends:        map[string]string{"s2": "api", "s3": "api"},
			deliveries: []*delivery{
				{id: 1, interactionID: 1, channel: "line", person: "mai", status: "sent", marks: []string{"say1.1"}, messagesSent: 1, attempts: 1},
				{id: 2, sendID: "s2", channel: "line", person: "mai", status: "delivered", marks: []string{"notice2.1"}, messagesSent: 1, attempts: 1},
				{id: 3, sendID: "s3", channel: "messenger", person: "lan", status: "unknown", class: "lost", err: "timeout", marks: []string{"long3.1", "long3.2"},
					messagesSent: 1, attempts: 2, unanswered: 1},
			},
		},
		heard: hear([]sandbox.Call{said("mai", "say1.1"), said("mai", "notice2.1"), said("lan", "long3.1")}),
	}
}

func said(person string, marks ...string) sandbox.Call {
	c := sandbox.Call{Channel: "line", Endpoint: sandbox.LINEPush, To: []string{person}}
	for _, m := range marks {
		text, _ := json.Marshal(map[string]string{"text": "It is here [" + m + "]."})
		c.Messages = append(c.Messages, text)
	}
	return c
}

func TestHealthyRunAddsUp(t *testing.T) {
	t.Parallel()
	a := healthy()
	if a.run(); len(a.wrong) > 0 {
		t.Error(a.wrong)
	}
	a = healthy() // the lost call may have arrived as well
	a.heard = hear([]sandbox.Call{said("mai", "say1.1"), said("mai", "notice2.1"), said("lan", "long3.1", "long3.2")})
	if a.run(); len(a.wrong) > 0 {
		t.Error(a.wrong)
	}
}

// Whatever is wrong, the audit names it.
func TestAuditFinds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(a *audit)
		want  string
	}{
		"an open delivery":               {func(a *audit) { a.ledger.deliveries[0].open = true }, "still open: delivery 1"},
		"a lease on what is closed":      {func(a *audit) { a.ledger.deliveries[0].leased = true }, "closed and leased"},
		"a contact that is held":         {func(a *audit) { a.ledger.held = []string{"contact 7 by vm/12/ab/cd"} }, "contact 7 by vm/12/ab/cd"},
		"a timer that is left":           {func(a *audit) { a.ledger.left = []string{"timer 3"} }, "still planned: timer 3"},
		"a paused account":               {func(a *audit) { a.ledger.accounts = []string{"line is paused: 401"} }, "line is paused: 401"},
		"poison":                         {func(a *audit) { a.ledger.poison = 2 }, "2 events are kept as poison"},
		"an interaction left unanswered": {func(a *audit) { a.ledger.interactions[0].answered = false }, "interaction 1 is not answered"},
		"a webhook that is no interaction": {func(a *audit) { a.ledger.interactions = nil },
			"say1: the webhook was taken and is 0 interactions"},
		"a webhook that is two interactions": {func(a *audit) { a.ledger.interactions = append(a.ledger.interactions, a.ledger.interactions[0]) },
			"say1: the webhook was taken and is 2 interactions"},
		"an answer that says nothing":  {func(a *audit) { a.ledger.deliveries = a.ledger.deliveries[1:] }, "is answered (answered) and nothing was said"},
		"a failure without a reason":   {func(a *audit) { a.ledger.interactions[0].outcome = "failed" }, "failed without a reason"},
		"an order without a delivery":  {func(a *audit) { a.ledger.deliveries[1].sendID = "other" }, "the order s2 was taken and has 0 deliveries"},
		"an order that is two":         {func(a *audit) { a.ledger.deliveries = append(a.ledger.deliveries, a.ledger.deliveries[1]) }, "send s2 has 2 first deliveries"},
		"an order that was refused":    {func(a *audit) { a.book.orders["notice2"].refused = "400 no" }, "the order was refused: 400 no"},
		"sent, and nobody got it":      {func(a *audit) { delete(a.heard, "say1.1") }, "say1.1 reached its person 0 times"},
		"queued, and somebody got it":  {func(a *audit) { a.ledger.deliveries[0].status = "skipped" }, "say1.1 reached its person 1 times"},
		"something came twice":         {func(a *audit) { a.heard["say1.1"].times = 2 }, "say1.1 reached mai 2 times"},
		"something came to another":    {func(a *audit) { a.ledger.deliveries[0].person = "lan" }, "say1.1 reached mai instead of the person of"},
		"something nobody has ordered": {func(a *audit) { a.heard["say9.1"] = &receipt{person: "mai", times: 1} }, "say9.1 reached mai and stands nowhere"},
		"an unknown without a flag":    {func(a *audit) { a.ledger.deliveries[2].class = "" }, "unknown and not flagged"},
		"an unknown without a cause":   {func(a *audit) { a.ledger.deliveries[2].unanswered = 0 }, "unknown, and every call was answered"},
		"a part that did not arrive":   {func(a *audit) { delete(a.heard, "long3.1") }, "long3.1 reached its person 0 times"},
		"a failure for good":           {func(a *audit) { a.ledger.deliveries[0].status = "failed" }, "failed, though the platforms refuse nothing for good"},
		"a skip nobody caused":         {func(a *audit) { a.ledger.deliveries[0].status, a.ledger.deliveries[0].reason = "skipped", "blocked" }, "skipped for a reason there is not"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := healthy()
			c.spoil(a)
			a.run()
			if !strings.Contains(strings.Join(a.wrong, "\n"), c.want) {
				t.Errorf("found %q, want %q", a.wrong, c.want)
			}
		})
	}
}
