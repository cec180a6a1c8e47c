// Package all lists the channels there are. A new channel is a folder beside
// this one and a line here.
package all

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/line"
	"github.com/blockcast/blockcast/channels/messenger"
)

// Config is what channels are made of.
type Config struct {
	Client *http.Client             // for calls to platforms; it should have a time limit
	URLs   map[channels.Kind]string // where a platform is, for tests and the demo; its own address when absent
	// Attachments remembers files that Messenger keeps; nil sends each by its
	// address.
	Attachments messenger.Attachments
}

// List is the channels by kind. It does not change.
type List struct {
	kinds  []channels.Kind
	byKind map[channels.Kind]channels.Channel
}

// New makes all channels. An address for a channel that does not exist, or
// that is none, is an error naming it.
func New(c Config) (*List, error) {
	l := &List{byKind: map[channels.Kind]channels.Channel{}}
	l.add(line.New(c.Client, line.Config{BaseURL: c.URLs[channels.LINE]}))
	l.add(messenger.New(c.Client, messenger.Config{BaseURL: c.URLs[channels.Messenger], Attachments: c.Attachments}))
	if err := l.check(c.URLs); err != nil {
		return nil, err
	}
	return l, nil
}

// Get returns the channel of a kind, and false when there is none.
func (l *List) Get(kind channels.Kind) (channels.Channel, bool) {
	ch, ok := l.byKind[kind]
	return ch, ok
}

// Kinds are the kinds there are, in the order people see them.
func (l *List) Kinds() []channels.Kind { return slices.Clone(l.kinds) }

func (l *List) add(ch channels.Channel) {
	kind := ch.Kind()
	if _, twice := l.byKind[kind]; twice {
		panic("channels: " + string(kind) + " listed twice")
	}
	l.kinds = append(l.kinds, kind)
	l.byKind[kind] = ch
}

func (l *List) check(urls map[channels.Kind]string) error {
	for _, kind := range slices.Sorted(maps.Keys(urls)) {
		if _, ok := l.byKind[kind]; !ok {
			return fmt.Errorf("channel url: there is no channel %q, only %s", kind, l.names())
		}
		if u, err := url.Parse(urls[kind]); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("channel url of %s: want an address like https://api.example.com", kind)
		}
	}
	return nil
}

func (l *List) names() string {
	var names []string
	for _, kind := range l.kinds {
		names = append(names, string(kind))
	}
	return strings.Join(names, ", ")
}
