package console

import (
	"fmt"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// barWidth is the reconciliation bar's, in units of its picture.
const barWidth = 1000

// leastWidth keeps a segment of one person among a million to be seen.
const leastWidth = 4

// Segment is one part of a bar: people of a run whose rows stand alike.
type Segment struct {
	Name  string // sent, delivered, read, failed, unknown, skipped, canceled, open
	Means string
	Count int64
	Share string // of the audience, for people
	X, W  int    // in the picture
}

// Bar is a run's audience in parts that always sum up to it.
type Bar struct {
	Audience int64
	Segments []Segment // all of them, also the empty ones
	Done     int64     // people for whom nothing more is to be done
	Percent  int64
}

// statuses of each segment, in the order they are shown.
var segments = [...]struct {
	name, means string
	statuses    []engine.Status
}{
	{"read", "opened by the person", []engine.Status{engine.Read}},
	{"delivered", "on the person's phone", []engine.Status{engine.Delivered}},
	{"sent", "taken by the platform", []engine.Status{engine.SentOut}},
	{"unknown", "sent, but the platform's answer was lost", []engine.Status{engine.Unknown}},
	{"failed", "refused by the platform", []engine.Status{engine.Failed}},
	{"skipped", "left out by a rule", []engine.Status{engine.Skipped}},
	{"canceled", "not sent any more", []engine.Status{engine.Canceled}},
	{"open", "still to be sent", []engine.Status{engine.Held, engine.Queued, engine.Sending}},
}

// newBar divides an audience.
func newBar(of *broadcast.Sum) Bar {
	b := Bar{Audience: of.Audience}
	for _, s := range segments {
		part := Segment{Name: s.name, Means: s.means}
		for _, status := range s.statuses {
			part.Count += of.ByStatus[status]
		}
		part.Share = share(part.Count, b.Audience)
		if s.name != "open" {
			b.Done += part.Count
		}
		b.Segments = append(b.Segments, part)
	}
	if b.Audience > 0 {
		b.Percent = b.Done * 100 / b.Audience
	}
	b.place()
	return b
}

// place gives every segment with people in it a width that can be seen; the
// widest gives what that takes.
func (b *Bar) place() {
	widest, sum := -1, 0
	for i := range b.Segments {
		s := &b.Segments[i]
		if s.Count == 0 {
			continue
		}
		s.W = max(leastWidth, int(s.Count*barWidth/b.Audience))
		sum += s.W
		if widest < 0 || s.W > b.Segments[widest].W {
			widest = i
		}
	}
	if widest < 0 {
		return
	}
	b.Segments[widest].W += barWidth - sum
	x := 0
	for i := range b.Segments {
		b.Segments[i].X = x
		x += b.Segments[i].W
	}
}

// Line says the sum in words: it is what holds at every moment.
func (b Bar) Line() string {
	line := count(b.Audience) + " ="
	for n, s := range b.Segments {
		if n > 0 {
			line += " +"
		}
		line += " " + count(s.Count) + " " + s.Name
	}
	return line
}

// share is a part in percent, which no line breaks in two.
func share(n, of int64) string {
	switch {
	case of == 0 || n == 0:
		return ""
	case n == of:
		return "100\u202f%"
	case n*1000 < of*5: // under half a percent
		return "<\u202f1\u202f%"
	}
	return fmt.Sprintf("%.0f\u202f%%", min(99, float64(n)*100/float64(of)))
}
