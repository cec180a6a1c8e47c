package expression_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
)

// FuzzParseHours holds that hours are written as they were read, and that there
// is always a next moment within them, at most two days away.
func FuzzParseHours(f *testing.F) {
	for _, s := range []string{"09:00-18:00", "09:00-18:00,19:00-21:00", "22:00-06:00", "00:00-24:00", "9-18", "", ",", "23:59-00:00"} {
		f.Add(s)
	}
	from := time.Date(2026, 11, 21, 3, 30, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		h, err := expression.ParseHours(text)
		if err != nil {
			return
		}
		written, err := h.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var again expression.Hours
		if err := again.UnmarshalText(written); err != nil || !again.Equal(h) {
			t.Fatalf("%q is written %q and read as %v, %v", text, written, again, err)
		}
		next := h.Next(from)
		if next.Before(from) || next.After(from.AddDate(0, 0, 2)) || !h.Next(next).Equal(next) {
			t.Fatalf("%q has its next moment at %v, which has its own at %v", text, next, h.Next(next))
		}
	})
}
