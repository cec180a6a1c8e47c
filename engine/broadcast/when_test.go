package broadcast

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func read(t *testing.T, s string) wall {
	t.Helper()
	w, ok := readWall(s)
	if !ok {
		t.Fatalf("%q is no time", s)
	}
	return w
}

func TestTimesThatClocksSkipOrShowTwice(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		zone, at, want string
		skipped        bool
	}{
		"no change":               {"Asia/Taipei", "2026-11-21T09:00", "2026-11-21T01:00:00Z", false},
		"seconds":                 {"Asia/Taipei", "2026-11-21T09:00:30", "2026-11-21T01:00:30Z", false},
		"before the gap":          {"America/New_York", "2026-03-08T01:59", "2026-03-08T06:59:00Z", false},
		"in the gap":              {"America/New_York", "2026-03-08T02:30", "2026-03-08T07:00:00Z", true},
		"its beginning":           {"America/New_York", "2026-03-08T02:00", "2026-03-08T07:00:00Z", true},
		"after the gap":           {"America/New_York", "2026-03-08T03:00", "2026-03-08T07:00:00Z", false},
		"shown twice":             {"America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00Z", false},
		"before it is":            {"America/New_York", "2026-11-01T00:59", "2026-11-01T04:59:00Z", false},
		"after it was":            {"America/New_York", "2026-11-01T02:00", "2026-11-01T07:00:00Z", false},
		"gap in Europe":           {"Europe/Berlin", "2026-03-29T02:15", "2026-03-29T01:00:00Z", true},
		"fold in Europe":          {"Europe/Berlin", "2026-10-25T02:15", "2026-10-25T00:15:00Z", false},
		"gap of half an hour":     {"Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30:00Z", true},
		"fold of half an hour":    {"Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z", false},
		"gap of two hours":        {"Antarctica/Troll", "2026-03-29T02:00", "2026-03-29T01:00:00Z", true},
		"fold of two hours":       {"Antarctica/Troll", "2026-10-25T02:30", "2026-10-25T00:30:00Z", false},
		"a day that was left out": {"Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00:00Z", true},
		"midnight that is not":    {"Africa/Cairo", "2026-04-24T00:00", "2026-04-23T22:00:00Z", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, skipped := read(t, c.at).on(zone(t, c.zone))
			if got := at.Format(time.RFC3339); got != c.want || skipped != c.skipped {
				t.Errorf("%s in %s is %s (skipped %v), want %s (%v)", c.at, c.zone, got, skipped, c.want, c.skipped)
			}
		})
	}
}

// Every quarter of an hour of a year, on clocks that change in odd ways: what
// is not skipped shows what was asked for, and nothing earlier does.
func TestMomentsShowTheirTime(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"America/New_York", "Europe/London", "Australia/Lord_Howe", "Antarctica/Troll", "Africa/Casablanca", "Asia/Kathmandu", "America/St_Johns"} {
		z := zone(t, name)
		for w := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); w.Year() == 2026; w = w.Add(15 * time.Minute) {
			at, skipped := wall(w).on(z)
			shown := at.In(z).Format(wallSecond)
			if skipped != (shown != wall(w).String()) {
				t.Fatalf("%s: %s is shown as %s (skipped %v)", name, wall(w), shown, skipped)
			}
			if skipped && at.Add(-time.Second).In(z).Format(wallSecond) > wall(w).String() {
				t.Fatalf("%s: after the gap of %s comes %s, which is not the first", name, wall(w), shown)
			}
			for _, before := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour} {
				if at.Add(-before).In(z).Format(wallSecond) == wall(w).String() {
					t.Fatalf("%s: %s was shown %s before", name, wall(w), before)
				}
			}
		}
	}
}

func TestWhatRepeats(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		when  engine.When
		after string
		done  int
		want  string // "": never
	}{
		"once":                     {engine.When{At: "2026-11-21T09:00"}, "2026-11-20T00:00:00Z", 0, "2026-11-21T09:00:00"},
		"once, passed":             {engine.When{At: "2026-11-21T09:00"}, "2026-11-21T02:00:00Z", 0, ""},
		"daily, today":             {engine.When{At: "2026-11-21T09:00", Repeat: &engine.Repeat{EveryDays: 1}}, "2026-11-21T00:00:00Z", 0, "2026-11-21T09:00:00"},
		"daily, tomorrow":          {engine.When{At: "2026-11-21T09:00", Repeat: &engine.Repeat{EveryDays: 1}}, "2026-11-21T01:00:00Z", 1, "2026-11-22T09:00:00"},
		"each third day":           {engine.When{At: "2026-11-21T09:00", Repeat: &engine.Repeat{EveryDays: 3}}, "2026-11-22T01:00:00Z", 1, "2026-11-24T09:00:00"},
		"weekdays":                 {engine.When{At: "2026-11-21T09:00", Repeat: &engine.Repeat{Weekdays: []string{"mon", "thu"}}}, "2026-11-20T00:00:00Z", 0, "2026-11-23T09:00:00"},
		"weekdays, the other":      {engine.When{At: "2026-11-21T09:00", Repeat: &engine.Repeat{Weekdays: []string{"thu", "mon"}}}, "2026-11-23T01:00:00Z", 1, "2026-11-26T09:00:00"},
		"the last day":             {engine.When{At: "2026-11-21T09:00", Repeat: &engine.Repeat{EveryDays: 1, Until: "2026-11-22"}}, "2026-11-21T02:00:00Z", 1, "2026-11-22T09:00:00"},
		"over":                     {engine.When{At: "2026-11-21T09:00", Repeat: &engine.Repeat{EveryDays: 1, Until: "2026-11-22"}}, "2026-11-22T02:00:00Z", 2, ""},
		"often enough":             {engine.When{At: "2026-11-21T09:00", Repeat: &engine.Repeat{EveryDays: 1, Times: 2}}, "2026-11-22T02:00:00Z", 2, ""},
		"the first once more":      {engine.When{At: "2026-11-21T09:00", Repeat: &engine.Repeat{EveryDays: 1, Times: 3}}, "2026-11-22T02:00:00Z", 2, "2026-11-23T09:00:00"},
		"after years":              {engine.When{At: "2020-02-29T09:00", Repeat: &engine.Repeat{EveryDays: 1}}, "2026-11-22T02:00:00Z", 7, "2026-11-23T09:00:00"},
		"a month's end":            {engine.When{At: "2026-01-30T09:00", Repeat: &engine.Repeat{EveryDays: 2}}, "2026-01-31T00:00:00Z", 1, "2026-02-01T09:00:00"},
		"what did not end is over": {engine.When{At: "2026-11-21T09:00"}, "2026-11-20T00:00:00Z", 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after, err := time.Parse(time.RFC3339, c.after)
			if err != nil {
				t.Fatal(err)
			}
			taipei := zone(t, "Asia/Taipei")
			found, due, ok := next(c.when, c.done, after, func(w wall) time.Time { at, _ := w.on(taipei); return at })
			got := ""
			if ok {
				got = found.String()
				if want, _ := found.on(taipei); !due.Equal(want) {
					t.Errorf("due at %s, want %s", due, want)
				}
			}
			if got != c.want {
				t.Errorf("next is %q, want %q", got, c.want)
			}
		})
	}
}

// What repeats keeps its time of day when clocks change, and comes once on the
// days on which they skip it or show it twice.
func TestWhatRepeatsWhereClocksChange(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		when engine.When
		want []string
	}{
		"every second day into winter": {engine.When{At: "2026-10-30T09:00", Repeat: &engine.Repeat{EveryDays: 2}}, []string{"2026-10-30T13:00:00Z", "2026-11-01T14:00:00Z", "2026-11-03T14:00:00Z"}},
		"every day, shown twice":       {engine.When{At: "2026-10-31T01:30", Repeat: &engine.Repeat{EveryDays: 1}}, []string{"2026-10-31T05:30:00Z", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"}},
		"every day, skipped":           {engine.When{At: "2027-03-13T02:30", Repeat: &engine.Repeat{EveryDays: 1}}, []string{"2027-03-13T07:30:00Z", "2027-03-14T07:00:00Z", "2027-03-15T06:30:00Z"}},
		"sundays into summer":          {engine.When{At: "2027-03-07T09:00", Repeat: &engine.Repeat{Weekdays: []string{"sun"}}}, []string{"2027-03-07T14:00:00Z", "2027-03-14T13:00:00Z", "2027-03-21T13:00:00Z"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			york := zone(t, "America/New_York")
			after := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
			for i, want := range c.want {
				_, due, ok := next(c.when, i, after, func(w wall) time.Time { at, _ := w.on(york); return at })
				if got := due.Format(time.RFC3339); !ok || got != want {
					t.Fatalf("the one after %s is %s (%v), want %s", after, got, ok, want)
				}
				after = due
			}
		})
	}
}

func TestQuietHours(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ from, to, zone, at, want string }{
		"by day":                     {"21:30", "08:00", "Asia/Taipei", "2026-11-21T04:00:00Z", "2026-11-21T04:00:00Z"},
		"its first minute":           {"21:30", "08:00", "Asia/Taipei", "2026-11-21T13:30:00Z", "2026-11-22T00:00:00Z"},
		"a second before":            {"21:30", "08:00", "Asia/Taipei", "2026-11-21T13:29:59Z", "2026-11-21T13:29:59Z"},
		"in the evening":             {"21:30", "08:00", "Asia/Taipei", "2026-11-21T14:00:00Z", "2026-11-22T00:00:00Z"},
		"in the night":               {"21:30", "08:00", "Asia/Taipei", "2026-11-21T20:00:00Z", "2026-11-22T00:00:00Z"},
		"its end":                    {"21:30", "08:00", "Asia/Taipei", "2026-11-22T00:00:00Z", "2026-11-22T00:00:00Z"},
		"at noon":                    {"12:00", "13:00", "Asia/Taipei", "2026-11-21T04:30:00Z", "2026-11-21T05:00:00Z"},
		"before noon":                {"12:00", "13:00", "Asia/Taipei", "2026-11-21T03:30:00Z", "2026-11-21T03:30:00Z"},
		"none":                       {"08:00", "08:00", "Asia/Taipei", "2026-11-21T00:30:00Z", "2026-11-21T00:30:00Z"},
		"a night that is shorter":    {"21:00", "08:00", "Europe/Berlin", "2026-03-28T21:00:00Z", "2026-03-29T06:00:00Z"},
		"a night that is longer":     {"21:00", "08:00", "Europe/Berlin", "2026-10-24T20:00:00Z", "2026-10-25T07:00:00Z"},
		"an end that is skipped":     {"21:00", "02:30", "Europe/Berlin", "2026-03-28T21:00:00Z", "2026-03-29T01:00:00Z"},
		"an end that is shown twice": {"21:00", "02:30", "Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T00:30:00Z"},
		"the second showing":         {"21:00", "02:30", "Europe/Berlin", "2026-10-25T01:15:00Z", "2026-10-25T01:15:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q, err := quiet(&engine.QuietHours{From: c.from, To: c.to}, &engine.Plan{})
			if err != nil {
				t.Fatal(err)
			}
			at, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			if got := q.after(at, zone(t, c.zone)).UTC().Format(time.RFC3339); got != c.want {
				t.Errorf("after %s comes %s, want %s", c.at, got, c.want)
			}
		})
	}
}

func TestSharesAreAsLargeAsTheyShould(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"a", "b", "0123456789abcdef01234567"} {
		s := spread(id, 10)
		var counts [10]int
		neighbours := 0
		last := int64(-1)
		for c := int64(1); c <= 100_000; c++ {
			n := s.Of(c)
			counts[n]++
			if n == last {
				neighbours++
			}
			last = n
		}
		for n, count := range counts {
			if count < 9_000 || count > 11_000 {
				t.Errorf("%s: %d of 100000 have the number %d, want about 10000", id, count, n)
			}
		}
		if neighbours < 5_000 || neighbours > 15_000 {
			t.Errorf("%s: %d neighbours are alike, want about 10000", id, neighbours)
		}
	}
}

func FuzzWhen(f *testing.F) {
	for _, s := range []string{"2026-12-24T09:00", "2026-12-24T09:00:00+08:00", "tomorrow", "0000-01-01T00:00", "9999-12-31T23:59"} {
		f.Add(s, "Asia/Taipei", "mon", 3, "2026-12-31", 5, true)
	}
	f.Fuzz(func(t *testing.T, at, name, day string, every int, until string, times int, local bool) {
		w := engine.When{At: at, TimeZone: name, Local: local, Repeat: &engine.Repeat{EveryDays: every, Until: until, Times: times}}
		if every == 0 {
			w.Repeat.Weekdays = []string{day}
		}
		bot := &engine.Bot{TimeZone: "UTC"}
		if checkWhen(bot, w) != nil {
			return
		}
		z, err := clock(bot, w)
		if err != nil {
			t.Fatal(err)
		}
		after := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
		_, due, ok := next(w, 0, after, func(o wall) time.Time { at, _ := o.on(z); return at })
		if ok && !due.After(after) {
			t.Errorf("the next of %+v is %s, not after %s", w, due, after)
		}
	})
}
