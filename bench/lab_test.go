package main

import (
	"strings"
	"testing"
)

func TestBusy(t *testing.T) {
	t.Parallel()
	for loadavg, warns := range map[string]bool{
		"0.10 0.20 0.30 1/200 4711\n":   false,
		"1.00 9.00 9.00 1/200 4711\n":   false,
		"1.01 0.00 0.00 1/200 4711\n":   true,
		"15.42 17.17 14.06 9/99 4711\n": true,
		"":                              false,
		"unknown":                       false,
	} {
		if got := busy([]byte(loadavg), 2); (got != "") != warns || warns && !strings.Contains(got, "on 2 processors") {
			t.Errorf("%q: %q", loadavg, got)
		}
	}
}
