package api

import (
	"errors"
	"testing"

	"github.com/blockcast/blockcast/engine"
)

// Whatever a line holds, it is a row or a mistake that can be shown.
func FuzzImportRow(f *testing.F) {
	for _, line := range []string{`{"external_id":"crm-1","tags":["vip"],"attributes":{"total":1e400}}`, `{"user":"U1","name":null}`, `[`, `{"a":1}`, `{"phone":{}}`, `{} {}`} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		row, err := decodeRow(line)
		if err == nil {
			err = row.check()
		}
		var mistake *engine.Error
		if err != nil && (!errors.As(err, &mistake) || mistake.Message == "") {
			t.Errorf("%q: %v is nothing to show", line, err)
		}
	})
}
