package engine

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/blockcast/blockcast/flows"
)

// Writing is what somebody wrote for broadcasts alone: a document with one
// module, which no list of flows shows. It never changes; the same text with
// the same meaning is the same writing.
type Writing struct {
	ID        string // of its module: writingPrefix and 24 hex digits
	BotID     string
	Document  []byte
	IDs       map[string]string // what the names in it meant when it was written
	CreatedAt time.Time
}

// writingPrefix tells the ids of writings from those of published blocks.
const writingPrefix = "own_"

// WritingID makes the id of a writing from its hash.
func WritingID(hash string) string { return writingPrefix + hash }

// IsWriting reports whether a block's id is that of a writing.
func IsWriting(blockID string) bool { return strings.HasPrefix(blockID, writingPrefix) }

// Writings is where writings are kept. Versions that also keep them let
// libraries run them.
type Writings interface {
	// Writing returns one of a bot's writings, nil when there is none.
	Writing(ctx context.Context, botID, id string) (*Writing, error)
}

// MaxWritings is how many compiled writings of a bot are kept in memory.
const MaxWritings = 200

// writings are the compiled writings of one bot. A writing never changes.
type writings struct {
	mu   sync.Mutex
	byID map[string]Published
}

func newWritings() *writings { return &writings{byID: map[string]Published{}} }

func (w *writings) get(id string) (Published, *flows.Block, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p, ok := w.byID[id]
	if !ok {
		return Published{}, nil, false
	}
	return p, p.Program.Blocks[id], true
}

func (w *writings) keep(id string, p Published) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.byID) >= MaxWritings {
		clear(w.byID) // those still in use are compiled again
	}
	w.byID[id] = p
}

// CompileWriting makes the program of a writing, with its module's block.
func CompileWriting(w *Writing) (Published, error) {
	p, err := flows.Compile(w.Document, w.IDs)
	if err != nil {
		return Published{}, fmt.Errorf("compile writing %s: %w", w.ID, err)
	}
	if p.Blocks[w.ID] == nil {
		return Published{}, fmt.Errorf("compile writing %s: it has no module of that id", w.ID)
	}
	return Published{Name: p.Flow, Program: p}, nil
}

// Holding is Library, and makes sure that the library can run a writing when
// the block is one: a writing that is not there is left to Block to miss.
func (l *Libraries) Holding(ctx context.Context, botID, blockID string) (*Library, error) {
	library, err := l.Library(ctx, botID)
	if err != nil || !IsWriting(blockID) {
		return library, err
	}
	if _, _, ok := library.writings.get(blockID); ok {
		return library, nil
	}
	return library, l.loadWriting(ctx, botID, blockID, library.writings)
}

func (l *Libraries) loadWriting(ctx context.Context, botID, id string, into *writings) error {
	kept, ok := l.versions.(Writings)
	if !ok {
		return nil
	}
	w, err := kept.Writing(ctx, botID, id)
	if err != nil || w == nil {
		return err
	}
	p, err := CompileWriting(w)
	if err != nil {
		return err
	}
	into.keep(id, p)
	return nil
}

// written finds a writing that nobody has asked Holding for.
func (l *Libraries) written(botID, id string, kept *writings) (Published, *flows.Block, bool) {
	p, b, ok := kept.get(id)
	if ok {
		return p, b, true
	}
	ctx, cancel := loading()
	defer cancel()
	if err := l.loadWriting(ctx, botID, id, kept); err != nil {
		return Published{}, nil, false
	}
	return kept.get(id)
}
