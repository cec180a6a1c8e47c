package app

import (
	"crypto/rand"
	"encoding/hex"
	"time"
)

// newIDs returns a maker of ids of 24 hex digits: ten digits of time in steps
// of ten milliseconds, which is enough until the year 2318, and 56 random
// bits. Ids made later sort later, which keeps their indexes compact.
func newIDs(now func() time.Time) func() string {
	return func() string {
		var b [12]byte
		stamp := uint64(now().UnixMilli() / 10)
		for i := range 5 {
			b[i] = byte(stamp >> (8 * (4 - i)))
		}
		_, _ = rand.Read(b[5:]) // never fails, see crypto/rand
		return hex.EncodeToString(b[:])
	}
}
