package blocks

import (
	"fmt"
	"slices"
	"strings"
)

// Channels tells the checker which channels the bot is connected to, and which
// of them have approved templates. Without any nothing is said about where a
// message is seen.
func (c *Checker) Channels(connected, templated []string) {
	c.connected, c.templated = connected, templated
}

// seenOn tells where a message is not seen that only some channels can show: it
// is a mistake when that is on all of them. what names the message.
func (c *Checker) seenOn(able []string, when *Expression, what string) {
	var blind, seeing []string
	for _, channel := range c.connected {
		if slices.Contains(able, channel) {
			seeing = append(seeing, channel)
		} else {
			blind = append(blind, channel)
		}
	}
	switch {
	case len(blind) == 0:
	case len(seeing) == 0:
		c.Problem(CodeUnseen, fmt.Sprintf("nobody would see it: no connected channel (%s) shows %s", strings.Join(blind, ", "), what),
			"connect a channel that does, or say it in another way")
	case when == nil || !strings.Contains(when.Source, "channel"):
		c.Warn(CodeUnseen, fmt.Sprintf("nothing is said on %s, where there is no way to show %s", strings.Join(blind, ", "), what),
			fmt.Sprintf(`keep it to where it is seen, "when": "channel == '%s'", and say it in another way elsewhere`, seeing[0]))
	}
}
