package store

import (
	"testing"
	"unsafe"

	"github.com/blockcast/blockcast/engine"
)

// TestRepeatedTextsAreKeptOnce holds that a text which is that of the row before
// takes no room of its own, in the forms of both databases, and that another is
// read as it is.
func TestRepeatedTextsAreKeptOnce(t *testing.T) {
	t.Parallel()
	var name string
	var status engine.Status
	places := repeating([]any{&name, &status, new(int64)})
	if _, ok := places[2].(*int64); !ok {
		t.Errorf("a number is read into %T", places[2])
	}
	text, state := places[0].(*repeated[string]), places[1].(*repeated[engine.Status])
	var kept []string
	for _, row := range []string{"Mai", "Mai", "Lan", ""} {
		name = ""
		if err := text.ScanBytes([]byte(row)); err != nil || name != row {
			t.Fatalf("%q is read as %q, %v", row, name, err)
		}
		kept = append(kept, name)
	}
	if unsafe.StringData(kept[0]) != unsafe.StringData(kept[1]) {
		t.Error("the same text is kept twice")
	}
	for _, form := range []any{"queued", []byte("sent")} {
		if err := state.Scan(form); err != nil {
			t.Errorf("%v: %v", form, err)
		}
	}
	if status != engine.SentOut {
		t.Errorf("the status is %q", status)
	}
	if err := state.Scan(nil); err == nil {
		t.Error("NULL is taken for a text")
	}
}
