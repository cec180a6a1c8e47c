package engine

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"
)

// reflectedSession is a session that encoding/json reads and writes by itself.
type reflectedSession Session

var (
	startedAt   = time.Date(2026, 3, 2, 9, 0, 0, 123456000, time.UTC)
	fullSession = Session{
		VersionID: 12, Block: "b1", PC: 7, Frames: []Frame{{VersionID: 12, Block: "b0", PC: 3}, {Block: "<b>"}},
		Reply: true, Expect: "number", Keywords: true, Until: startedAt.Add(time.Hour), AskedAt: startedAt.In(time.FixedZone("", 7*3600)),
		Attempts: 2, Attributes: Values{"city": "Huế", "note": "a \"quote\"\nand a line, <b>&\u2028 \x00 \xff", "debt": 12.5},
		Changed: []string{"city", "số lượng"},
		Answers: Values{"quantity": 3.0, "zero": 0.0, "below": math.Copysign(0, -1), "big": 1e21, "tiny": 1e-9, "exact": 9007199254740993.0,
			"id": json.Number("9007199254740993"), "yes": true, "no": false, "nothing": nil,
			"where": map[string]any{"lat": 10.5, "tags": []any{"a", 1.0, nil, map[string]any{}}}},
		SendID: "s1", Origin: 5, Interaction: 6, Seed: math.MaxUint64, StartedAt: startedAt, Undelivered: "b9", HandedOver: true,
	}
)

// TestSessionFilled holds that no member of a session is forgotten here: each
// one has a value.
func TestSessionFilled(t *testing.T) {
	t.Parallel()
	v := reflect.ValueOf(fullSession)
	for i := range v.NumField() {
		if v.Field(i).IsZero() && v.Type().Field(i).Name != "IdentityID" {
			t.Errorf("%s is not in the session of these tests", v.Type().Field(i).Name)
		}
	}
}

// TestSessionWritten holds that a session is written as encoding/json would.
func TestSessionWritten(t *testing.T) {
	t.Parallel()
	for _, s := range []Session{{}, fullSession, {Block: "b", Answers: Values{}, Frames: []Frame{}}, {IdentityID: 9, Seed: 1}} {
		want, err := json.Marshal((*reflectedSession)(&s))
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.MarshalJSON()
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("wrote %s, %v, want %s", got, err, want)
		}
	}
	for name, s := range map[string]Session{
		"time":  {Until: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
		"value": {Answers: Values{"x": math.Inf(1)}},
	} {
		if data, err := s.MarshalJSON(); err == nil {
			t.Errorf("%s: wrote %s", name, data)
		}
	}
}

// TestSessionRead holds that what was written is read without encoding/json,
// also as Postgres keeps it: with spaces and its own order.
func TestSessionRead(t *testing.T) {
	t.Parallel()
	data, err := fullSession.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var spaced bytes.Buffer
	if err := json.Indent(&spaced, data, " ", "\t"); err != nil {
		t.Fatal(err)
	}
	for _, data := range [][]byte{data, spaced.Bytes(), []byte(`{"pc": 1, "seed": 5, "block": "b", "version": 2}`), []byte(` {} `)} {
		var got Session
		if p := (parser{data: data}); !p.session(&got) {
			t.Errorf("%s is left to encoding/json", data)
		}
		if want := reflected(t, data); !reflect.DeepEqual(got, want) {
			t.Errorf("%s is read as\n%+v, want\n%+v", data, got, want)
		}
	}
	var again Session
	if err := again.UnmarshalJSON([]byte(`{"Block":"b","unknown":[1],"frames":[]}`)); err != nil || again.Block != "b" || again.Frames == nil {
		t.Errorf("read %+v, %v", again, err)
	}
	if err := again.UnmarshalJSON([]byte(`{"pc":"one"}`)); err == nil {
		t.Error("a text was read as a number")
	}
}

func reflected(t *testing.T, data []byte) Session {
	t.Helper()
	var s reflectedSession
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return Session(s)
}

// FuzzSession checks that what the parser takes is what encoding/json reads,
// and that it is written back as encoding/json does.
func FuzzSession(f *testing.F) {
	data, err := fullSession.MarshalJSON()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	for _, s := range []string{`{}`, `{"pc":01}`, `{"pc":-0,"seed":18446744073709551615}`, `{"answers":{"a":1e5,"b":[-0,0.10,{}]}}`,
		`{"frames":[{"pc":1}],"frames":[{}]}`, `{"block":"\ud800\u0041"}`, `{"until":"2026-03-02T09:00:00+07:00"}`, `{"reply":truefalse}`,
		`{"answers":null}`, `{"answers":{"a":1,"a":2},"changed":["a","\n"]}`, "{\"block\":\"\t\"}", `{"pc":1}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got Session
		if p := (parser{data: data}); !p.session(&got) {
			return
		}
		var want reflectedSession
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatalf("%s was taken: %v", data, err)
		}
		if !reflect.DeepEqual(got, Session(want)) {
			t.Fatalf("%s is read as\n%+v, want\n%+v", data, got, want)
		}
		written, err := got.MarshalJSON()
		expected, wrong := json.Marshal(&want)
		if (err == nil) != (wrong == nil) || err == nil && !bytes.Equal(written, expected) {
			t.Fatalf("wrote %s, %v, want %s, %v", written, err, expected, wrong)
		}
	})
}
