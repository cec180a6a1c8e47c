package broadcast

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/blockcast/blockcast/engine"
)

// Sizes of the scan.
const (
	scannedText  = 20_000 // bytes of one message
	aroundHit    = 30     // bytes on each side of a hit's words
	isPromotion  = 2      // the weight from which it is no accident
	lockNoteMost = 1_000  // characters
)

// scanned are the rules, ready to be asked.
var scanned = sync.OnceValue(func() []*regexp.Regexp {
	out := make([]*regexp.Regexp, len(rules))
	for i, r := range rules {
		out[i] = regexp.MustCompile(r.pattern)
	}
	return out
})

// Promotion returns where a text reads like promotion, in the order of the
// rules, one place for each. It reads Chinese, Vietnamese and English.
func Promotion(text string) []engine.Hit {
	folded := strings.ToLower(norm.NFKC.String(strings.ToValidUTF8(text[:min(len(text), scannedText)], "")))
	folded = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1 // what is put between letters so that they are not found
		}
		return r
	}, folded)
	var hits []engine.Hit
	for i, r := range scanned() {
		at := r.FindStringIndex(folded)
		if at == nil {
			continue
		}
		hits = append(hits, engine.Hit{Rule: rules[i].name, Language: rules[i].language, Weight: rules[i].weight,
			Found: folded[at[0]:at[1]], Text: around(folded, at[0], at[1])})
	}
	return hits
}

// around is a place of a text with some of what stands beside it.
func around(s string, from, to int) string {
	from, to = max(from-aroundHit, 0), min(to+aroundHit, len(s))
	for from > 0 && !utf8.RuneStart(s[from]) {
		from--
	}
	for to < len(s) && !utf8.RuneStart(s[to]) {
		to++
	}
	return strings.Join(strings.Fields(s[from:to]), " ")
}

// promotional reports whether hits are promotion together: each rule counts
// once for each variant.
func promotional(hits []engine.Hit) bool {
	type of struct{ variant, rule string }
	sums, seen := map[string]int{}, map[of]bool{}
	for _, h := range hits {
		if k := (of{h.Variant, h.Rule}); !seen[k] {
			seen[k] = true
			sums[h.Variant] += h.Weight
		}
		if sums[h.Variant] >= isPromotion {
			return true
		}
	}
	return false
}

// lock locks the way a run would go out by on its accounts.
func (b *Broadcasts) lock(ctx context.Context, r *engine.Run, accounts []string, reason string, hits []engine.Hit) error {
	for _, id := range accounts {
		l := &engine.RouteLock{ID: b.Deps.NewID(), BotID: r.BotID, AccountID: id, Intent: r.Plan.Intent, Reason: reason, Hits: hits, RunID: r.ID, LockedAt: b.Deps.Now()}
		if err := b.Store.LockRoute(ctx, l); err != nil {
			return err
		}
		b.log.Warn("route locked", "account_id", id, "intent", l.Intent, "run_id", r.ID, "reason", reason)
	}
	return nil
}

// lockPromotion locks the way a run would go out by when what is said reads
// like promotion and is not said to be it.
func (b *Broadcasts) lockPromotion(ctx context.Context, r *engine.Run) error {
	if !promotional(r.Findings.Hits) {
		return nil
	}
	return b.lock(ctx, r, slices.Sorted(maps.Keys(r.Findings.Calls)), promotionOf(r), r.Findings.Hits)
}

func promotionOf(r *engine.Run) string {
	return fmt.Sprintf("it is sent as %s and reads like promotion (%q)", r.Plan.Intent, r.Findings.Hits[0].Found)
}

// objected locks the way a run goes out by on an account whose platform has
// objected to it, where what is sent is said not to be promotion.
func (b *Broadcasts) objected(ctx context.Context, r *engine.Run, accountID, words string) error {
	if r.Plan.Intent == engine.IntentPromotional {
		return nil
	}
	return b.lock(ctx, r, []string{accountID}, "the platform objected: "+words, nil)
}

// Locks returns a bot's locked routes, the newest first; all: also those that
// were unlocked.
func (b *Broadcasts) Locks(ctx context.Context, botID string, all bool) ([]engine.RouteLock, error) {
	return b.Store.RouteLocks(ctx, botID, !all)
}

// Unlock lets an account send by a locked route again. note says what the
// person has looked at and why it is right.
func (b *Broadcasts) Unlock(ctx context.Context, botID, lockID, by, note string) (*engine.RouteLock, error) {
	note = strings.TrimSpace(note)
	switch {
	case note == "":
		return nil, invalid("note", "say what you looked at and why it may be sent: the note is kept with the lock")
	case utf8.RuneCountInString(note) > lockNoteMost:
		return nil, invalid("note", "a note has at most %d characters", lockNoteMost)
	}
	return b.Store.UnlockRoute(ctx, botID, lockID, by, note, b.Deps.Now())
}

// unlocked says that a run may not go out by a locked route; accounts are those
// it goes out on.
func (b *Broadcasts) unlocked(ctx context.Context, r *engine.Run, accounts []string) error {
	locks, err := b.Store.RouteLocks(ctx, r.BotID, true)
	if err != nil {
		return err
	}
	for _, id := range accounts {
		for _, l := range locks {
			if l.AccountID == id && l.Intent == r.Plan.Intent {
				bot, err := b.Directory.Bot(ctx, r.BotID)
				if err != nil {
					return err
				}
				return &engine.Error{Code: engine.Conflict, Field: "intent", Message: fmt.Sprintf("the account %s may send nothing as %s since %s: %s", b.accountName(ctx, id), l.Intent, onClock(bot, l.LockedAt), l.Reason),
					Hint: "send it as promotional, or have a person look at it and unlock the route with a note"}
			}
		}
	}
	return nil
}
