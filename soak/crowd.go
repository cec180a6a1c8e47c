package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// Of the crowd a broadcast goes to besides the people who write, one in
// onPageOneIn is on Messenger, where no call can be repeated safely. More would
// take long: it lets a broadcast make a few calls a second.
const onPageOneIn = 100

// crowded is how many people of an account there are in all.
func (w *world) crowded(account string) int {
	onPage := w.crowd / onPageOneIn
	if account == pageName {
		return people + onPage
	}
	return people + w.crowd - onPage
}

// audience is to how many a broadcast to everybody goes.
func (w *world) audience() int { return w.crowded(lineName) + w.crowded(pageName) }

// codeOf is what the n-th person of an account is told in their own message.
func codeOf(account string, n int) string { return fmt.Sprintf("%s%d", account, n) }

// codes are those of everybody.
func (w *world) codes() map[addressee]string {
	out := make(map[addressee]string, w.audience())
	for account, channel := range channelOf {
		for n := range w.crowded(account) {
			out[addressee{channel, personID(account, n)}] = codeOf(account, n)
		}
	}
	return out
}

// addressee is a person on a channel, by the platform's id.
type addressee struct{ channel, person string }

// newsForm finds what a message of the broadcast says besides its text: forAll,
// or its person's code.
var newsForm = regexp.MustCompile(`\[news:([a-z0-9]+)\]`)

// Variants of the broadcast: the same text goes out by multicast, a text of
// one's own by push.
const (
	forAll  = "all"
	forEach = "each"
)

// plan is the broadcast to everybody.
func (w *world) plan() map[string]any {
	variant := func(name, block string) map[string]any {
		return map[string]any{"name": name, "weight": 1, "content": map[string]string{"block": block}}
	}
	return map[string]any{"subject": "Soak", "intent": "promotional", "audience": map[string]bool{"all": true},
		"variants": []any{variant(forAll, "news for all"), variant(forEach, "news for each")}}
}

// start starts the broadcast. On Messenger nobody is written to who has not
// written lately, so that everybody is taken to have, just now.
func (w *world) start(ctx context.Context) (err error) {
	if _, err := w.database.ExecContext(ctx, `UPDATE identities SET last_inbound_at = created_at, profile_at = created_at WHERE last_inbound_at IS NULL`); err != nil {
		return fmt.Errorf("let everybody have written: %w", err)
	}
	text, err := json.Marshal(w.plan())
	if err != nil {
		return err
	}
	file := filepath.Join(w.folder, "plan.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return err
	}
	if w.broadcast, err = w.field(ctx, "id", "broadcasts", "create", "--plan", file, "--json"); err != nil {
		return err
	}
	_, err = w.cli(ctx, "broadcasts", "start", w.broadcast, "--json")
	return err
}
