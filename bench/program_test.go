package main

import (
	"strings"
	"testing"
)

func TestLastWords(t *testing.T) {
	t.Parallel()
	noise := strings.Repeat("level=INFO msg=request\n", 100)
	for name, c := range map[string]struct{ log, want string }{
		"none":    {"", ""},
		"few":     {"serve: listen: in use\n", "serve: listen: in use"},
		"a panic": {noise + "panic: server: twice\n\ngoroutine 1\n" + noise, "panic: server: twice"},
		"the end": {noise + "serve: no such database\n", "serve: no such database"},
	} {
		got := lastWords(c.log)
		if len(got) > 1000 || !strings.Contains(got, c.want) {
			t.Errorf("%s: %d bytes, %.80q", name, len(got), got)
		}
	}
}
