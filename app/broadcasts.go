package app

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"time"
)

// broadcastsCommands send one thing to many people.
type broadcastsCommands struct {
	Create     broadcastsCreate     `cmd:"" help:"Plan a broadcast; nothing goes out before it is started."`
	List       broadcastsList       `cmd:"" help:"List broadcasts, the newest first."`
	Show       broadcastsShow       `cmd:"" help:"Show a broadcast with its plan and its runs."`
	Edit       broadcastsEdit       `cmd:"" help:"Give a broadcast that has not started another plan."`
	Versions   broadcastsVersions   `cmd:"" help:"List what it was to do before it was changed, or show one of its plans."`
	Delete     broadcastsDelete     `cmd:"" help:"Delete a draft that never ran."`
	Prepare    broadcastsPrepare    `cmd:"" help:"Make everything ready without sending, and say what would happen."`
	Test       broadcastsTest       `cmd:"" help:"Send it to up to five people as a test, outside the report."`
	Locks      broadcastsLocks      `cmd:"" help:"List routes that are locked, and why."`
	Unlock     broadcastsUnlock     `cmd:"" help:"Unlock a route, with a note on why it is right."`
	Schedule   broadcastsSchedule   `cmd:"" help:"Have it start at its plan's time."`
	Start      broadcastsStart      `cmd:"" help:"Start it now."`
	Pause      broadcastsPause      `cmd:"" help:"Pause it where it is."`
	Resume     broadcastsResume     `cmd:"" help:"Let it go on."`
	Cancel     broadcastsCancel     `cmd:"" help:"End it for good: what has not gone out will not."`
	Follow     broadcastsFollow     `cmd:"" help:"Watch it until it is over."`
	Report     broadcastsReport     `cmd:"" help:"Say what became of it."`
	Recipients broadcastsRecipients `cmd:"" help:"List its people and what became of each."`
	Why        broadcastsWhy        `cmd:"" help:"Say why a person did or did not get it."`
	Retry      broadcastsRetry      `cmd:"" help:"Try again what failed for a while."`
	Again      broadcastsAgain      `cmd:"" help:"Plan the same for some of its people, such as those not reached."`
	Keep       broadcastsKeep       `cmd:"" help:"Keep some of its people as a list, such as those who clicked."`
}

// broadcastView is a broadcast as the API shows it.
type broadcastView struct {
	ID        string     `json:"id"`
	State     string     `json:"state"`
	Reason    string     `json:"reason"`
	Version   int        `json:"version"`
	DueAt     *time.Time `json:"due_at"`
	CreatedAt time.Time  `json:"created_at"`
	Plan      struct {
		Subject  string `json:"subject"`
		Category string `json:"category"`
	} `json:"plan"`
	Runs []runView `json:"runs"`
}

type runView struct {
	ID        string     `json:"id"`
	State     string     `json:"state"`
	Reason    string     `json:"reason"`
	StartedAt *time.Time `json:"started_at"`
	ClosedAt  *time.Time `json:"closed_at"`
}

func (s *session) when(t *time.Time) string {
	if t == nil {
		return ""
	}
	return s.moment(*t)
}

// broadcastArgument names a broadcast.
type broadcastArgument struct {
	botConnection `embed:""`
	Broadcast     string `arg:"" help:"Its id."`
}

// tell prints a broadcast in a line.
func (s *session) tell(raw json.RawMessage, err error) error {
	b, err := decode[broadcastView](raw, err)
	if err != nil {
		return err
	}
	return s.show(raw, func() error {
		line := "broadcast " + b.ID + " (" + b.Plan.Subject + ") is " + b.State
		if b.DueAt != nil {
			line += ", due " + s.moment(*b.DueAt)
		}
		if b.Reason != "" {
			line += ": " + b.Reason
		}
		return s.line("%s", line)
	})
}

type broadcastsList struct {
	botConnection `embed:""`
	State         string `help:"Only these: draft, scheduled, running, paused, finished, canceled or missed."`
	Limit         int    `default:"50" help:"How many at most."`
}

func (c *broadcastsList) Run(ctx context.Context, p *Process, s *settings) error {
	if c.Limit < 1 || c.Limit > maxItems {
		return exitWith(exitUsage, "--limit must be between 1 and %d", maxItems)
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		path := s.path("broadcasts")
		if c.State != "" {
			path += "?state=" + c.State
		}
		t := newTable("ID", "SUBJECT", "CATEGORY", "STATE", "DUE", "MADE", "WHY")
		return showList(ctx, s.session, path, c.Limit, t, func(b broadcastView) []string {
			return []string{b.ID, b.Plan.Subject, b.Plan.Category, b.State, s.when(b.DueAt), s.moment(b.CreatedAt), b.Reason}
		})
	})
}

type broadcastsShow struct {
	broadcastArgument `embed:""`
}

func (c *broadcastsShow) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.get(ctx, s.path("broadcasts", c.Broadcast))
		v, err := decode[struct {
			broadcastView
			Whole json.RawMessage `json:"plan"`
		}](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			due := ""
			if v.DueAt != nil {
				due = ", due " + s.when(v.DueAt)
			}
			if err := s.line("%s%s, version %d%s", v.State, due, v.Version, because(v.Reason)); err != nil {
				return err
			}
			if err := s.goOn(&v.broadcastView); err != nil {
				return err
			}
			if err := s.facts(v.Whole); err != nil || len(v.Runs) == 0 {
				return err
			}
			t := newTable("RUN", "STATE", "STARTED", "ENDED", "WHY")
			for _, r := range v.Runs {
				t.add(r.ID, r.State, s.when(r.StartedAt), s.when(r.ClosedAt), r.Reason)
			}
			return t.write(s.p.Out)
		})
	})
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

type broadcastsEdit struct {
	broadcastArgument `embed:""`
	Plan              string `arg:"" help:"File with the whole plan as JSON; - reads the input. 'show --json' prints the one there is."`
	Version           int    `required:"" help:"The version the change was made on."`
}

func (c *broadcastsEdit) Run(ctx context.Context, p *Process, s *settings) error {
	plan, err := readPlan(p, c.Plan)
	if err != nil {
		return err
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.call(ctx, http.MethodPut, s.path("broadcasts", c.Broadcast), map[string]any{"version": c.Version, "plan": plan})
		if err != nil {
			err = byPlace(raw, err)
		}
		return s.tell(raw, err)
	})
}

// maxPlan is the most a plan's file may hold.
const maxPlan = 1 << 20

// readPlan reads a plan from a file, or the input.
func readPlan(p *Process, name string) (map[string]any, error) {
	in := p.In
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, exitWith(exitUsage, "%v", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxPlan))
	if err != nil {
		return nil, exitWith(exitUsage, "read the plan: %v", err)
	}
	var plan map[string]any
	if err := decodeExact(text, &plan); err != nil {
		return nil, exitWith(exitUsage, "the plan is no JSON object: %v", err)
	}
	return plan, nil
}

type broadcastsDelete struct {
	broadcastArgument `embed:""`
}

func (c *broadcastsDelete) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		if _, err := s.call(ctx, http.MethodDelete, s.path("broadcasts", c.Broadcast), nil); err != nil {
			return err
		}
		return s.show(json.RawMessage("{}"), func() error { return s.line("deleted broadcast %s", c.Broadcast) })
	})
}
