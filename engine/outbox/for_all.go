package outbox

import (
	"context"
	"slices"
	"sync"

	"github.com/blockcast/blockcast/engine"
)

// forAll remembers which blocks of runs tell anybody the same, so that nothing
// has to be known of the next people but where they are written to. What is
// published in another revision has to be seen again.
type forAll struct{ runs sync.Map } // run → blocksForAll

type blocksForAll struct {
	revision int64
	ids      []string
}

func (f *forAll) of(run string, revision int64) []string {
	if known, ok := f.runs.Load(run); ok && known.(blocksForAll).revision == revision {
		return known.(blocksForAll).ids
	}
	return nil
}

func (f *forAll) note(run, block string, revision int64) {
	if known := f.of(run, revision); run != "" && !slices.Contains(known, block) {
		f.runs.Store(run, blocksForAll{revision, append(slices.Clone(known), block)})
	}
}

func (f *forAll) forget(run string) { f.runs.Delete(run) }

// situate loads what rows of a run start from. bare says that it is no more than
// Addressees tell: every row is prepared, or its block tells anybody the same.
func (o *Outbox) situate(ctx context.Context, rows []*engine.Delivery) (people map[int64]*engine.Situation, bare bool, err error) {
	bot, run := rows[0].BotID, rows[0].RunID
	lib, err := o.Libraries.Library(ctx, bot)
	if err != nil {
		return nil, false, err
	}
	known := o.forAll.of(run, lib.Revision)
	ids := make([]int64, len(rows))
	bare = true
	for i, d := range rows {
		ids[i] = d.IdentityID
		bare = bare && (d.RenderID != "" || slices.Contains(known, d.BlockID))
	}
	if bare {
		people, err = o.Ledger.Addressees(ctx, bot, ids)
		return people, true, err
	}
	people, err = o.Ledger.Situations(ctx, bot, ids)
	return people, false, err
}

// whole loads what a block may ask of the person and was left out. gone is true
// when the person was erased meanwhile and the row is closed.
func (a *attempt) whole(ctx context.Context) (gone bool, err error) {
	if !a.bare {
		return false, nil
	}
	s, err := a.o.Directory.Situation(ctx, a.d.BotID, a.d.IdentityID)
	if engine.IsCode(err, engine.NotFound) {
		return true, a.forgotten(ctx)
	}
	if err != nil {
		return false, err
	}
	s.Library, s.Secrets = a.s.Library, a.s.Secrets
	a.s, a.bare = s, false
	return false, nil
}
