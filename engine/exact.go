package engine

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// Values are values by name that keep themselves when they are written to JSON
// and read back: a number that a float64 cannot hold exactly is a json.Number,
// every other number a float64.
type Values map[string]any

// UnmarshalJSON reads a JSON object.
func (v *Values) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		return err
	}
	exactly(m)
	*v = m
	return nil
}

// exactly makes a float64 of every number that it can hold, in place.
func exactly(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, item := range v {
			switch item.(type) {
			case json.Number, map[string]any, []any:
				v[k] = exactly(item)
			}
		}
	case []any:
		for i, item := range v {
			v[i] = exactly(item)
		}
	case json.Number:
		if f, err := v.Float64(); err == nil && holds(f, string(v)) {
			return f
		}
	}
	return v
}

// exactDigits is how many digits of a number a float64 always holds.
const exactDigits = 15

// holds reports whether the float64 is exactly the number written.
func holds(f float64, number string) bool {
	if len(number) <= exactDigits {
		return true
	}
	if i, err := strconv.ParseInt(number, 10, 64); err == nil {
		return int64(f) == i && i <= 1<<53 && i >= -1<<53
	}
	return len(strconv.FormatFloat(f, 'g', -1, 64)) >= len(number)
}
