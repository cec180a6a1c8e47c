package store

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/blockcast/blockcast/channels"
)

// moment scans a time that may be NULL, which is the zero time.
func moment(t *time.Time) *momentScanner { return &momentScanner{t} }

type momentScanner struct{ t *time.Time }

// ScanTimestamptz takes Postgres's form.
func (m *momentScanner) ScanTimestamptz(v pgtype.Timestamptz) error {
	if !v.Valid {
		*m.t = time.Time{}
		return nil
	}
	*m.t = v.Time.UTC()
	return nil
}

// Scan takes SQLite's form: text where the driver does not know the column.
func (m *momentScanner) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*m.t = time.Time{}
	case time.Time:
		*m.t = v.UTC()
	case string:
		for _, layout := range []string{sqliteTimes, "2006-01-02 15:04:05.999999999"} {
			if t, err := time.Parse(layout, v); err == nil {
				*m.t = t.UTC()
				return nil
			}
		}
		return fmt.Errorf("scan time %q", v)
	default:
		return fmt.Errorf("scan time from %T", src)
	}
	return nil
}

// fromJSON scans a column that holds JSON into v; an empty text leaves it.
func fromJSON(v any) *jsonScanner { return &jsonScanner{v} }

type jsonScanner struct{ v any }

// ScanText takes Postgres's text.
func (j *jsonScanner) ScanText(v pgtype.Text) error { return j.Scan(v.String) }

// Scan takes all other forms.
func (j *jsonScanner) Scan(src any) error {
	var data []byte
	switch s := src.(type) {
	case nil:
		return nil
	case string:
		if j.bare(s) {
			return nil
		}
		data = []byte(s)
	case []byte:
		data = s
	default:
		return fmt.Errorf("scan JSON from %T", src)
	}
	if len(data) == 0 {
		return nil
	}
	if raw, ok := j.v.(*json.RawMessage); ok {
		*raw = append((*raw)[:0], data...)
		return nil
	}
	if own, ok := j.v.(json.Unmarshaler); ok { // it checks the JSON itself: once is enough
		return own.UnmarshalJSON(data)
	}
	return json.Unmarshal(data, j.v)
}

// bare reads what most columns hold, nothing, without taking it apart.
func (j *jsonScanner) bare(s string) bool {
	switch v := j.v.(type) {
	case *[]string:
		if s == "[]" {
			*v = []string{}
			return true
		}
	case *map[string]any:
		if s == "{}" && *v != nil { // adds nothing
			return true
		}
		if s == "null" {
			*v = nil
			return true
		}
	}
	return false
}

// toJSON is a value as it is kept: text and JSON columns take no NUL.
func toJSON(v any) (string, error) {
	return cleanJSON(json.Marshal(v))
}

func cleanJSON(data []byte, err error) (string, error) {
	if err != nil {
		return "", fmt.Errorf("write JSON: %w", err)
	}
	return string(channels.CleanJSON(data)), nil
}
