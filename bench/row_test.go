package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRowsAreJudged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		row  Row
		want Row
	}{
		"a part of the limit": {ratio("x", 600, 1000, "req/s", 0.6), Row{Name: "x", Value: 600, Unit: "req/s", Limit: new(1000.0), Ratio: new(0.6), Goal: "ratio ≥ 0.6", OK: true}},
		"just too little":     {ratio("x", 599.96, 1000, "req/s", 0.6), Row{Name: "x", Value: 600, Unit: "req/s", Limit: new(1000.0), Ratio: new(0.6), Goal: "ratio ≥ 0.6"}},
		"no limit was found":  {ratio("x", 600, 0, "req/s", 0.6), Row{Name: "x", Value: 600, Unit: "req/s", Limit: new(0.0), Ratio: new(0.0), Goal: "ratio ≥ 0.6"}},
		"below":               {below("x", 99.99, "ms", 100), Row{Name: "x", Value: 99.99, Unit: "ms", Goal: "< 100", OK: true}},
		"not below":           {below("x", 100, "ms", 100), Row{Name: "x", Value: 100, Unit: "ms", Goal: "< 100"}},
		"at most":             {atMost("x", 120, "allocs", 120), Row{Name: "x", Value: 120, Unit: "allocs", Goal: "≤ 120", OK: true}},
		"too many":            {atMost("x", 121, "allocs", 120), Row{Name: "x", Value: 121, Unit: "allocs", Goal: "≤ 120"}},
		"beside a limit":      {atMost("x", 0.5, "µs", 1).beside(0.05), Row{Name: "x", Value: 0.5, Unit: "µs", Limit: new(0.05), Ratio: new(10.0), Goal: "≤ 1", OK: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(c.want, c.row); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{
		0: "0", 0.0644612: "0.06446", 0.5: "0.5", 3.14159: "3.142", 99.987: "99.99", 1234.56: "1,235", 12345.6: "12,346", 1234567: "1,234,567", -4321: "-4,321",
	} {
		if got := figure(rounded(v)); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	got := table([]Row{ratio("ingest", 12345.6, 20000, "req/s", 0.6), below("reply p99", 130.5, "ms", 100)})
	want := strings.TrimPrefix(`
NAME        VALUE  UNIT    LIMIT   RATIO  GOAL         OK
ingest     12,346  req/s  20,000  0.6173  ratio ≥ 0.6  yes
reply p99   130.5  ms          –       –  < 100        no
`, "\n")
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestWriteRows(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bench.json")
	rows := []Row{ratio("ingest", 2, 3, "req/s", 0.6), below("p99", 1, "ms", 2)}
	if err := writeRows(path, rows); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), `"limit": null`) {
		t.Errorf("a missing limit is not null: %s", text)
	}
	var got []Row
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(rows, got); d != "" {
		t.Error(d)
	}
	if err := writeRows(filepath.Join(path, "below a file"), rows); err == nil {
		t.Error("written below a file")
	}
}
