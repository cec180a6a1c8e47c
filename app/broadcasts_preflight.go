package app

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine/broadcast"
)

// preflightView is what a pre-flight tells.
type preflightView struct {
	PreparedID string `json:"prepared_id"`
	State      string `json:"state"`
	Reason     string `json:"reason"`
	Audience   int64  `json:"audience"`
	Reachable  int64  `json:"reachable"`
	Made       int64  `json:"made"`
	Routes     []struct {
		AccountID string `json:"account_id"`
		Channel   string `json:"channel"`
		Route     string `json:"route"`
		Paid      bool   `json:"paid"`
		People    int64  `json:"people"`
	} `json:"routes"`
	Skipped []struct {
		Reason      string `json:"reason"`
		Explanation string `json:"explanation"`
		People      int64  `json:"people"`
	} `json:"skipped"`
	Variants   map[string]int64 `json:"variants"`
	Failed     int64            `json:"failed"`
	OverLimits int64            `json:"over_limits"`
	Degrades   int64            `json:"degrades"`
	Failures   []findingView    `json:"failures"`
	OverLimit  []findingView    `json:"over_limit"`
	Degraded   []findingView    `json:"degraded"`
	Longest    []findingView    `json:"longest"`
	Emptiest   []findingView    `json:"emptiest"`
	Quotas     []struct {
		AccountID string `json:"account_id"`
		Needed    int64  `json:"needed"`
		Left      *int64 `json:"left"`
	} `json:"quotas"`
	Cost     []amountView `json:"cost"`
	Unpriced int64        `json:"unpriced"`
	Seconds  int64        `json:"seconds"`
	Doubts   []string     `json:"doubts"`
	Locks    []lockView   `json:"locks"`
}

// findingView is a message that somebody should look at.
type findingView struct {
	Name       string `json:"name"`
	Variant    string `json:"variant"`
	Characters int    `json:"characters"`
	Text       string `json:"text"`
	Why        string `json:"why"`
}

// amountView is an amount of money.
type amountView struct {
	Currency string  `json:"currency"`
	Amount   float64 `json:"amount"`
}

func (v amountView) String() string { return broadcast.Cost(v).String() }

// print shows a pre-flight to people: who, how, the messages that are worth a
// look, quota and cost, doubts, and how to go on.
func (v *preflightView) print(ctx context.Context, s *botSession, id string) error {
	if err := s.line("meant for %s, %d would get it%s", persons(v.Audience), v.Reachable, because(v.Reason)); err != nil {
		return err
	}
	names, err := s.accountNames(ctx)
	if err != nil {
		return err
	}
	t := newTable("PEOPLE", "HOW", "WHY")
	for _, r := range v.Routes {
		how := r.Channel + " " + cmp.Or(r.Route, "by what fits when it is sent")
		if r.Paid {
			how += ", paid"
		}
		account, _ := strings.CutSuffix(cmp.Or(names[r.AccountID], r.AccountID), " on "+r.Channel)
		t.add(strconv.FormatInt(r.People, 10), how, "on account "+account)
	}
	for _, k := range v.Skipped {
		t.add(strconv.FormatInt(k.People, 10), "skipped: "+k.Reason, k.Explanation)
	}
	if err := t.write(s.p.Out); err != nil {
		return err
	}
	for _, line := range v.lines(names, id) {
		if err := s.line("%s", line); err != nil {
			return err
		}
	}
	return nil
}

// lines are what a pre-flight tells under its table; names are of accounts.
func (v *preflightView) lines(names map[string]string, id string) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, name := range slices.Sorted(maps.Keys(v.Variants)) {
		say("variant %s: %s", name, persons(v.Variants[name]))
	}
	out = append(out, v.messages()...)
	for _, q := range v.Quotas {
		if q.Left != nil {
			say("account %s has %d messages left this month, and %d are needed", cmp.Or(names[q.AccountID], q.AccountID), *q.Left, q.Needed)
		}
	}
	for _, m := range v.Cost {
		say("it costs about %s", m)
	}
	say("it takes at least %s", time.Duration(max(v.Seconds, 1))*time.Second)
	for _, d := range v.Doubts {
		for id, name := range names {
			d = strings.ReplaceAll(d, id, name)
		}
		say("doubt: %s", d)
	}
	for _, l := range v.Locks {
		say("account %s is locked for %s broadcasts: %s\n  when somebody has looked at it: blockcast broadcasts unlock %s --note TEXT", cmp.Or(names[l.AccountID], l.AccountID), l.Intent, l.Reason, l.ID)
	}
	switch {
	case len(v.Locks) > 0:
	case v.PreparedID == "":
		say("it cannot be started as it is: it is %s", v.State)
	default:
		say("start exactly this with: blockcast broadcasts start %s --prepared %s", id, v.PreparedID)
	}
	return out
}

// messages are those that are worth a look: the first of each kind, which is
// the worst, and how many there are.
func (v *preflightView) messages() []string {
	var out []string
	for _, w := range [...]struct {
		what  string
		count int64
		list  []findingView
	}{
		{"cannot be made", v.Failed, v.Failures},
		{"over a limit of the platform", v.OverLimits, v.OverLimit},
		{"shown otherwise than written", v.Degrades, v.Degraded},
	} {
		if len(w.list) > 0 {
			out = append(out, fmt.Sprintf("%s: %d, such as for %s%s", w.what, w.count, w.list[0].whom(), because(w.list[0].Why)))
		}
	}
	if len(v.Longest) == 0 {
		return out
	}
	longest := v.Longest[0]
	out = append(out, fmt.Sprintf("the longest, for %s, has %d characters: %s", longest.whom(), longest.Characters, oneLine(longest.Text)))
	if len(v.Emptiest) > 0 && v.Emptiest[0].Characters < longest.Characters {
		emptiest := v.Emptiest[0]
		out = append(out, fmt.Sprintf("the emptiest, for %s, has %d: %s", emptiest.whom(), emptiest.Characters, oneLine(emptiest.Text)))
	}
	return out
}

// whom says whose message it is, and of which variant.
func (f *findingView) whom() string {
	if f.Variant == "" {
		return f.Name
	}
	return f.Name + " (" + f.Variant + ")"
}
