// Command bench measures blockcast beside the limit of the machine it runs on
// and prints one table, because absolute figures differ between machines:
//
//	task bench -- -only ingest,reply -seconds 10
//
// It builds the program and runs it as its own process against a database that
// it makes and drops, with the platforms played on loopback. Load, platforms,
// program, database and queue share the machine, and the limit is measured
// with the same connections in the same run. It knows the tables and the HTTP
// surface; nothing in the program knows it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

// benchmark is one line of work; it gives one row or several.
type benchmark struct {
	name string
	run  func(ctx context.Context, l *lab) ([]Row, error)
}

// benchmarks lists them in the order they run.
func benchmarks() []benchmark {
	return []benchmark{
		{"ingest", ingest},
		{"reply", reply},
		{"reply-broadcast", replyDuringBroadcasts},
		{"api-send", apiSend},
		{"broadcast-personal", broadcastPersonal},
		{"broadcast-identical", broadcastIdentical},
		{"freeze", freeze},
		{"estimate", estimate},
		{"turn", turn},
		{"render", render},
	}
}

// options are the flags.
type options struct {
	only    []string // names of benchmarks; empty: all
	seconds float64  // each measurement takes; warming up is a fifth on top
	out     string
	profile string // folder for profiles, "" for none
	people  int    // a broadcast goes to
	frozen  int    // people an audience is chosen of
}

func readOptions(args []string, errs io.Writer) (options, error) {
	var o options
	set := flag.NewFlagSet("bench", flag.ContinueOnError)
	set.SetOutput(errs)
	only := set.String("only", "", "the benchmarks to run, as in ingest,reply; default all: "+strings.Join(names(), ", "))
	set.Float64Var(&o.seconds, "seconds", 5, "how long each measurement takes")
	set.StringVar(&o.out, "out", "bench.json", "where the rows are written as JSON")
	set.StringVar(&o.profile, "profile", "", "a folder: CPU and allocation profiles of the program are written there")
	set.IntVar(&o.people, "people", 100_000, "how many people a broadcast goes to; an audience is frozen of ten times as many")
	if err := set.Parse(args); err != nil {
		return o, err
	}
	if set.NArg() > 0 {
		return o, fmt.Errorf("%q is no flag; to run one benchmark use -only", set.Arg(0))
	}
	if o.seconds < 0.1 || o.seconds > 600 {
		return o, errors.New("-seconds must be between 0.1 and 600")
	}
	if o.people < 1 || o.people > 10_000_000 {
		return o, errors.New("-people must be between 1 and 10,000,000")
	}
	o.frozen = 10 * o.people
	for name := range strings.SplitSeq(*only, ",") {
		name = strings.TrimSpace(name)
		switch {
		case name == "":
		case !slices.Contains(names(), name):
			return o, fmt.Errorf("-only: there is no benchmark %q; there are: %s", name, strings.Join(names(), ", "))
		default:
			o.only = append(o.only, name)
		}
	}
	return o, nil
}

func names() []string {
	var out []string
	for _, b := range benchmarks() {
		out = append(out, b.name)
	}
	return out
}

func (o options) wants(name string) bool { return len(o.only) == 0 || slices.Contains(o.only, name) }

func (o options) span() span {
	measured := time.Duration(o.seconds * float64(time.Second))
	return span{warm: measured / 5, measured: measured}
}

// run measures, prints the table and writes the file. A goal that is missed is
// no error; a benchmark that could not run is, after the others have.
func run(ctx context.Context, args []string, out, errs io.Writer) (err error) {
	o, err := readOptions(args, errs)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	l, err := newLab(o, errs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	loadavg, _ := os.ReadFile("/proc/loadavg") // Linux alone has it
	if warning := busy(loadavg, runtime.NumCPU()); warning != "" {
		l.say("%s", warning)
	}
	var rows []Row
	var failed []error
	for _, b := range benchmarks() {
		if !o.wants(b.name) {
			continue
		}
		l.say("%s …", b.name)
		measured, err := b.run(ctx, l)
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", b.name, err))
		}
		rows = append(rows, measured...)
	}
	if len(rows) > 0 {
		fmt.Fprint(out, table(rows))
		failed = append(failed, writeRows(o.out, rows))
	}
	return errors.Join(failed...)
}
