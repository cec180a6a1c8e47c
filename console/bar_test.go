package console

import (
	"testing"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

func TestABarAlwaysSumsUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		of      map[engine.Status]int64
		percent int64
		widths  []int // read, delivered, sent, unknown, failed, skipped, canceled, open
	}{
		"nobody":               {nil, 0, []int{0, 0, 0, 0, 0, 0, 0, 0}},
		"all open":             {map[engine.Status]int64{engine.Held: 1, engine.Queued: 2, engine.Sending: 3}, 0, []int{0, 0, 0, 0, 0, 0, 0, 1000}},
		"half":                 {map[engine.Status]int64{engine.SentOut: 5, engine.Queued: 5}, 50, []int{0, 0, 500, 0, 0, 0, 0, 500}},
		"one in a million":     {map[engine.Status]int64{engine.SentOut: 999_999, engine.Failed: 1}, 100, []int{0, 0, 996, 0, 4, 0, 0, 0}},
		"thirds are made fit":  {map[engine.Status]int64{engine.Read: 1, engine.Delivered: 1, engine.Skipped: 1}, 100, []int{334, 333, 0, 0, 0, 333, 0, 0}},
		"every state at once":  {map[engine.Status]int64{engine.Read: 1, engine.Delivered: 1, engine.SentOut: 1, engine.Unknown: 1, engine.Failed: 1, engine.Skipped: 1, engine.Canceled: 1, engine.Queued: 1}, 87, []int{125, 125, 125, 125, 125, 125, 125, 125}},
		"never full too early": {map[engine.Status]int64{engine.SentOut: 999, engine.Queued: 1}, 99, []int{0, 0, 996, 0, 0, 0, 0, 4}},
	} {
		sum := &broadcast.Sum{ByStatus: c.of}
		for _, n := range c.of {
			sum.Audience += n
		}
		b := newBar(sum)
		var people int64
		x := 0
		for i, s := range b.Segments {
			people += s.Count
			if s.W != c.widths[i] || s.X != x && s.W > 0 {
				t.Errorf("%s: %s is %d wide at %d, want %d at %d", name, s.Name, s.W, s.X, c.widths[i], x)
			}
			x += s.W
		}
		if people != sum.Audience || b.Percent != c.percent {
			t.Errorf("%s: %d of %d people, %d %%", name, people, sum.Audience, b.Percent)
		}
	}
}

func TestNumbersAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1\u202f000", 1234567: "1\u202f234\u202f567"} {
		if got := count(n); got != want {
			t.Errorf("%d is %q", n, got)
		}
	}
	for _, c := range []struct {
		n, of int64
		want  string
	}{{0, 10, ""}, {1, 0, ""}, {10, 10, "100\u202f%"}, {1, 3, "33\u202f%"}, {1, 1000, "<\u202f1\u202f%"}, {9999, 10000, "99\u202f%"}} {
		if got := share(c.n, c.of); got != c.want {
			t.Errorf("%d of %d is %q, want %q", c.n, c.of, got, c.want)
		}
	}
}

func TestTheEmptiestIsNotTheLongestAgain(t *testing.T) {
	t.Parallel()
	of := func(characters ...int) (list []engine.Finding) {
		for _, n := range characters {
			list = append(list, engine.Finding{Characters: n})
		}
		return list
	}
	for name, c := range map[string]struct {
		longest, emptiest []engine.Finding
		want              int
	}{
		"one message":          {of(9), of(9), 1},
		"two of the same size": {of(9, 9), of(9, 9), 1},
		"two":                  {of(9, 3), of(3, 9), 2},
		"none without a value": {of(9, 3), nil, 1},
		"nothing":              {nil, nil, 0},
	} {
		if got := worsts(&broadcast.Preflight{Longest: c.longest, Emptiest: c.emptiest}); len(got) != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestDoubtsNameAccounts(t *testing.T) {
	t.Parallel()
	got := named([]string{"each of 3 people of the account 65f0 takes a call", "nothing"}, map[string]string{"65f0": "Shop on LINE", "65f1": "Page"})
	if got[0] != "each of 3 people of the account Shop on LINE takes a call" || got[1] != "nothing" {
		t.Errorf("%q", got)
	}
}
