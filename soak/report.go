package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// shownRows is how many things that do not add up are printed.
const shownRows = 40

// report is what a run came to.
type report struct {
	scenario string
	rows     [][2]string
	wrong    []string
}

func (r *report) add(name, format string, args ...any) {
	r.rows = append(r.rows, [2]string{name, fmt.Sprintf(format, args...)})
}

// table is the report for people.
func (r *report) table() string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "== %s\n", r.scenario)
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range r.rows {
		fmt.Fprintf(t, "%s\t%s\n", row[0], row[1])
	}
	_ = t.Flush() // a buffer takes everything
	if len(r.wrong) == 0 {
		b.WriteString("everything adds up\n")
		return b.String()
	}
	fmt.Fprintf(&b, "%d things do not add up:\n", len(r.wrong))
	for _, text := range r.wrong[:min(len(r.wrong), shownRows)] {
		fmt.Fprintf(&b, "  %s\n", text)
	}
	if n := len(r.wrong) - shownRows; n > 0 {
		fmt.Fprintf(&b, "  … and %d more\n", n)
	}
	return b.String()
}

// tally counts by name.
type tally map[string]int

func (t tally) String() string {
	if len(t) == 0 {
		return "none"
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(t)) {
		out = append(out, fmt.Sprintf("%s %d", name, t[name]))
	}
	return strings.Join(out, ", ")
}

// stages is how long each part of a run took. It is told and not judged.
type stages []stage

type stage struct {
	name  string
	begun time.Time
}

// begin ends the stage before.
func (s *stages) begin(name string) { *s = append(*s, stage{name, time.Now()}) }

// String names all stages, the last as if it ended now.
func (s *stages) String() string {
	var out []string
	for i, each := range *s {
		end := time.Now()
		if i+1 < len(*s) {
			end = (*s)[i+1].begun
		}
		out = append(out, fmt.Sprintf("%s %v", each.name, end.Sub(each.begun).Round(time.Second/10)))
	}
	return strings.Join(out, ", ")
}

// asked fills in what people and callers have done.
func (r *report) asked(b *book) {
	events, orders := tally{}, tally{}
	redelivered, repeated, unsure := 0, 0, 0
	for _, e := range b.events {
		events[e.account]++
		redelivered += e.tries - 1
	}
	for _, o := range b.orders {
		orders[o.kind]++
		repeated += max(0, o.tries-1)
		if !o.taken && o.refused == "" {
			unsure++
		}
	}
	r.add("people wrote", "%d: %v; delivered again %d times", len(b.events), events, redelivered)
	r.add("callers ordered", "%d: %v; asked again %d times, %d never answered", len(b.orders), orders, repeated, unsure)
}

// outcomes fills in what became of it.
func (r *report) outcomes(l *ledger) {
	states, routes, classes, skipped, unknown, turns := tally{}, tally{}, tally{}, tally{}, tally{}, tally{}
	calls := 0
	for _, d := range l.deliveries {
		states[d.status]++
		calls += d.attempts
		switch d.status {
		case "failed":
			classes[d.class]++
		case "skipped":
			skipped[d.reason]++
		case "unknown":
			unknown[d.channel+": "+d.err]++
		default:
			routes[d.channel+" "+d.route]++
		}
	}
	for _, i := range l.interactions {
		turns[i.outcome]++
	}
	r.add("turns", "%v", turns)
	r.add("deliveries", "%d: %v", len(l.deliveries), states)
	r.add("went out by", "%v", routes)
	r.add("calls", "%d", calls)
	r.add("failed by class", "%v", classes)
	r.add("skipped by reason", "%v", skipped)
	r.add("unknown", "%v", unknown)
}

// received fills in what the platforms have taken.
func (r *report) received(c sandbox.Counts, h heard) {
	twice := tally{}
	for _, got := range h {
		if got.times > 1 {
			twice[got.channel] += got.times - 1
		}
	}
	taken := tally{}
	for endpoint, n := range c.Accepted {
		taken[string(endpoint)] = int(n)
	}
	r.add("platforms took", "%v; %d messages, %d calls repeated under their key", taken, c.Messages, c.Repeated)
	r.add("people got twice", "%v", twice)
}

// logs fills in what the processes had to say, and names the lines that must
// not be.
func (r *report) logs(c *cluster) error {
	rung, errors, warnings := tally{}, tally{}, tally{}
	for _, p := range c.processes {
		file, err := os.Open(p.log)
		if err != nil {
			return err
		}
		lines := bufio.NewScanner(file)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var line struct {
				Level, Msg, Room, Error string
				Rung                    int
			}
			text := lines.Text()
			if strings.HasPrefix(text, "panic:") || strings.Contains(text, "DATA RACE") || strings.HasPrefix(text, "fatal error:") {
				r.wrong = append(r.wrong, p.name+": "+text)
			}
			if json.Unmarshal([]byte(text), &line) != nil {
				continue
			}
			switch {
			case line.Msg == "reconcile":
				rung[line.Room] += line.Rung
			case line.Level == "ERROR":
				errors[line.Msg]++
			case line.Level == "WARN":
				warnings[line.Msg]++
			}
		}
		if err := file.Close(); err != nil {
			return err
		}
	}
	r.add("rung again", "%v", rung)
	r.add("logged errors", "%v", errors)
	r.add("logged warnings", "%v", warnings)
	return nil
}

// Bounds of what is shown of a log.
const (
	shownWords = 400 // bytes of it
	shownLines = 25
	shownWidth = 1000 // bytes of a line
)

// lastWords is the end of a log.
func lastWords(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(text[max(0, len(text)-shownWords):]))
}

// lastLines are the last lines of a log, of those behind a place in it.
func lastLines(path string, from int64) []string {
	text, err := os.ReadFile(path)
	if err != nil {
		return []string{err.Error()}
	}
	life := strings.TrimSpace(string(text[min(from, int64(len(text))):]))
	if life == "" {
		return []string{"(it has said nothing)"}
	}
	lines := strings.Split(life, "\n")
	lines = lines[max(0, len(lines)-shownLines):]
	for i, line := range lines {
		if len(line) > shownWidth {
			lines[i] = line[:shownWidth] + "…"
		}
	}
	return lines
}
