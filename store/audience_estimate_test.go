package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/outbox/outboxtest"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// townSize is how many people a town has.
const townSize = 6000

// town fills a bot with people that differ, whose differences are scattered
// over their ids: vi speak 3 in 10, Mai are called 1 in 4, vip is 1 in 100.
func town(w *world) {
	w.t.Helper()
	t, db := w.t.(*testing.T), w.db
	must(t, store.Exec(t, db, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < `+fmt.Sprint(townSize)+`)
		INSERT INTO contacts (bot_id, first_name, language, birthday, do_not_contact, created_at)
		SELECT b.id, CASE WHEN i * 7919 % 1009 < 252 THEN 'Mai' ELSE 'Lan' END, CASE WHEN i * 6151 % 1013 < 304 THEN 'vi' ELSE 'zh-TW' END,
			CASE WHEN i * 4099 % 12 = 2 THEN '1990-03-08' ELSE '1990-04-01' END, i * 3571 % 20 = 0, b.created_at FROM n JOIN bots b ON b.id = ?`, w.bot.ID))
	must(t, store.Exec(t, db, `INSERT INTO identities (account_id, external_id, contact_id, subscribed_at, created_at)
		SELECT a.id, 'T' || c.id, c.id, CASE WHEN c.id % 10 < 9 THEN c.created_at END, c.created_at FROM contacts c JOIN accounts a ON a.id = ? WHERE c.bot_id = ?`, w.account.ID, w.bot.ID))
	must(t, store.Exec(t, db, `INSERT INTO tags (bot_id, name, name_key, created_at) VALUES (?, 'vip', 'vip', ?)`, w.bot.ID, noon))
	must(t, store.Exec(t, db, `INSERT INTO contact_tags (contact_id, tag_id, tagged_at) SELECT c.id, t.id, c.created_at FROM contacts c JOIN tags t ON t.bot_id = c.bot_id
		WHERE c.bot_id = ? AND c.id * 2741 % 1019 < 10`, w.bot.ID))
}

// hurried has no time to ask everybody, but some.
type hurried struct {
	*store.DB
	some int
}

func (h hurried) SurveyAudience(ctx context.Context, q broadcast.Survey) (*broadcast.Surveyed, error) {
	if q.Some == 0 {
		return nil, broadcast.ErrSlow
	}
	q.Some = h.some
	return h.DB.SurveyAudience(ctx, q)
}

// patient has all the time that a busy machine takes.
type patient struct{ *store.DB }

func (p patient) SurveyAudience(ctx context.Context, q broadcast.Survey) (*broadcast.Surveyed, error) {
	q.Within = time.Minute
	return p.DB.SurveyAudience(ctx, q)
}

func estimates(w *world, over broadcast.AudienceStore) func(where string) *broadcast.Estimate {
	now := func() time.Time { return noon }
	b := broadcast.New(broadcast.Config{Deps: engine.Deps{Now: now, NewID: w.id}, Store: w.db, Directory: w.db, Channels: map[string]channels.Channel{"line": &outboxtest.Platform{}},
		Audiences: &broadcast.Audiences{Store: over, Now: now}})
	return func(where string) *broadcast.Estimate {
		w.t.Helper()
		audience := engine.Audience{Where: where}
		if where == "" {
			audience = engine.Audience{All: true}
		}
		e, err := b.Estimate(w.ctx, w.bot.ID, broadcast.Asked{Audience: audience})
		must(w.t, err)
		return e
	}
}

// What is found by asking some lies within its margin of what is found by
// asking everybody, of the whole and of each condition alone.
func TestASampledEstimateKeepsToItsMargin(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		town(w)
		exact, sampled := estimates(w, patient{db}), estimates(w, hurried{db, townSize / 2})
		for _, where := range []string{"", `language == "vi"`, `first_name == "Mai" and language == "vi"`, `first_name == "Mai" or birthday_month == 3`,
			`"vip" in tags`, `not ("vip" in tags)`, `subscribed and first_name == "Mai"`, `birthday_month == 3 and "vip" in tags`, `"nobody" in tags`} {
			truth, some := exact(where), sampled(where)
			if !truth.Exact || truth.Margin != 0 || some.Exact || !some.At.Equal(noon) {
				t.Fatalf("%q: exact %v ± %d, sampled %v at %v", where, truth.Exact, truth.Margin, some.Exact, some.At)
			}
			if some.Sample < townSize/3 || some.Sample > townSize*2/3 {
				t.Errorf("%q: %d of %d were asked", where, some.Sample, townSize)
			}
			if off := max(truth.People-some.People, some.People-truth.People); off > some.Margin || some.Margin <= 0 || some.Margin > townSize/20 {
				t.Errorf("%q: %d people are estimated as %d ± %d", where, truth.People, some.People, some.Margin)
			}
			for i, c := range truth.Conditions {
				if off := max(c.People-some.Conditions[i].People, some.Conditions[i].People-c.People); off > townSize/20 {
					t.Errorf("%q: %q alone holds for %d and is estimated as %d", where, c.Where, c.People, some.Conditions[i].People)
				}
			}
			if len(some.Warnings) == 0 {
				t.Errorf("%q: nobody is told that not all were asked", where)
			}
		}
	})
}

// The whole of an estimate is the people that the questions find one by one.
func TestAnEstimateAddsUp(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		c := newCrowd(t, db, 11)
		all, err := db.Addresses(t.Context(), c.bot.ID, c.contacts, noon)
		must(t, err)
		for range crowdAsked / 6 {
			text := c.question(crowdQuestion)
			q, _ := c.scope.Question(text)
			if q == nil {
				continue
			}
			survey := broadcast.Survey{BotID: c.bot.ID, Filter: &q.Filter, Accounts: []broadcast.Surveying{{AccountID: c.account.ID}}, Samples: 5, Within: time.Minute, Now: noon}
			conditions := q.Conditions()
			wanted := make([]map[int64]bool, 1+len(conditions))
			ask := func(i int, holds func(*expression.Person) (bool, error)) {
				wanted[i] = map[int64]bool{}
				for _, a := range all {
					is, err := holds(&a.Person)
					must(t, err)
					if is {
						wanted[i][a.ContactID] = true
					}
				}
			}
			ask(0, q.Holds)
			for i := range conditions {
				survey.Conditions = append(survey.Conditions, &conditions[i].Filter)
				ask(i+1, conditions[i].Holds)
			}
			got, err := db.SurveyAudience(t.Context(), survey)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if got.Asked != crowdSize || got.People != int64(len(wanted[0])) {
				t.Fatalf("%s: %d of %d, want %d of %d", text, got.People, got.Asked, len(wanted[0]), crowdSize)
			}
			for i, n := range got.Conditions {
				if n != int64(len(wanted[i+1])) {
					t.Fatalf("%s: %q holds for %d, want %d", text, conditions[i].Source, n, len(wanted[i+1]))
				}
			}
			placed := int64(0)
			for _, r := range got.Routes {
				placed += r.Count
			}
			if placed > got.People || len(got.Samples) > 5 || placed > 0 && len(got.Samples) == 0 {
				t.Fatalf("%s: %d people, %d on the account, %d to show", text, got.People, placed, len(got.Samples))
			}
		}
	})
}

func TestASurveyWithoutTimeIsSlow(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		c := newCrowd(t, db, 3)
		_, err := db.SurveyAudience(t.Context(), broadcast.Survey{BotID: c.bot.ID, Filter: &expression.Filter{Op: expression.Everyone}, Within: -time.Second, Now: noon})
		if err != broadcast.ErrSlow {
			t.Errorf("it says %v", err)
		}
	})
}

// A survey that nobody waits for any longer is ended on the database, too.
func TestASurveyThatIsGivenUpEndsOnTheDatabase(t *testing.T) {
	t.Parallel()
	url := storetest.Postgres(t)
	db, err := store.Open(t.Context(), store.Config{URL: url, Now: noonClock, NewID: func() string { return "" }})
	must(t, err)
	defer db.Close()
	holder, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer holder.Close(context.WithoutCancel(t.Context()))
	_, err = holder.Exec(t.Context(), `BEGIN; LOCK TABLE contacts`)
	must(t, err)
	watch, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer watch.Close(context.WithoutCancel(t.Context()))
	patience, end := context.WithTimeout(t.Context(), time.Minute)
	defer end()
	waiting := func(want bool) {
		t.Helper()
		for is := !want; is != want; {
			must(t, watch.QueryRow(patience, `SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'contacts'::regclass)`).Scan(&is))
		}
	}
	ctx, giveUp := context.WithCancel(t.Context())
	said := make(chan error, 1)
	go func() {
		_, err := db.SurveyAudience(ctx, broadcast.Survey{BotID: "bot", Some: townSize, Within: time.Hour, Now: noon})
		said <- err
	}()
	waiting(true)
	giveUp()
	if err := <-said; !errors.Is(err, context.Canceled) {
		t.Errorf("it says %v", err)
	}
	waiting(false)
}
