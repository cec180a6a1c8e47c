package app

import (
	"bytes"
	"testing"
)

func TestProgressLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		done, all int64
		want      string
	}{
		{0, 0, "running …"},
		{0, 4, "[..............................]   0%  0 of 4, running"},
		{1, 2, "[###############...............]  50%  1 of 2, running"},
		{4, 4, "[##############################] 100%  4 of 4, running"},
	} {
		if got := progressLine(c.done, c.all, "running"); got != c.want {
			t.Errorf("%d of %d is %q, want %q", c.done, c.all, got, c.want)
		}
	}
}

// What is no terminal gets nothing: a log would fill with it.
func TestProgressIsForTerminals(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := newProgress(&out)
	p.show(1, 2, "running")
	p.end()
	if out.Len() > 0 {
		t.Errorf("it printed %q", out.String())
	}
}
