package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/blockcast/blockcast/flows"
)

// Versions is where published flows are kept.
type Versions interface {
	// Revision returns a number that rises with each publish of the bot.
	Revision(ctx context.Context, botID string) (int64, error)
	// PublishedVersions returns the newest published version of each flow.
	PublishedVersions(ctx context.Context, botID string) ([]FlowVersion, error)
	// FlowVersion returns one version; nil or *Error with NotFound when it is
	// gone.
	FlowVersion(ctx context.Context, botID string, id int64) (*FlowVersion, error)
}

// Limits of what Libraries keeps in memory.
const (
	MaxLibraries    = 1000            // bots
	MaxOldPrograms  = 200             // of a bot, versions that sessions are still pinned to
	revisionFresh   = time.Second     // how long a bot's revision is believed
	loadTimeout     = 5 * time.Second // of reading one bot's flows or one version
	maxStaleLibrary = time.Minute     // how long a library is used on while the database cannot be asked
)

// Libraries keeps the library of each bot and renews it after a publish: within
// a second elsewhere, at once where Forget is called. It is safe for concurrent
// use.
type Libraries struct {
	versions Versions
	now      func() time.Time
	loads    singleflight.Group

	mu   sync.RWMutex
	bots map[string]*shelf
}

// NewLibraries makes Libraries over what is published.
func NewLibraries(v Versions, now func() time.Time) *Libraries {
	return &Libraries{versions: v, now: now, bots: map[string]*shelf{}}
}

// shelf is what is kept of one bot; it is replaced and not written to.
type shelf struct {
	library  *Library
	checked  time.Time
	programs *programs
	writings *writings
}

// programs are the compiled versions of one bot. A version never changes.
type programs struct {
	mu   sync.Mutex
	byID map[int64]*flows.Program
}

// Library returns the bot's library, at most a second behind the last publish.
// While the database cannot be asked the library of the last minute is used.
func (l *Libraries) Library(ctx context.Context, botID string) (*Library, error) {
	l.mu.RLock()
	s := l.bots[botID]
	fresh := s != nil && l.now().Sub(s.checked) < revisionFresh
	l.mu.RUnlock()
	if fresh {
		return s.library, nil
	}
	load := l.loads.DoChan(botID, func() (any, error) {
		ctx, cancel := loading()
		defer cancel()
		return l.renew(ctx, botID)
	})
	select {
	case done := <-load:
		if done.Err != nil {
			return nil, done.Err
		}
		return done.Val.(*Library), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// loading is a context of no caller: several wait for one load, and a library
// outlives the call, and the transaction, that it was made in.
func loading() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), loadTimeout)
}

// Forget makes the next call of Library look at once for what is published.
func (l *Libraries) Forget(botID string) {
	l.loads.Forget(botID) // a load under way may have read before the publish
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.bots[botID]; s != nil {
		l.bots[botID] = &shelf{library: s.library, programs: s.programs, writings: s.writings}
	}
}

func (l *Libraries) renew(ctx context.Context, botID string) (*Library, error) {
	l.mu.RLock()
	s := l.bots[botID]
	l.mu.RUnlock()
	asked := l.now()
	revision, err := l.versions.Revision(ctx, botID)
	if err != nil {
		if s != nil && asked.Sub(s.checked) < maxStaleLibrary {
			return s.library, nil
		}
		return nil, fmt.Errorf("read the revision of bot %s: %w", botID, err)
	}
	if s == nil {
		s = &shelf{programs: &programs{byID: map[int64]*flows.Program{}}, writings: newWritings()}
	}
	library := s.library
	if library == nil || library.Revision != revision {
		if library, err = l.load(ctx, botID, revision, s.programs); err != nil {
			return nil, err
		}
		kept := s.writings
		library.writings, library.written = kept, func(id string) (Published, *flows.Block, bool) { return l.written(botID, id, kept) }
	}
	l.keep(botID, &shelf{library: library, checked: asked, programs: s.programs, writings: s.writings})
	return library, nil
}

// keep puts the shelf in its place; where too many are kept, the one that was
// asked for longest ago makes room.
func (l *Libraries) keep(botID string, s *shelf) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if old := l.bots[botID]; old == nil && len(l.bots) >= MaxLibraries {
		oldest := ""
		for id, o := range l.bots {
			if oldest == "" || o.checked.Before(l.bots[oldest].checked) {
				oldest = id
			}
		}
		delete(l.bots, oldest)
	}
	l.bots[botID] = s
}

// load reads and compiles what is published; versions that are compiled already
// are not compiled again.
func (l *Libraries) load(ctx context.Context, botID string, revision int64, known *programs) (*Library, error) {
	rows, err := l.versions.PublishedVersions(ctx, botID)
	if err != nil {
		return nil, fmt.Errorf("read the published flows of bot %s: %w", botID, err)
	}
	published := make([]Published, 0, len(rows))
	for i := range rows {
		p, err := known.compile(&rows[i])
		if err != nil {
			return nil, err
		}
		published = append(published, Published{FlowID: rows[i].FlowID, Name: p.Flow, Number: rows[i].Number, VersionID: rows[i].ID, Program: p,
			Named: slices.Sorted(maps.Values(rows[i].IDs))})
	}
	return NewLibrary(botID, revision, published, func(id int64) (*flows.Program, error) {
		return l.program(botID, id, known)
	}), nil
}

// program returns a version that may not be the newest.
func (l *Libraries) program(botID string, id int64, known *programs) (*flows.Program, error) {
	if p := known.get(id); p != nil {
		return p, nil
	}
	ctx, cancel := loading()
	defer cancel()
	v, err := l.versions.FlowVersion(ctx, botID, id)
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, versionGone(id)
	}
	return known.compile(v)
}

func (s *programs) get(id int64) *flows.Program {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byID[id]
}

func (s *programs) compile(v *FlowVersion) (*flows.Program, error) {
	if p := s.get(v.ID); p != nil {
		return p, nil
	}
	p, err := flows.Compile(v.Document, v.IDs)
	if err != nil {
		return nil, fmt.Errorf("compile version %d of flow %s: %w", v.Number, v.FlowID, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.byID) >= MaxOldPrograms {
		clear(s.byID) // those still in use are compiled again
	}
	s.byID[v.ID] = p
	return p, nil
}
