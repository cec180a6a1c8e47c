// Package flows reads, checks and compiles the flow document: what a bot
// builder writes, keeps in git and publishes. It knows blocks and expressions;
// it knows no people, channels or database.
package flows

import (
	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
)

// Program is the checked, immutable form of one version of a flow, safe for
// concurrent use.
type Program struct {
	Flow       string
	Scope      *expression.Scope
	Attributes []expression.Declaration
	Triggers   []Trigger
	Blocks     map[string]*Block // by id
}

// Block is one compiled block or module.
type Block struct {
	ID         string // 24 hex digits, kept across versions
	Name       string
	Aliases    []string
	Module     bool
	Entry      bool     // callers from outside send it
	Needs      []string // attributes an outside caller should bring
	WhenClosed []Closed // what goes out where no free message may
	Code       []blocks.Instruction

	// What running it may come to, itself or in what it includes or goes to by
	// itself. What a button goes to is not its doing.
	Asks     bool // waits for an answer
	Requests bool // calls an author's URL
	Waits    bool // pauses
	// Templates means that all it says, if anything, are approved templates: it
	// may be sent also where no free message may.
	Templates bool
}

// Speaks reports whether running the block only says things and sets values,
// so that a send of it touches no session.
func (b *Block) Speaks() bool { return !b.Asks && !b.Requests && !b.Waits }

// Closed is what goes out on a channel instead of a block when the platform
// takes no free message: one of its approved templates.
type Closed struct {
	Channel  string
	Template string
	Language *blocks.Template
	Filling  *blocks.Filling
}

// Closed returns what goes out on a channel instead of the block.
func (b *Block) Closed(channel string) (Closed, bool) {
	for _, c := range b.WhenClosed {
		if c.Channel == channel {
			return c, true
		}
	}
	return Closed{}, false
}

// Trigger starts a block when something happens.
type Trigger struct {
	On       string   // follow, keyword, referral, postback, media, unfollow, event, default
	Any      []string // keywords of which one must occur, folded
	All      []string // keywords that must all occur, folded
	Exact    []string // whole texts, folded
	Pattern  string   // a regular expression over the text as written
	Ref      string   // a referral's ref, * for every one
	Data     string   // a foreign postback's data
	Event    string   // an event's name
	Channels []string
	Accounts []string
	Priority int
	Even     bool   // even_if_handed_over
	Block    string // id of the block to run
}
