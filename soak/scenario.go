package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// scenario is one run: what is taken away while people write and callers call.
type scenario struct {
	name     string
	embedded bool
	clock    bool // of the processes can be moved
	disk     bool // the data folder has a small disk of its own
	// broadcast goes to many people besides.
	broadcast bool
	// trouble makes it, and returns when it is over.
	trouble func(r *running, ctx context.Context) error
}

// scenarios lists them in the order they are played.
func scenarios() []scenario {
	return []scenario{
		{name: "kills", trouble: (*running).kills},
		{name: "kills-embedded", embedded: true, trouble: (*running).kills},
		{name: "broadcast", broadcast: true, trouble: (*running).killBroadcast},
		{name: "broadcast-embedded", broadcast: true, embedded: true, trouble: (*running).killBroadcast},
		{name: "redis-flush", trouble: (*running).redisFlush},
		{name: "redis-gone", trouble: (*running).redisGone},
		{name: "postgres-gone", trouble: (*running).postgresGone},
		{name: "disk-full", embedded: true, disk: true, trouble: (*running).diskFull},
		{name: "clock-ahead", clock: true, trouble: (*running).clockAhead},
	}
}

func names() []string {
	var out []string
	for _, s := range scenarios() {
		out = append(out, s.name)
	}
	return out
}

// running is a scenario under way.
type running struct {
	*world
	scenario scenario
	rand     *rand.Rand
	report   *report

	killed   int   // processes, by us
	killedBy tally // name of the process, and the moment in its call
	mayEnd   bool  // processes may end by themselves
}

// play plays one scenario from beginning to end.
func (l *lab) play(ctx context.Context, s scenario) (_ *report, err error) {
	l.say("%s (seed %d) …", s.name, l.seed)
	var spent stages
	spent.begin("set up")
	w, err := newWorld(ctx, l, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.end()) }()
	r := &running{world: w, scenario: s, rand: rand.New(rand.NewPCG(l.seed, 1)), report: &report{scenario: fmt.Sprintf("%s (seed %d)", s.name, l.seed)}, killedBy: tally{}}
	load := newLoad(w, l.seed)
	load.everybody(ctx)
	spent.begin("trouble")
	lost, err := r.trouble(ctx, load)
	if err != nil {
		return nil, err
	}
	spent.begin("drain")
	if l.short {
		if err := w.skipWaits(ctx); err != nil {
			return nil, err
		}
	}
	if err := w.drain(ctx, l.patience()); err != nil {
		return nil, err
	}
	spent.begin("audit")
	news, err := w.reported(ctx)
	if err != nil {
		return nil, err
	}
	owners := w.cluster.owners()
	stopped := w.cluster.stop()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	err = r.judge(ctx, load.book, news, lost, owners, stopped)
	r.report.add("took", "%v", &spent)
	return r.report, err
}

func (l *lab) patience() time.Duration {
	if l.short {
		return shortPatience
	}
	return drainPatience
}

// away is how long something is taken away.
func (l *lab) away() time.Duration {
	if l.short {
		return 4 * time.Second
	}
	return time.Minute
}

// trouble runs the scenario's trouble under load, with platforms and a receiver
// of webhooks that fail. It
// returns when everybody has been answered, and tells how many answers the
// platforms have lost.
func (r *running) trouble(ctx context.Context, load *load) (lost int, err error) {
	if err := r.platform.misbehave(r.lab.short, r.scenario.broadcast); err != nil {
		return 0, err
	}
	loading, enough := context.WithCancel(ctx)
	defer enough()
	done := make(chan struct{})
	go func() {
		defer close(done)
		load.run(ctx, loading.Done(), r.lab.rate, r.lab.patience())
	}()
	err = r.scenario.trouble(r, ctx)
	if err == nil { // what comes after it is worked off under load, too
		err = pause(ctx, 2*time.Second)
	}
	enough()
	<-done
	if err != nil {
		return 0, err
	}
	r.receiver.behave()
	return r.platform.behave()
}

// judge compares everything and fills in the report.
func (r *running) judge(ctx context.Context, b *book, n *news, lost int, owners []string, stopped error) error {
	l, err := r.read(ctx)
	if err != nil {
		return err
	}
	if l.news = n; n != nil {
		if err := n.read(ctx, r.database); err != nil {
			return err
		}
	}
	calls := r.platform.Accepted()
	a := &audit{book: b, ledger: l, heard: hear(calls), owners: owners, notices: r.receiver.heard(), codes: r.codes(), echoes: hearNews(calls)}
	a.wrong = append(a.wrong, r.receiver.wrong...)
	a.run()
	a.mixed(r.platform.Counts())
	unknown := 0
	for _, d := range l.deliveries {
		if d.status == "unknown" {
			unknown++
		}
	}
	killed := r.killed
	if r.lab.short {
		killed += len(r.cluster.processes) // see skipWaits
	}
	if most := lost + killed*inFlight; unknown > most {
		a.bad("%d deliveries are unknown; %d answers were lost and %d processes killed with %d calls under way at most: there may be %d", unknown, lost, killed, inFlight, most)
	}
	if stopped != nil {
		a.bad("%v", stopped)
	}
	ends := 0
	for _, p := range r.cluster.processes {
		for _, e := range p.ended() {
			if ends++; !r.mayEnd {
				a.bad("%s; its last lines:\n    %s", e.how, strings.Join(e.words, "\n    "))
			}
		}
	}
	r.report.asked(b)
	r.report.outcomes(l)
	r.report.received(r.platform.Counts(), a.heard)
	r.report.asNews(a)
	r.report.noticed(a, r.receiver.unsure)
	r.report.add("answers lost", "%d", lost)
	r.report.add("kills", "%d: %v", r.killed, r.killedBy)
	r.report.add("ended by themselves", "%d", ends)
	if err := r.report.logs(r.cluster); err != nil {
		return err
	}
	r.report.wrong = append(r.report.wrong, a.wrong...)
	return nil
}

// pause waits, for as long as ctx lets it.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
