package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// Goals of turn and render.
const (
	turnTime   = 15  // µs
	turnAllocs = 120 // a turn
	renderTime = 1   // µs
)

// Units of the testing package, and how many nanoseconds make one of ours.
const (
	perOperation = "ns/op"
	allocations  = "allocs/op"
	micro        = 1000
)

// turn runs the engine's benchmark of one turn, without any I/O.
func turn(ctx context.Context, l *lab) ([]Row, error) {
	const name = "BenchmarkTurn"
	got, err := l.goBench(ctx, "./engine", name)
	if err != nil {
		return nil, err
	}
	best, ok := got[name]
	if !ok {
		return nil, fmt.Errorf("the package engine has no %s", name)
	}
	return []Row{
		atMost("turn", best[perOperation]/micro, "µs", turnTime),
		atMost("turn allocations", best[allocations], "allocs", turnAllocs),
	}, nil
}

// render runs the benchmark of a ready text with three expressions, beside a
// strings.Builder with the same values.
func render(ctx context.Context, l *lab) ([]Row, error) {
	const name = "BenchmarkRender"
	got, err := l.goBench(ctx, "./blocks/expression", name)
	if err != nil {
		return nil, err
	}
	template, ok := got[name+"/template"]
	builder, beside := got[name+"/strings.Builder"]
	if !ok || !beside {
		return nil, fmt.Errorf("the package blocks/expression has no %s with template and strings.Builder", name)
	}
	return []Row{atMost("render", template[perOperation]/micro, "µs", renderTime).beside(builder[perOperation] / micro)}, nil
}

// runs is how often a benchmark of a package is run: the quickest counts, for
// what makes one slower is something else on the machine.
const runs = 5

// figures are what one benchmark came to, by unit.
type figures map[string]float64

// goBench runs one benchmark of a package, as go test does, and returns the
// figures by name.
func (l *lab) goBench(ctx context.Context, pkg, name string) (map[string]figures, error) {
	c := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^"+name+"$", "-benchmem",
		"-count", strconv.Itoa(runs), "-benchtime", (l.span().measured / runs).String(), pkg)
	c.Dir = l.root
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	c.Stderr = l.errs
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("go test %s: %w\n%s", pkg, err, bytes.TrimSpace(out))
	}
	return parseBench(out), nil
}

// parseBench reads lines such as
//
//	BenchmarkTurn-2   83122   14310 ns/op   9120 B/op   98 allocs/op
//
// and passes over all others. Of several runs the quickest is kept.
func parseBench(out []byte) map[string]figures {
	all := map[string]figures{}
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name, run := withoutProcs(fields[0]), parseFigures(fields[2:])
		took, timed := run[perOperation]
		if best, again := all[name]; timed && (!again || took < best[perOperation]) {
			all[name] = run
		}
	}
	return all
}

// parseFigures reads pairs of value and unit.
func parseFigures(fields []string) figures {
	out := figures{}
	for i := 0; i+1 < len(fields); i += 2 {
		v, err := strconv.ParseFloat(fields[i], 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			break
		}
		out[fields[i+1]] = v
	}
	return out
}

// withoutProcs cuts the number of processors off a benchmark's name.
func withoutProcs(name string) string {
	i := strings.LastIndexByte(name, '-')
	if i < 0 {
		return name
	}
	if _, err := strconv.Atoi(name[i+1:]); err != nil {
		return name
	}
	return name[:i]
}
