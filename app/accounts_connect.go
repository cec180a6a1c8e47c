package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/all"
)

type accountsConnect struct {
	botConnection `embed:""`
	Channel       string            `arg:"" help:"The platform: line or messenger."`
	Credentials   map[string]string `arg:"" optional:"" help:"As name=value; @FILE reads a value from a file, - from the input."`
	Name          string            `help:"What to call it. Default: what the platform calls it."`
}

func (c *accountsConnect) Run(ctx context.Context, p *Process, s *settings) error {
	credentials, err := readValues(p, c.Credentials)
	if err != nil {
		return exitWith(exitUsage, "%v", err)
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		if kinds := channelKinds(); s.local && !slices.Contains(kinds, c.Channel) {
			return noChannel(c.Channel, kinds)
		}
		if s.unreachable {
			return exitWith(exitUsage, "the platform must be told where to post: set BLOCKCAST_PUBLIC_URL to the address it reaches your server at, or name a running server with --url and --token")
		}
		body := map[string]any{"channel": c.Channel, "credentials": credentials}
		if c.Name != "" {
			body["name"] = c.Name
		}
		raw, err := s.post(ctx, s.path("accounts"), body)
		a, err := decode[accountView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.connected(&a) })
	})
}

// noChannel names the channels there are.
func noChannel(name string, kinds []string) error {
	return exitWith(exitUsage, "there is no channel %q; there are: %s", name, strings.Join(kinds, ", "))
}

// connected tells what came of connecting an account, and what stands where on
// the platform's pages.
func (s *botSession) connected(a *accountView) error {
	lines := []string{fmt.Sprintf("connected %s (%s)", a.Name, a.ID), "its webhook: " + a.WebhookURL}
	for _, w := range a.Warnings {
		lines = append(lines, "warning: "+w)
	}
	if len(a.Platform) > 0 {
		lines = append(lines, "", "On the platform's pages:")
	}
	for _, p := range a.Platform {
		lines = append(lines, "- "+p)
	}
	return s.line("%s", strings.Join(lines, "\n"))
}

// Help is the long help of the command.
func (*accountsConnect) Help() string {
	list, err := all.New(all.Config{})
	if err != nil {
		return ""
	}
	var b strings.Builder
	for _, kind := range list.Kinds() {
		ch, _ := list.Get(kind)
		c, ok := ch.(channels.Connector)
		if !ok {
			continue
		}
		fmt.Fprintf(&b, "%s needs:\n\n", kind)
		for _, f := range c.Fields() {
			fmt.Fprintf(&b, "  %-21s %s\n", f.Name, f.Help)
		}
		if g, ok := ch.(channels.Guide); ok {
			fmt.Fprintf(&b, "\n%s\n\n", g.Checks())
		}
	}
	b.WriteString("An account that was disconnected comes back with its people. What stands where on the platform's pages is said in the end.")
	return b.String()
}

// readValues reads values that stand in files, so that secrets need not stand
// in a shell's history.
func readValues(p *Process, given map[string]string) (map[string]string, error) {
	out := map[string]string{}
	for name, value := range given {
		path, isFile := strings.CutPrefix(value, "@")
		var text []byte
		var err error
		switch {
		case value == "-":
			text, err = io.ReadAll(io.LimitReader(p.In, maxSecretFile))
		case isFile:
			text, err = os.ReadFile(path)
		default:
			text = []byte(value)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[name] = strings.TrimSpace(string(text))
	}
	return out, nil
}
