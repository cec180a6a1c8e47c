package messenger

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
)

// text is an id or another text Meta writes now as JSON text and now as a
// number; what is neither is "".
type text string

// UnmarshalJSON never fails: one odd field must not cost the event.
func (t *text) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) == nil {
		*t = text(s)
		return nil
	}
	var n json.Number
	if !bytes.ContainsAny(data, "eE.{[") && json.Unmarshal(data, &n) == nil {
		*t = text(n)
	}
	return nil
}

// moment is a time in milliseconds since 1970, as a number or as a text. Some
// events have come in seconds, which are those before 2001 when read as
// milliseconds. What is no time is the zero time, as if it had not been said.
type moment struct{ time.Time }

// Times in milliseconds.
const (
	secondsBelow = 1_000_000_000_000 // a value under it is in seconds
	year9999     = 253402300799999
)

// UnmarshalJSON never fails.
func (m *moment) UnmarshalJSON(data []byte) error {
	var t text
	_ = t.UnmarshalJSON(data)
	n, err := strconv.ParseInt(string(t), 10, 64)
	if err != nil || n <= 0 {
		return nil
	}
	if n < secondsBelow {
		n *= 1000
	}
	if n <= year9999 {
		m.Time = time.UnixMilli(n).UTC()
	}
	return nil
}
