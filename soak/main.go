// Command soak holds blockcast to what it promises when everything around it
// breaks: it runs the program as child processes between pretend platforms and
// callers, kills them at random, takes their database, queue, disk and clock
// away, and afterwards compares what was asked with the ledger and the ledger
// with what people got.
//
//	task soak -- -only kills -kills 20 -seed 7
//
// What does not add up is named row by row and ends the command with 1.
// Nothing is measured by time. It knows the tables, the HTTP surface and the
// command line; nothing in the program knows it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		stop()
		os.Exit(1)
	}
}

// Bounds of the flags.
const (
	maxKills = 100_000
	maxRate  = 1000

	leastCrowd = 100 // fewer are no crowd
	mostCrowd  = 1_000_000
)

// options are the flags.
type options struct {
	only   []string // names of scenarios; empty: all
	kills  int      // of the scenarios that kill
	seed   uint64
	rate   int    // things that people and callers do a second
	people int    // a broadcast goes to
	short  bool   // seconds instead of minutes, for tests
	keep   string // folder for the programs' logs, "" for none
}

func readOptions(args []string, errs io.Writer) (options, error) {
	var o options
	set := flag.NewFlagSet("soak", flag.ContinueOnError)
	set.SetOutput(errs)
	only := set.String("only", "", "the scenarios to play, as in kills,redis-flush; default all: "+strings.Join(names(), ", "))
	set.IntVar(&o.kills, "kills", 100, "how often a process is killed, where killing is the point")
	set.Uint64Var(&o.seed, "seed", 1, "what happens by chance follows from it: who does what, which faults strike, who is killed when")
	set.IntVar(&o.rate, "rate", 25, "how many things people and callers do a second")
	set.IntVar(&o.people, "people", 100_000, "to how many people a broadcast goes, besides those who write")
	set.BoolVar(&o.short, "short", false, "take things away for seconds instead of a minute, and let what waits for a killed process or its next try go on at once")
	set.StringVar(&o.keep, "keep", "", "a folder: the programs' logs are kept there")
	if err := set.Parse(args); err != nil {
		return o, err
	}
	switch {
	case set.NArg() > 0:
		return o, fmt.Errorf("%q is no flag; to play one scenario use -only", set.Arg(0))
	case o.kills < 1 || o.kills > maxKills:
		return o, fmt.Errorf("-kills must be between 1 and %d", maxKills)
	case o.rate < 1 || o.rate > maxRate:
		return o, fmt.Errorf("-rate must be between 1 and %d", maxRate)
	case o.people < leastCrowd || o.people > mostCrowd:
		return o, fmt.Errorf("-people must be between %d and %d", leastCrowd, mostCrowd)
	}
	for name := range strings.SplitSeq(*only, ",") {
		name = strings.TrimSpace(name)
		switch {
		case name == "":
		case !slices.Contains(names(), name):
			return o, fmt.Errorf("-only: there is no scenario %q; there are: %s", name, strings.Join(names(), ", "))
		default:
			o.only = append(o.only, name)
		}
	}
	return o, nil
}

// wants reports whether a scenario is to be played.
func (o options) wants(name string) bool { return len(o.only) == 0 || slices.Contains(o.only, name) }

// run plays the scenarios and prints a table for each.
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
	var failed []error
	for _, s := range scenarios() {
		if !o.wants(s.name) {
			continue
		}
		r, err := l.play(ctx, s)
		switch {
		case ctx.Err() != nil:
			return errors.New("interrupted")
		case errors.Is(err, errCannot):
			fmt.Fprintf(out, "%s: left out: %v\n\n", s.name, err)
			continue
		case err != nil:
			failed = append(failed, fmt.Errorf("%s: %w", s.name, err))
			continue
		}
		fmt.Fprintln(out, r.table())
		if n := len(r.wrong); n > 0 {
			failed = append(failed, fmt.Errorf("%s: things that do not add up: %d", s.name, n))
		}
	}
	return errors.Join(failed...)
}
