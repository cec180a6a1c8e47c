package script

import (
	"fmt"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine/simulate"
)

// slack is how far a wait's end may be from what is expected: the clock ticks
// while a turn is made.
const slack = time.Second

func (j *judging) waits(n *node) {
	w := j.waiting
	if n.shape == isBool {
		if w != nil {
			j.fail(n, "waits", "nothing", w.Words(j.play.Now()))
		}
		return
	}
	want := n.text()
	if n.shape == isObject {
		if f := n.get("for"); f != nil {
			want = f.text()
		}
	}
	if w == nil {
		j.fail(n, "waits", "for "+orAnything(want), "nothing is waited for")
		return
	}
	if want != "" && want != w.For {
		j.fail(n, "waits", "for "+want, w.Words(j.play.Now()))
	}
	if b := n.get("block"); b != nil && b.text() != w.Block {
		j.fail(b, "waits in block", quoted(b.text()), quoted(w.Block))
	}
	if a := n.get("attempt"); a != nil && int(number(a)) != w.Attempt {
		j.fail(a, "waits for attempt", shown(a.plain()), fmt.Sprint(w.Attempt))
	}
	if e := n.get("ends_in"); e != nil {
		j.endsIn(e, w)
	}
}

func (j *judging) endsIn(n *node, w *simulate.Waiting) {
	left := w.Until.Sub(j.play.Now())
	switch want, err := expression.ParseDuration(n.text()); {
	case n.shape == isNull && !w.Until.IsZero():
		j.fail(n, "waits", "without end", "for "+expression.FormatDuration(left.Round(time.Second)))
	case n.shape == isNull:
	case w.Until.IsZero():
		j.fail(n, "waits", "for "+n.text(), "without end")
	case err == nil && (want-left).Abs() > slack:
		j.fail(n, "waits", "for "+n.text(), "for "+expression.FormatDuration(left.Round(time.Second)))
	}
}

func orAnything(s string) string {
	if s == "" {
		return "anything"
	}
	return s
}
