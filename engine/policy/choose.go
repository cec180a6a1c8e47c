package policy

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// Candidate is one identity a call may mean.
type Candidate struct {
	Identity *engine.Identity
	Account  *engine.Account
	Free     bool // a reply token may still be good
}

// Preference is what a call's product wants.
type Preference struct {
	Channel string // the one it is for, "" for any
	Only    bool   // no other will do
}

// Choose picks the identity of a person that a call goes to, and says why. Two
// different people on one account are refused, naming both; on different
// accounts they are one person here. When none can be reached the one that
// would have been chosen is, so that the ledger can say why not.
func Choose(all []Candidate, p Preference, now time.Time) (index int, because string, err error) {
	pool, because, err := eligible(all, p, now)
	if err != nil {
		return 0, "", err
	}
	if err := ambiguous(all, pool); err != nil {
		return 0, "", err
	}
	if len(pool) == 1 {
		return pool[0], because, nil
	}
	best := slices.MinFunc(pool, func(a, b int) int {
		x, y := &all[a], &all[b]
		return cmp.Or(
			first(x.reachable(), y.reachable()),
			first(x.free(now), y.free(now)),
			y.Identity.LastInboundAt.Compare(x.Identity.LastInboundAt),
			cmp.Compare(x.Identity.ID, y.Identity.ID),
		)
	})
	return best, why(all, pool, best, now), nil
}

// eligible leaves those on the product's channel, and the others where there
// is nobody to be reached on it and others will do.
func eligible(all []Candidate, p Preference, now time.Time) (pool []int, because string, err error) {
	if len(all) == 0 {
		return nil, "", &engine.Error{Code: engine.NotFound, Field: "to", Message: "this person has no connected messaging account to be reached on"}
	}
	var wanted, others []int
	reached := false
	for i := range all {
		if p.Channel == "" || all[i].Account.Channel == p.Channel {
			wanted = append(wanted, i)
			reached = reached || all[i].reachable()
		} else {
			others = append(others, i)
		}
	}
	if p.Only || reached || len(others) == 0 {
		if len(wanted) == 0 {
			return nil, "", &engine.Error{Code: engine.NotFound, Field: "to", Message: fmt.Sprintf("this person is not known on %s", p.Channel),
				Hint: "the bot's setting all_channels lets such calls reach people elsewhere"}
		}
		if len(others) > 0 {
			return wanted, "this call is for " + p.Channel, nil
		}
		return wanted, "the only one this person is known by", nil
	}
	if slices.ContainsFunc(others, func(i int) bool { return all[i].reachable() }) || len(wanted) == 0 {
		return others, "they cannot be reached on " + p.Channel, nil
	}
	return wanted, "this call is for " + p.Channel, nil
}

// ambiguous refuses a choice between two people on one account.
func ambiguous(all []Candidate, pool []int) error {
	seen := map[string]int64{}
	for _, i := range pool {
		c := &all[i]
		other, ok := seen[c.Account.ID]
		if ok && other != c.Identity.ContactID {
			return &engine.Error{Code: engine.Conflict, Field: "to", Reason: "ambiguous",
				Message: fmt.Sprintf("two people on the account %s are meant, the contacts %d and %d: send to one of them by id",
					c.Account.Name, min(other, c.Identity.ContactID), max(other, c.Identity.ContactID))}
		}
		seen[c.Account.ID] = c.Identity.ContactID
	}
	return nil
}

func (c *Candidate) reachable() bool {
	return c.Account.State != engine.AccountDisconnected && c.Identity.BlockedAt.IsZero()
}

// free reports whether something could go out there now without cost.
func (c *Candidate) free(now time.Time) bool {
	f := Facts{Channel: c.Account.Channel, Account: c.Account, Identity: c.Identity, Contact: &engine.Contact{},
		Intent: engine.IntentUtility, ReplyToken: c.Free, Many: true, Now: now}
	d := Decide(f)
	return d.Skip == "" && !d.Paid
}

// why tells what set the chosen one apart.
func why(all []Candidate, pool []int, best int, now time.Time) string {
	c := &all[best]
	others := func(same func(*Candidate) bool) bool {
		return slices.ContainsFunc(pool, func(i int) bool { return i != best && same(&all[i]) })
	}
	switch {
	case !c.reachable():
		return "none of their accounts can be reached; this is where they were last heard from"
	case !others((*Candidate).reachable):
		return "the only one of theirs that can be reached"
	case c.free(now) && !others(func(o *Candidate) bool { return o.reachable() && o.free(now) }):
		return "they can be written to for free there"
	case c.Identity.LastInboundAt.IsZero():
		return "the oldest one known of theirs"
	}
	return "they were last heard from there"
}

// first orders true before false.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}
