// Package script reads and plays test scripts of flows: what a person does, and
// what must come of it. A script is JSON beside the flow it tests,
// orders.test.json beside orders.json:
//
//	{
//	  "flows": ["orders.json"],
//	  "bot": {"time_zone": "Asia/Taipei", "region": "TW"},
//	  "as": {"first_name": "Mai", "phone": "0912 345 678"},
//	  "stubs": [{"url": "https://shop.example.com/orders", "body": {"status": "packed"}}],
//	  "cases": [
//	    {"name": "asks where an order is", "steps": [
//	      {"say": "order", "expect": {"texts": ["Hi Mai, which one?"], "waits": "text"}},
//	      {"say": "A1024", "expect": {"contains": "packed", "attributes": {"order": "A1024"}, "waits": false}},
//	      {"tap": "Call me", "expect": {"handed_over": true}}
//	    ]}
//	  ]
//	}
//
// Each case begins anew, at the same moment, with the same person. What is
// expected of a step is judged together; a case ends at the first step that
// does not hold. Beside what is expected, a step fails when the flow's author
// would have been told of a mistake (an event that is more than information),
// or when a request met no stub.
package script

import (
	"time"

	"github.com/blockcast/blockcast/engine/simulate"
)

// Limits of a script.
const (
	MaxSize  = 8 << 20 // bytes
	MaxCases = 1000
	maxSteps = 1000 // of a case
	maxDepth = 64   // lists and objects inside each other
)

// Suffix ends the names of scripts.
const Suffix = ".test.json"

// Script is one file of cases.
type Script struct {
	File    string
	Flows   []string // files, relative to the script; empty: the one it stands beside
	Channel string   // kind of the channel people write on; "" is the first there is
	Bot     simulate.Bot
	At      time.Time // when each case begins
	As      map[string]any
	Stubs   []Stub
	Secrets map[string]string
	Cases   []Case

	lines *lines
}

// Case is one conversation.
type Case struct {
	Name  string
	Line  int
	At    time.Time      // when it begins; zero: as the script says
	As    map[string]any // over the script's
	Stubs []Stub         // before the script's
	Steps []Step

	at     int
	begins *node // At, as written
}

// Stub is an answer to a flow's requests, its body perhaps in a file.
type Stub struct {
	simulate.Stub
	BodyFile string // relative to the script; "" when Body is it

	at int
}

// Step is one thing done, and what must come of it.
type Step struct {
	Act    simulate.Act
	Wanted []Wanted

	at int
}

// Wanted is one thing expected of a step.
type Wanted struct {
	key   string
	value *node
}

// defaultAt is when cases begin unless a script says: a Monday morning.
func defaultAt(zone *time.Location) time.Time {
	return time.Date(2026, 3, 2, 9, 0, 0, 0, zone)
}
