package expression

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// MaxDuration is the longest duration that can be written.
const MaxDuration = 10 * 366 * 24 * time.Hour

var units = [...]struct {
	letter byte
	length time.Duration
}{
	{'w', 7 * 24 * time.Hour},
	{'d', 24 * time.Hour},
	{'h', time.Hour},
	{'m', time.Minute},
	{'s', time.Second},
}

// ParseDuration reads numbers with the units s m h d w, such as "30m", "1.5h"
// or "1d 12h". A day is 24 hours. It is at least 0 and at most MaxDuration.
func ParseDuration(s string) (time.Duration, error) {
	wrong := fmt.Errorf(`needs a duration such as "30m", "2h" or "1d 12h", not %s`, quote(s))
	rest := strings.TrimSpace(s)
	if rest == "" || len(rest) > maxMoment {
		return 0, wrong
	}
	total := 0.0
	for rest != "" {
		n := strings.IndexFunc(rest, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
		if n <= 0 {
			return 0, wrong
		}
		count, err := strconv.ParseFloat(rest[:n], 64)
		length := unitLength(rest[n])
		if err != nil || length == 0 {
			return 0, wrong
		}
		total += count * float64(length)
		rest = strings.TrimLeft(rest[n+1:], " ")
	}
	return boundDuration(total)
}

func unitLength(letter byte) time.Duration {
	for _, u := range units {
		if u.letter == letter {
			return u.length
		}
	}
	return 0
}

// boundDuration makes a duration of nanoseconds, which may be negative.
func boundDuration(nanoseconds float64) (time.Duration, error) {
	if math.IsNaN(nanoseconds) || math.Abs(nanoseconds) > float64(MaxDuration) {
		return 0, fmt.Errorf("a duration is at most 10 years")
	}
	return time.Duration(math.Round(nanoseconds)), nil
}

// FormatDuration writes a duration as ParseDuration reads it, in whole seconds:
// "1d12h", "0s".
func FormatDuration(d time.Duration) string {
	d = d.Round(time.Second)
	if d == 0 {
		return "0s"
	}
	var b []byte
	if d < 0 {
		b, d = append(b, '-'), -d
	}
	for _, u := range units[1:] { // days are easier to read than weeks
		if n := d / u.length; n > 0 {
			b = append(strconv.AppendInt(b, int64(n), 10), u.letter)
			d -= n * u.length
		}
	}
	return string(b)
}
