package store_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/store"
)

// surveying is a random way to ask about accounts.
func (c *crowd) surveying() (accounts []broadcast.Surveying, each bool) {
	moment := func() time.Time {
		if c.r.IntN(2) == 0 {
			return time.Time{}
		}
		return noon.Add(-time.Duration(c.r.IntN(96)) * time.Hour)
	}
	yes := func() bool { return c.r.IntN(2) == 0 }
	for _, id := range []string{c.account.ID, "second"} {
		if c.r.IntN(5) > 0 {
			accounts = append(accounts, broadcast.Surveying{AccountID: id, Skip: policy.Many{DoNotContact: yes(), Consent: yes(), HandedOver: yes(), HeardSince: moment(), TemplateSince: moment(), Paid: yes()}})
		}
	}
	if yes() {
		slices.Reverse(accounts)
	}
	return accounts, c.r.IntN(4) == 0
}

func sameSurvey(t *testing.T, what string, got, want *broadcast.Surveyed) {
	t.Helper()
	for _, s := range []*broadcast.Surveyed{got, want} {
		slices.SortFunc(s.Routes, func(a, b broadcast.Routed) int {
			return cmp.Or(cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.Skip, b.Skip), cmp.Compare(a.Route, b.Route))
		})
	}
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		t.Fatalf("%s:\nat once    %s\none by one %s", what, g, w)
	}
}

// What is asked at once is what one question after another finds: whoever has
// several addresses, wherever, and whatever policy says.
func TestACensusAgreesWithItsQuestions(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		c := newCrowd(t, db, 23)
		must(t, store.Exec(t, db, `UPDATE identities SET last_inbound_at = ? WHERE id % 3 = 0`, noon.Add(-30*time.Hour)))
		must(t, store.Exec(t, db, `UPDATE identities SET last_inbound_at = ?, conversation = 'agent', conversation_until = ? WHERE id % 5 = 0`, noon.Add(-time.Hour), noon.Add(time.Hour)))
		for range crowdAsked / 3 {
			text := c.question(crowdQuestion)
			q, _ := c.scope.Question(text)
			if q == nil {
				continue
			}
			survey := broadcast.Survey{BotID: c.bot.ID, Filter: &q.Filter, Samples: 5, Within: time.Minute, Now: noon}
			survey.Accounts, survey.Each = c.surveying()
			for _, condition := range q.Conditions() {
				survey.Conditions = append(survey.Conditions, &condition.Filter)
			}
			if c.r.IntN(4) == 0 {
				survey.Some = crowdSize / 2
			}
			want, err := store.SurveyAsItIs(t.Context(), db, survey)
			must(t, err)
			got, err := db.SurveyAudience(t.Context(), survey)
			must(t, err)
			sameSurvey(t, text, got, want)
		}
	})
}

// Whoever has two addresses on one account, or three, or more people than are
// asked about apart have: nobody counts twice, and all are met.
func TestACensusOfPeopleWithManyAddresses(t *testing.T) {
	for name, of := range map[string]struct{ times, every int }{"twice": {1, 50}, "three times": {2, 500}, "too many": {1, 2}} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *store.DB) {
				w := newWorld(t, db)
				town(w)
				for i := range of.times {
					must(t, store.Exec(t, db, `INSERT INTO identities (account_id, external_id, contact_id, subscribed_at, created_at)
						SELECT account_id, '`+fmt.Sprint(i)+` ' || external_id, contact_id, created_at, created_at FROM identities WHERE contact_id % ? = 0 AND external_id LIKE 'T%'`, of.every))
				}
				must(t, store.Exec(t, db, `ANALYZE`)) // now, and not when the server comes to it
				subscribed := expression.Filter{Op: expression.Has, Left: expression.Term{Field: expression.Field{Kind: expression.FactField, Name: "subscribed_at", Type: expression.DateTime}}}
				vip := expression.Filter{Op: expression.Tagged, Name: "vip"}
				must(t, store.Exec(t, db, `UPDATE identities SET blocked_at = ? WHERE contact_id % ? = 0 AND external_id LIKE 'T%'`, noon, of.every))
				survey := broadcast.Survey{BotID: w.bot.ID, Filter: &subscribed, Conditions: []*expression.Filter{&subscribed, &vip}, Samples: 5, Within: time.Minute, Now: noon,
					Accounts: []broadcast.Surveying{{AccountID: w.account.ID, Skip: policy.Many{Consent: true}}}}
				want, err := store.SurveyAsItIs(t.Context(), db, survey)
				must(t, err)
				got, err := db.SurveyAudience(t.Context(), survey)
				must(t, err)
				sameSurvey(t, name, got, want)
				if got.People == 0 || got.Conditions[0] != townSize*9/10 {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}
