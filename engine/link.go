package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Tracking says how taps on the links of a broadcast are counted.
type Tracking string

// Ways of counting. TrackPerson makes everybody an address of their own, so
// that what people are told differs; TrackCount one for all, and nobody knows
// who tapped.
const (
	TrackDefault Tracking = "" // as the bot's settings say
	TrackOff     Tracking = "off"
	TrackPerson  Tracking = "person"
	TrackCount   Tracking = "count"
)

// Counts reports whether taps on links are counted at all.
func (t Tracking) Counts() bool { return t == TrackPerson || t == TrackCount }

// Link is where an address of ours leads that people of a run were given.
type Link struct {
	ID     string // 24 hex digits, see NewLink
	BotID  string
	RunID  string
	Place  string // message, card and button, as 0.1.2
	Title  string // of the button
	Target string // an http or https address
	// ContactID is who alone was given it; 0 when several were.
	ContactID int64
}

// NewLink returns a link with its id, a hash over all but the person: those who
// are told the same are led by the same.
func NewLink(l Link) Link {
	h := sha256.New()
	for _, s := range [...]string{"link 1", l.BotID, l.RunID, l.Place, l.Title, l.Target} {
		fmt.Fprintf(h, "%d %s\n", len(s), s)
	}
	l.ID = hex.EncodeToString(h.Sum(nil)[:12])
	return l
}

// Trackable reports whether an address may be reached through a link: one of
// the web, whole, and with a host that platforms take.
func Trackable(address string) bool {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Hostname() == "" {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
	default:
		return false
	}
	return strings.IndexFunc(u.Host, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '%' }) < 0
}

// Click is a tap on a link.
type Click struct {
	Link       Link
	DeliveryID int64 // of the person who tapped, 0 where nobody knows
	At         time.Time
}
