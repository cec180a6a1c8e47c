package engine

import (
	"fmt"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/flows"
)

// Library is everything a bot has published, as it was at one moment: the
// newest version of each flow, ready to run. It is made by NewLibrary,
// immutable and safe for concurrent use.
type Library struct {
	BotID    string
	Revision int64 // of the bot's publishing; a higher one replaces this library
	// Version returns the program of any version, also one that sessions are
	// still pinned to. It is *Error with NotFound for one that is gone.
	Version func(id int64) (*flows.Program, error)
	Flows   []Published

	versions map[int64]*flows.Program // the newest ones
	byID     map[string]home
	byName   map[string]string // folded name → id
	byAlias  map[string]string // folded alias → id
	names    []string          // as written, aliases too
	triggers triggers

	writings *writings // what was written for broadcasts and is compiled; nil where there are none
	written  func(id string) (Published, *flows.Block, bool)
}

// Published is the newest version of one flow.
type Published struct {
	FlowID    string
	Name      string
	Number    int
	VersionID int64
	Program   *flows.Program
	// Named are the ids of the blocks the version names, its own and other
	// flows'; see flows.Checked.
	Named []string
}

// home is where a block is published.
type home struct {
	flow  int // in Flows
	block *flows.Block
}

// NewLibrary readies what is published for being found and run. version loads
// other versions than the newest; it may be nil where there are none.
func NewLibrary(botID string, revision int64, published []Published, version func(int64) (*flows.Program, error)) *Library {
	l := &Library{BotID: botID, Revision: revision, Version: version, Flows: published,
		versions: map[int64]*flows.Program{}, byID: map[string]home{}, byName: map[string]string{}, byAlias: map[string]string{}}
	for i, p := range published {
		l.versions[p.VersionID] = p.Program
		for id, b := range p.Program.Blocks {
			l.byID[id] = home{i, b}
			l.byName[blocks.Fold(b.Name)] = id
			l.names = append(l.names, b.Name)
			for _, a := range b.Aliases {
				l.byAlias[blocks.Fold(a)] = id
				l.names = append(l.names, a)
			}
		}
	}
	l.triggers = newTriggers(published)
	return l
}

// Block returns the newest version of a block or module, by id, or what was
// written for a broadcast.
func (l *Library) Block(id string) (Published, *flows.Block, bool) {
	h, ok := l.byID[id]
	if !ok {
		if l.written != nil && IsWriting(id) {
			return l.written(id)
		}
		return Published{}, nil, false
	}
	return l.Flows[h.flow], h.block, true
}

// Find returns the block or module a caller means: by name, else by id, else by
// alias. Names are compared folded. The error is an *Error that offers the
// nearest names.
func (l *Library) Find(nameIDOrAlias string) (Published, *flows.Block, error) {
	folded := blocks.Fold(nameIDOrAlias)
	id, ok := l.byName[folded]
	if !ok {
		if _, known := l.byID[strings.TrimSpace(folded)]; known {
			id, ok = folded, true
		}
	}
	if !ok {
		id, ok = l.byAlias[folded]
	}
	if !ok && IsWriting(folded) {
		id, ok = folded, true
	}
	if p, b, found := l.Block(id); ok && found {
		return p, b, nil
	}
	if folded == "" {
		return Published{}, nil, &Error{Code: Invalid, Field: "block", Message: "no block is named"}
	}
	return Published{}, nil, &Error{Code: NotFound, Field: "block",
		Message: fmt.Sprintf("no published block or module is called %q", nameIDOrAlias),
		Hint:    blocks.DidYouMean(nameIDOrAlias, l.names[:min(len(l.names), maxComparedNames)])}
}

// Match returns the trigger that is meant for what happened.
func (l *Library) Match(on On) (Published, *flows.Trigger, bool) {
	t := l.triggers.match(on)
	if t == nil {
		return Published{}, nil, false
	}
	return l.Flows[t.flow], t.Trigger, true
}

// program returns the program of a version.
func (l *Library) program(version int64) (*flows.Program, error) {
	if p, ok := l.versions[version]; ok {
		return p, nil
	}
	if l.Version == nil {
		return nil, versionGone(version)
	}
	p, err := l.Version(version)
	if err == nil && p == nil {
		err = versionGone(version)
	}
	return p, err
}

func versionGone(version int64) error {
	return &Error{Code: NotFound, Field: "version", Message: fmt.Sprintf("the flow version %d is not there", version)}
}
