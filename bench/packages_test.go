package main

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseBenchKeepsTheQuickest(t *testing.T) {
	t.Parallel()
	got := parseBench([]byte(`goos: linux
pkg: github.com/blockcast/blockcast/blocks/expression
BenchmarkRender/template-2         	 1000000	       523.7 ns/op	         0.5237 of-goal	     112 B/op	       4 allocs/op
BenchmarkRender/template-2         	 1000000	       498.2 ns/op	         0.4982 of-goal	     112 B/op	       4 allocs/op
BenchmarkRender/template-2         	 1000000	       611.0 ns/op	         0.6110 of-goal	     112 B/op	       4 allocs/op
BenchmarkRender/strings.Builder-2  	18000000	        64.46 ns/op	      48 B/op	       1 allocs/op
BenchmarkOdd/of-x	 10	 nonsense ns/op
BenchmarkAlone
PASS
ok  	github.com/blockcast/blockcast/blocks/expression	2.5s
`))
	want := map[string]figures{
		"BenchmarkRender/template":        {"ns/op": 498.2, "of-goal": 0.4982, "B/op": 112, "allocs/op": 4},
		"BenchmarkRender/strings.Builder": {"ns/op": 64.46, "B/op": 48, "allocs/op": 1},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// FuzzParseBench holds the parser to what the rows rely on: every benchmark it
// names has a time, and that is a number.
func FuzzParseBench(f *testing.F) {
	f.Add([]byte("BenchmarkTurn-2   83122   14310 ns/op   9120 B/op   98 allocs/op\n"))
	f.Add([]byte("BenchmarkTurn   1   NaN ns/op\nBenchmarkTurn 1 +Inf ns/op"))
	f.Fuzz(func(t *testing.T, out []byte) {
		for name, of := range parseBench(out) {
			if v, ok := of[perOperation]; !ok || math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("%q took %v", name, v)
			}
		}
	})
}
