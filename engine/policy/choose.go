package policy

import (
	"fmt"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// Candidate is one identity an order may mean.
type Candidate struct {
	Identity *engine.Identity
	Account  *engine.Account
	Free     bool // a free route is open to it now
}

// Preference is what a caller's product means by "the person".
type Preference struct {
	Channel string // tried first; "" for none
	Only    bool   // and no other
}

// Choose picks the identity an order goes to among all that fit: one that can
// be reached before one that cannot, the product's channel, a free route, then
// who was last heard from. because says which of these decided. Two people on
// the same account are a Conflict that names both; on different accounts they
// are one person.
func Choose(all []Candidate, p Preference, _ time.Time) (chosen int, because string, err error) {
	if err := ambiguous(all); err != nil {
		return 0, "", err
	}
	var fit []int
	for i, c := range all {
		if !p.Only || p.Channel == "" || c.Account.Channel == p.Channel {
			fit = append(fit, i)
		}
	}
	if len(fit) == 0 {
		return 0, "", &engine.Error{Code: engine.NotFound, Field: "to", Message: fmt.Sprintf("this person is not known on %s", p.Channel)}
	}
	because = "their only identity"
	rules := []struct {
		why   string
		holds func(Candidate) bool
	}{
		{"the only one that can be reached", func(c Candidate) bool {
			return c.Account.State != engine.AccountDisconnected && c.Identity.BlockedAt.IsZero()
		}},
		{"the channel this call is made for", func(c Candidate) bool { return c.Account.Channel == p.Channel }},
		{"a free route is open", func(c Candidate) bool { return c.Free }},
	}
	for _, r := range rules {
		kept := slices.DeleteFunc(slices.Clone(fit), func(i int) bool { return !r.holds(all[i]) })
		if len(kept) > 0 && len(kept) < len(fit) {
			fit, because = kept, r.why
		}
	}
	if len(fit) > 1 {
		because = "last heard from"
		slices.SortStableFunc(fit, func(x, y int) int {
			return all[y].Identity.LastInboundAt.Compare(all[x].Identity.LastInboundAt)
		})
	}
	return fit[0], because, nil
}

// ambiguous refuses two people that share an address on one account.
func ambiguous(all []Candidate) error {
	for i, a := range all {
		for _, b := range all[:i] {
			if a.Identity.AccountID == b.Identity.AccountID && a.Identity.ContactID != b.Identity.ContactID {
				return &engine.Error{Code: engine.Conflict, Field: "phone", Reason: "ambiguous",
					Message: fmt.Sprintf("two people of the account %s share this: contacts %d and %d; send to one of them by id",
						a.Account.Name, min(a.Identity.ContactID, b.Identity.ContactID), max(a.Identity.ContactID, b.Identity.ContactID))}
			}
		}
	}
	return nil
}
