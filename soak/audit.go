package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// audit compares what was asked, what the ledger says and what people got.
type audit struct {
	book   *book
	ledger *ledger
	heard  heard
	owners []string // parts of the names of the processes that were asked to stop

	notices map[string]*notice   // that came to the receiver of webhooks, by id
	codes   map[addressee]string // of those the broadcast goes to
	echoes  map[addressee]*echo  // what they got of it

	wrong []string // what does not add up, row by row
}

func (a *audit) bad(format string, args ...any) {
	a.wrong = append(a.wrong, fmt.Sprintf(format, args...))
}

// run makes every comparison.
func (a *audit) run() {
	a.closed()
	a.answered()
	a.ordered()
	a.reached()
	a.unknowns()
	a.noticed()
	a.broadcast()
}

// closed holds that nothing is left to be done, or held by anybody.
func (a *audit) closed() {
	for _, d := range a.ledger.deliveries {
		switch {
		case d.open:
			a.bad("still open: %v", d)
		case d.leased:
			a.bad("closed and leased: %v", d)
		}
	}
	for _, i := range a.ledger.interactions {
		if !i.answered {
			a.bad("interaction %d is not answered (attempt %d, %s)", i.id, i.attempt, i.mark)
		}
	}
	for _, text := range a.ledger.held {
		if slices.ContainsFunc(a.owners, func(o string) bool { return strings.Contains(text, o) }) {
			a.bad("held by a process that was asked to stop: %s", text)
		}
	}
	for _, text := range a.ledger.left {
		a.bad("still planned: %s", text)
	}
	for _, text := range a.ledger.accounts {
		a.bad("account paused: %s", text)
	}
	if a.ledger.poison > 0 {
		a.bad("%d events are kept as poison", a.ledger.poison)
	}
}

// answered holds that every webhook which was taken is one interaction, and
// was answered or says why not.
func (a *audit) answered() {
	byMark := map[string][]*interaction{}
	for _, i := range a.ledger.interactions {
		byMark[i.mark] = append(byMark[i.mark], i)
	}
	said := map[int64]bool{}
	for _, d := range a.ledger.deliveries {
		said[d.interactionID] = true
	}
	for _, mark := range slices.Sorted(maps.Keys(a.book.events)) {
		e := a.book.events[mark]
		rows := byMark[mark]
		switch {
		case !e.taken:
			a.bad("%s: the webhook was never taken, after %d tries", mark, e.tries)
		case len(rows) != 1:
			a.bad("%s: the webhook was taken and is %d interactions", mark, len(rows))
		case rows[0].outcome == "failed" && rows[0].error == "":
			a.bad("%s: interaction %d failed without a reason", mark, rows[0].id)
		case rows[0].outcome == "failed": // stands with its reason; the table shows how many
		case rows[0].answered && !said[rows[0].id]:
			a.bad("%s: interaction %d is answered (%s) and nothing was said", mark, rows[0].id, rows[0].outcome)
		}
	}
}

// ordered holds that every order which was taken has exactly one delivery, and
// that there is no delivery nobody ordered.
func (a *audit) ordered() {
	bySend, byMark := map[string]int{}, map[string]int{}
	for _, d := range a.ledger.deliveries {
		if d.sendID == "" || d.seq != 0 {
			continue
		}
		bySend[d.sendID]++
		for _, m := range firstOf(d.marks) {
			byMark[m]++
		}
	}
	for id, n := range bySend {
		if n != 1 {
			a.bad("send %s has %d first deliveries", id, n)
		}
	}
	for id, source := range a.ledger.sends {
		if source != "later" && bySend[id] == 0 {
			a.bad("send %s (%s) has no delivery", id, source)
		}
	}
	for _, mark := range slices.Sorted(maps.Keys(a.book.orders)) {
		o := a.book.orders[mark]
		switch n := byMark[mark]; {
		case o.refused != "":
			a.bad("%s: the order was refused: %s", mark, o.refused)
		case o.keyed && !o.taken:
			a.bad("%s: the order was never answered, after %d tries", mark, o.tries)
		case o.taken && o.sendID != "" && bySend[o.sendID] != 1:
			a.bad("%s: the order %s was taken and has %d deliveries", mark, o.sendID, bySend[o.sendID])
		case n > 1:
			a.bad("%s: the order is %d deliveries", mark, n)
		case o.taken && n == 0 && o.kind != "question": // one that expired has said nothing
			a.bad("%s: the order was taken and nothing was made of it", mark)
		}
	}
}

// firstOf is the order's mark among those of a delivery.
func firstOf(marks []string) []string {
	var out []string
	for _, m := range marks {
		if name, ok := strings.CutSuffix(m, ".1"); ok {
			out = append(out, name)
		}
	}
	return out
}

// reached holds that people got what the ledger says, and nothing twice.
func (a *audit) reached() {
	told := map[string]bool{}
	for _, d := range a.ledger.deliveries {
		for n, mark := range d.marks {
			if told[mark] {
				a.bad("%s is said by two deliveries, the second is %v", mark, d)
			}
			told[mark] = true
			times := 0
			if r := a.heard[mark]; r != nil {
				times = r.times
				if r.person != d.person {
					a.bad("%s reached %s instead of the person of %v", mark, r.person, d)
				}
			}
			if least, most := expected(d, n); times < least || times > most && times < 2 {
				a.bad("%s reached its person %d times: %v", mark, times, d)
			}
		}
	}
	for _, mark := range slices.Sorted(maps.Keys(a.heard)) {
		r := a.heard[mark]
		if r.times > 1 {
			a.bad("%s reached %s %d times, by %v: %v", mark, r.person, r.times, r.by, a.saidBy(mark))
		}
		for _, other := range r.others {
			a.bad("%s reached %s and %s", mark, r.person, other)
		}
		if !told[mark] {
			a.bad("%s reached %s and stands nowhere", mark, r.person)
		}
	}
}

func (a *audit) saidBy(mark string) *delivery {
	for _, d := range a.ledger.deliveries {
		if slices.Contains(d.marks, mark) {
			return d
		}
	}
	return nil
}

// expected is how often the n-th message of a delivery reached its person, at
// least and at most, if the ledger tells the truth.
func expected(d *delivery, n int) (least, most int) {
	switch d.status {
	case "sent", "delivered", "read":
		return 1, 1
	case "unknown":
		if n < d.messagesSent {
			return 1, 1
		}
		return 0, 1
	case "failed":
		if n < d.messagesSent {
			return 1, 1
		}
		return 0, 0
	}
	return 0, 0
}

// reasons are why a delivery may be skipped here.
var reasons = [...]string{"expired"}

// unknowns holds that every unknown is flagged and has a lost answer behind
// it, and that nothing failed for good.
func (a *audit) unknowns() {
	for _, d := range a.ledger.deliveries {
		switch d.status {
		case "unknown":
			if d.class != "lost" || d.err == "" {
				a.bad("unknown and not flagged: %v", d)
			}
			if d.unanswered == 0 {
				a.bad("unknown, and every call was answered: %v", d)
			}
		case "failed":
			a.bad("failed, though the platforms refuse nothing for good: %v", d)
		case "skipped":
			if !slices.Contains(reasons[:], d.reason) {
				a.bad("skipped for a reason there is not: %v", d)
			}
		}
	}
}
