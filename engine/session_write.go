package engine

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// usualSession is how many bytes most sessions take as JSON.
const usualSession = 512

// MarshalJSON writes what encoding/json would, byte for byte. A session is
// written by every turn that waits, and the reflection of three times and a map
// was a quarter of the turn.
func (s *Session) MarshalJSON() ([]byte, error) {
	w := members{buffer: append(make([]byte, 0, usualSession), '{')}
	w.integer("version", s.VersionID)
	w.text("block", s.Block)
	w.integer("pc", int64(s.PC))
	if len(s.Frames) > 0 {
		w.any("frames", s.Frames)
	}
	w.flag("reply", s.Reply)
	w.textSet("expect", s.Expect)
	w.flag("keywords", s.Keywords)
	w.timeSet("until", s.Until)
	w.timeSet("asked_at", s.AskedAt)
	w.integerSet("attempts", int64(s.Attempts))
	w.valuesSet("attributes", s.Attributes)
	if len(s.Changed) > 0 {
		w.any("changed", s.Changed)
	}
	w.valuesSet("answers", s.Answers)
	w.textSet("send", s.SendID)
	w.integerSet("origin", s.Origin)
	w.integerSet("interaction", s.Interaction)
	if s.Seed != 0 {
		w.name("seed")
		w.buffer = strconv.AppendUint(w.buffer, s.Seed, 10)
	}
	w.timeSet("started_at", s.StartedAt)
	w.textSet("undelivered", s.Undelivered)
	w.flag("handed_over", s.HandedOver)
	return append(w.buffer, '}'), w.err
}

// members writes the members of a JSON object. What ends in Set writes nothing
// for the zero value.
type members struct {
	buffer []byte // begins with the brace
	err    error  // the first one
}

func (w *members) name(name string) {
	if w.buffer[len(w.buffer)-1] != '{' {
		w.buffer = append(w.buffer, ',')
	}
	w.buffer = append(w.buffer, '"')
	w.buffer = append(w.buffer, name...)
	w.buffer = append(w.buffer, '"', ':')
}

func (w *members) integer(name string, n int64) {
	w.name(name)
	w.buffer = strconv.AppendInt(w.buffer, n, 10)
}

func (w *members) integerSet(name string, n int64) {
	if n != 0 {
		w.integer(name, n)
	}
}

func (w *members) text(name, s string) {
	w.name(name)
	w.string(s)
}

func (w *members) textSet(name, s string) {
	if s != "" {
		w.text(name, s)
	}
}

func (w *members) flag(name string, set bool) {
	if set {
		w.name(name)
		w.buffer = append(w.buffer, "true"...)
	}
}

func (w *members) timeSet(name string, t time.Time) {
	if t.IsZero() {
		return
	}
	w.name(name)
	w.buffer = append(w.buffer, '"')
	buffer, err := t.AppendText(w.buffer)
	if err != nil {
		w.fail(err)
		return
	}
	w.buffer = append(buffer, '"')
}

func (w *members) valuesSet(name string, values Values) {
	if len(values) == 0 {
		return
	}
	w.name(name)
	w.buffer = append(w.buffer, '{')
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for i, key := range keys {
		if i > 0 {
			w.buffer = append(w.buffer, ',')
		}
		w.string(key)
		w.buffer = append(w.buffer, ':')
		w.value(values[key])
	}
	w.buffer = append(w.buffer, '}')
}

func (w *members) any(name string, v any) {
	w.name(name)
	w.reflected(v)
}

// value writes the values people's answers mostly are, and leaves all others to
// encoding/json.
func (w *members) value(v any) {
	switch v := v.(type) {
	case string:
		w.string(v)
		return
	case bool:
		w.buffer = strconv.AppendBool(w.buffer, v)
		return
	case float64:
		if n := int64(v); float64(n) == v && n != 0 && n < maxShort && n > -maxShort {
			w.buffer = strconv.AppendInt(w.buffer, n, 10)
			return
		}
	}
	w.reflected(v)
}

// maxShort is below what numbers are written without rounding and exponent.
const maxShort = 1e15

func (w *members) string(s string) {
	if !plainText(s) {
		w.reflected(s)
		return
	}
	w.buffer = append(w.buffer, '"')
	w.buffer = append(w.buffer, s...)
	w.buffer = append(w.buffer, '"')
}

// plainText reports whether encoding/json writes the text as it is.
func plainText(s string) bool {
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError || r == '\u2028' || r == '\u2029' {
				return false
			}
			i += n
			continue
		}
		if c < ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return false
		}
		i++
	}
	return true
}

func (w *members) reflected(v any) {
	data, err := json.Marshal(v)
	if err != nil {
		w.fail(err)
		return
	}
	w.buffer = append(w.buffer, data...)
}

func (w *members) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}
