// Package flows reads, checks and compiles the flow document: what a bot
// builder writes, keeps in git and publishes. It knows blocks and expressions;
// it knows no people, channels or database.
package flows

import (
	"time"

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
	ID      string // 24 hex digits, kept across versions
	Name    string
	Aliases []string
	Module  bool
	Needs   []string // attributes an outside caller should bring
	Code    []blocks.Instruction

	Asks     bool // waits for an answer, itself or in what it includes or goes to unconditionally
	Requests bool // calls an author's URL
	Waits    bool // pauses
}

// Speaks reports whether running the block only says things and sets values,
// so that a send of it touches no session.
func (b *Block) Speaks() bool { return !b.Asks && !b.Requests && !b.Waits }

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

// Problem is one mistake or doubt about a document, with its place.
type Problem struct {
	Code    string `json:"code"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Path    string `json:"path"` // JSON pointer
	Flow    string `json:"flow,omitempty"`
	Block   string `json:"block,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Warning bool   `json:"warning,omitempty"`
}

// Catalog is what else a bot has, against which a document is checked. The
// zero value checks a document by itself.
type Catalog struct {
	Blocks     []Known                  // blocks and modules of the bot's other published flows, and of this flow's earlier version
	Attributes []expression.Declaration // declared by other published flows
	Channels   []string                 // kinds of the connected accounts; none: unknown
	NewID      func() string            // 24 hex digits for a block seen the first time; nil: derived from the name
}

// Known is a block the bot already has.
type Known struct {
	ID, Name, Flow string
	Aliases        []string
	Module         bool
}

// Checked is a document that may be published.
type Checked struct {
	Document *Document
	Program  *Program
	// IDs maps the folded name of every block this version names, its own and
	// others', to the id it meant when it was published. Compile needs it.
	IDs map[string]string
}

// Check reads and checks a document and returns every problem at once, in the
// order of the text. Checked is nil when one of them is not a warning. file is
// only for the places in the problems.
func Check(data []byte, file string, c Catalog) (*Checked, []Problem) { return nil, nil }

// Compile makes the program of a stored version again from its document and
// the ids kept with it.
func Compile(data []byte, ids map[string]string) (*Program, error) { return nil, nil }

// Fold is the form in which names and keywords are compared: NFKC, lower case,
// inner spaces as one.
func Fold(s string) string { return s }

// Document is the authored JSON.
type Document struct {
	Format int    `json:"format"`
	Flow   string `json:"flow"`
}

// Schema returns the JSON Schema of the document, generated from the Go types.
func Schema() []byte { return nil }

// Duration reads "90s", "30m", "2h", "3d", "1w" and sums of them.
func Duration(s string) (time.Duration, error) { return 0, nil }
