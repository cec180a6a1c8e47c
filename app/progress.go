package app

import (
	"fmt"
	"io"
	"os"
	"strings"
)

const progressWidth = 30 // signs of the bar

// progress shows on a terminal how far long work is, in a line that is written
// over. Elsewhere it writes nothing.
type progress struct {
	out   io.Writer
	shown bool
}

func newProgress(out io.Writer) *progress {
	f, ok := out.(*os.File)
	if !ok {
		return &progress{}
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return &progress{}
	}
	return &progress{out: out}
}

// show draws how much of all is done, and what is going on.
func (p *progress) show(done, all int64, what string) {
	if p.out == nil {
		return
	}
	p.shown = true
	fmt.Fprintf(p.out, "\r%s\x1b[K", progressLine(done, all, what))
}

// end leaves the line for what is printed next.
func (p *progress) end() {
	if p.shown {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.shown = false
	}
}

func progressLine(done, all int64, what string) string {
	if all <= 0 {
		return what + " …"
	}
	full := int(progressWidth * done / all)
	return fmt.Sprintf("[%s%s] %3d%%  %d of %d, %s", strings.Repeat("#", full), strings.Repeat(".", progressWidth-full), 100*done/all, done, all, what)
}
