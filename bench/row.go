package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Row is one figure of a benchmark. Limit is the same figure of the bare
// machine and Ratio what part of it Value is; nil where there is none.
type Row struct {
	Name  string   `json:"name"`
	Value float64  `json:"value"`
	Unit  string   `json:"unit"`
	Limit *float64 `json:"limit"`
	Ratio *float64 `json:"ratio"`
	Goal  string   `json:"goal"`
	OK    bool     `json:"ok"`
}

// ratio is a row whose goal is a part of the limit.
func ratio(name string, value, limit float64, unit string, least float64) Row {
	part := 0.0
	if limit > 0 {
		part = value / limit
	}
	return Row{Name: name, Value: rounded(value), Unit: unit, Limit: new(rounded(limit)), Ratio: new(rounded(part)),
		Goal: "ratio ≥ " + plain(least), OK: part >= least}
}

// below is a row whose goal is an upper bound that it must not reach.
func below(name string, value float64, unit string, bound float64) Row {
	return Row{Name: name, Value: rounded(value), Unit: unit, Goal: "< " + plain(bound), OK: value < bound}
}

// atMost is a row whose goal is an upper bound that it may reach.
func atMost(name string, value float64, unit string, bound float64) Row {
	return Row{Name: name, Value: rounded(value), Unit: unit, Goal: "≤ " + plain(bound), OK: value <= bound}
}

// beside shows the limit of the machine next to a row that is not judged by it.
func (r Row) beside(limit float64) Row {
	r.Limit = new(rounded(limit))
	if limit > 0 {
		r.Ratio = new(rounded(r.Value / limit))
	}
	return r
}

// digits is how many digits of a figure mean something here.
const digits = 4

// rounded cuts a figure to the digits that mean something, whole numbers stay.
func rounded(v float64) float64 {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return 0
	}
	scale := math.Pow(10, max(0, digits-1-math.Floor(math.Log10(math.Abs(v)))))
	return math.Round(v*scale) / scale
}

func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// figure is a number as people read it: thousands are set apart.
func figure(v float64) string {
	whole, part, _ := strings.Cut(plain(v), ".")
	sign := ""
	if rest, negative := strings.CutPrefix(whole, "-"); negative {
		sign, whole = "-", rest
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if part != "" {
		part = "." + part
	}
	return sign + whole + part
}

func optional(v *float64) string {
	if v == nil {
		return "–"
	}
	return figure(*v)
}

// table is the rows as text, numbers on the right of their columns.
func table(rows []Row) string {
	lines := [][]string{{"NAME", "VALUE", "UNIT", "LIMIT", "RATIO", "GOAL", "OK"}}
	for _, r := range rows {
		ok := "no"
		if r.OK {
			ok = "yes"
		}
		lines = append(lines, []string{r.Name, figure(r.Value), r.Unit, optional(r.Limit), optional(r.Ratio), r.Goal, ok})
	}
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	numbers := []bool{1: true, 3: true, 4: true, 6: false}
	var out strings.Builder
	for _, line := range lines {
		var text strings.Builder
		for i, cell := range line {
			space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if numbers[i] {
				text.WriteString(space + cell + "  ")
			} else {
				text.WriteString(cell + space + "  ")
			}
		}
		out.WriteString(strings.TrimRight(text.String(), " ") + "\n")
	}
	return out.String()
}

// writeRows keeps the rows as JSON.
func writeRows(path string, rows []Row) error {
	text, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return fmt.Errorf("write the rows: %w", err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the rows: %w", err)
	}
	return nil
}
