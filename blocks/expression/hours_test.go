package expression_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
)

func TestHoursNext(t *testing.T) {
	t.Parallel()
	hanoi := time.FixedZone("ICT", 7*60*60)
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 3, day, hour, minute, 30, 0, hanoi) }
	sharp := func(day, hour, minute int) time.Time { return time.Date(2026, 3, day, hour, minute, 0, 0, hanoi) }
	for _, c := range []struct {
		name, hours string
		from, want  time.Time
	}{
		{"inside", "09:00-21:00", at(8, 12, 0), at(8, 12, 0)},
		{"its first minute", "09:00-21:00", at(8, 9, 0), at(8, 9, 0)},
		{"its end is outside", "09:00-21:00", sharp(8, 21, 0), sharp(9, 9, 0)},
		{"before", "09:00-21:00", at(8, 3, 15), sharp(8, 9, 0)},
		{"after", "09:00-21:00", at(8, 22, 0), sharp(9, 9, 0)},
		{"between two parts", "09:00-12:00,14:00-18:00", at(8, 13, 0), sharp(8, 14, 0)},
		{"parts in any order", "14:00-18:00,09:00-12:00", at(8, 19, 0), sharp(9, 9, 0)},
		{"past midnight", "20:00-02:00", at(8, 1, 0), at(8, 1, 0)},
		{"before what passes midnight", "20:00-02:00", at(8, 2, 0), sharp(8, 20, 0)},
		{"the end of a month", "09:00-21:00", at(31, 23, 0), sharp(32, 9, 0)},
		{"until midnight", "22:00-24:00", at(8, 23, 59), at(8, 23, 59)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h, err := expression.ParseHours(c.hours)
			if err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(h)
			if err != nil || string(data) != `"`+c.hours+`"` {
				t.Errorf("kept as %s, %v", data, err)
			}
			var kept expression.Hours
			if err := json.Unmarshal(data, &kept); err != nil {
				t.Fatal(err)
			}
			if got := kept.Next(c.from); !got.Equal(c.want) {
				t.Errorf("from %s it is %s, want %s", c.from, got, c.want)
			}
		})
	}
	if from := at(8, 4, 0); !new(expression.Hours).Next(from).Equal(from) {
		t.Error("the whole day waits")
	}
	if _, err := expression.ParseHours("9 to 5"); err == nil {
		t.Error("9 to 5 is no error")
	}
}
