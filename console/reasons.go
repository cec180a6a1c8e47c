package console

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// Why is one reason why people got nothing, with how many they are.
type Why struct {
	Reason string
	Count  int64
	Says   string // what it means and what can be done, "" when nobody knows
	Link   string // to the people, "" where there is none
}

// linked are reasons with links to the people who were not reached for them.
func linked(id, run string, of map[string]int64, explain func(string) string) []Why {
	return whys(of, explain, func(reason string) string {
		return Path + "/" + id + "/recipients?" + narrowed(run, broadcast.Filter{Outcome: broadcast.OutcomeNotReached, Reason: reason})
	})
}

// whys lists reasons with what they mean, the most frequent first.
func whys(of map[string]int64, explain, link func(string) string) []Why {
	var out []Why
	for _, reason := range slices.Sorted(maps.Keys(of)) {
		says := explain(reason)
		if says == reason {
			says = ""
		}
		one := Why{Reason: plain(reason), Count: of[reason], Says: says}
		if link != nil {
			one.Link = link(reason)
		}
		out = append(out, one)
	}
	slices.SortStableFunc(out, func(a, b Why) int { return cmp.Compare(b.Count, a.Count) })
	return out
}

// plain is a name of ours as people write it.
func plain(name string) string { return strings.ReplaceAll(name, "_", " ") }

// mend says what a class of failure means and what can be done.
func mend(class string) string {
	switch channels.ErrorKind(class) {
	case channels.KindThrottled:
		return "The platform was asked too fast until the message expired. Send again later."
	case channels.KindQuota:
		return "The account's paid messages of this month are used up. Raise the plan, or send next month."
	case channels.KindBlocked:
		return "They have blocked the account or left it. They are reachable again as soon as they write."
	case channels.KindWindowClosed:
		return "They wrote too long ago for this platform. Give the block a template for it, or wait until they write."
	case channels.KindContent:
		return "The platform refuses the message itself. See its words at one of them, and change the content."
	case channels.KindTemplate:
		return "The platform does not know the template, has paused it, or misses a value in it."
	case channels.KindAuth:
		return "The platform refuses the account's credentials. Renew them, then send again."
	case channels.KindRestricted:
		return "The platform does not let this account do that. Look into its own console."
	case channels.KindDown:
		return "The platform was out of order. Send again to those it failed for."
	}
	switch class {
	case "render":
		return "The message could not be made with this person's values. Look at the block's expressions."
	case "not_called":
		return "The server stood still before it was their turn, and nothing was sent. Send again to those it failed for."
	case "block_gone":
		return "The block was removed before it was their turn."
	}
	return class
}
