package app

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAPreflightForPeople(t *testing.T) {
	t.Parallel()
	const shop, page = "29cccb3a1d7784e581442e64", "29cccb3a1eb5f740c912cfa3"
	for name, c := range map[string]struct{ told, want string }{
		"all there is to tell": {`{"prepared_id": "29cc", "state": "held", "variants": {"short": 120, "long": 1}, "failed": 2, "failures": [{"name": "Lan", "why": "it has no name"}],
			"over_limits": 1, "over_limit": [{"name": "Minh", "variant": "long", "why": "5,200 characters"}], "degrades": 40, "degraded": [{"name": "An", "why": "card:too_many_buttons"}],
			"longest": [{"name": "Minh", "variant": "long", "characters": 5200, "text": "Dear\nMinh"}], "emptiest": [{"name": "An", "characters": 4, "text": "Hi ,"}],
			"quotas": [{"account_id": "` + shop + `", "needed": 121, "left": 100}, {"account_id": "` + page + `", "needed": 9, "left": null}],
			"cost": [{"currency": "VND", "amount": 30250}, {"currency": "TWD", "amount": 0.4}], "seconds": 65, "doubts": ["The account ` + shop + ` has too few."]}`,
			`variant long: 1 person
variant short: 120 people
cannot be made: 2, such as for Lan: it has no name
over a limit of the platform: 1, such as for Minh (long): 5,200 characters
shown otherwise than written: 40, such as for An: card:too_many_buttons
the longest, for Minh (long), has 5200 characters: Dear Minh
the emptiest, for An, has 4: Hi ,
account Shop on line has 100 messages left this month, and 121 are needed
it costs about 30250 VND
it costs about 0.40 TWD
it takes at least 1m5s
doubt: The account Shop on line has too few.
start exactly this with: blockcast broadcasts start b1 --prepared 29cc`},
		"all are alike": {`{"prepared_id": "29cc", "state": "held", "longest": [{"name": "Minh", "characters": 9, "text": "Hi"}], "emptiest": [{"name": "An", "characters": 9, "text": "Hi"}]}`,
			`the longest, for Minh, has 9 characters: Hi
it takes at least 1s
start exactly this with: blockcast broadcasts start b1 --prepared 29cc`},
		"a way is locked": {`{"state": "held", "locks": [{"id": "lock", "account_id": "` + shop + `", "intent": "utility", "reason": "it reads like promotion"}]}`,
			`it takes at least 1s
account Shop on line is locked for utility broadcasts: it reads like promotion
  when somebody has looked at it: blockcast broadcasts unlock lock --note TEXT`},
		"it is not ready": {`{"state": "voided"}`, "it takes at least 1s\nit cannot be started as it is: it is voided"},
	} {
		var v preflightView
		if err := json.Unmarshal([]byte(c.told), &v); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.want, strings.Join(v.lines(map[string]string{shop: "Shop on line"}, "b1"), "\n")); d != "" {
			t.Errorf("%s: -want +got\n%s", name, d)
		}
	}
}
