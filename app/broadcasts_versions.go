package app

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

type broadcastsVersions struct {
	broadcastArgument `embed:""`
	Version           int `arg:"" optional:"" help:"Show the plan of this one."`
}

type planVersionView struct {
	Version int             `json:"version"`
	By      string          `json:"by"`
	At      *time.Time      `json:"at"`
	Changed []string        `json:"changed"`
	Plan    json.RawMessage `json:"plan"`
}

// Run lists what a broadcast was to do, or shows one of its plans.
func (c *broadcastsVersions) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		if c.Version != 0 {
			return c.one(ctx, s)
		}
		oldest := 0
		t := newTable("VERSION", "WRITTEN", "BY", "CHANGED")
		err := showList(ctx, s.session, s.path("broadcasts", c.Broadcast, "versions"), maxItems, t, func(v planVersionView) []string {
			oldest = v.Version
			return []string{strconv.Itoa(v.Version), known(s.when(v.At)), known(v.By), strings.Join(v.Changed, ", ")}
		})
		if err != nil || oldest <= 1 || s.json {
			return err
		}
		return s.line("\n%s not kept: from before versions were, or replaced too long ago", upTo(oldest-1))
	})
}

// upTo names the versions from the first to one.
func upTo(last int) string {
	if last == 1 {
		return "version 1 is"
	}
	return fmt.Sprintf("versions 1 to %d are", last)
}

// known is a text, or that nobody knows it.
func known(text string) string {
	if text == "" {
		return "not known"
	}
	return text
}

func (c *broadcastsVersions) one(ctx context.Context, s *botSession) error {
	raw, err := s.get(ctx, s.path("broadcasts", c.Broadcast, "versions", strconv.Itoa(c.Version)))
	v, err := decode[planVersionView](raw, err)
	if err != nil {
		return err
	}
	return s.show(raw, func() error {
		line := fmt.Sprintf("version %d, written %s by %s", v.Version, s.when(v.At), known(v.By))
		if v.At == nil {
			line = fmt.Sprintf("version %d; when it was written is not known", v.Version)
		}
		if err := s.line("%s", line); err != nil {
			return err
		}
		return s.facts(v.Plan)
	})
}
