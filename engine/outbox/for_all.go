package outbox

import (
	"context"
	"slices"
	"sync"

	"github.com/blockcast/blockcast/engine"
)

// forAll remembers which blocks of a bot tell anybody the same, so that nothing
// has to be known of the next people but where they are written to. What is
// published in another revision has to be seen again.
type forAll struct{ bots sync.Map } // bot → blocksForAll

type blocksForAll struct {
	revision int64
	ids      []string // the newest first
}

// keptForAll is how many blocks are remembered of a bot: those of broadcasts
// that go out at the same time, and some more.
const keptForAll = 50

func (f *forAll) of(bot string, revision int64) []string {
	if known, ok := f.bots.Load(bot); ok && known.(blocksForAll).revision == revision {
		return known.(blocksForAll).ids
	}
	return nil
}

func (f *forAll) note(bot, block string, revision int64) {
	known := f.of(bot, revision)
	if slices.Contains(known, block) {
		return
	}
	f.bots.Store(bot, blocksForAll{revision, append([]string{block}, known[:min(len(known), keptForAll-1)]...)})
}

// situate loads what rows of a run start from. bare says that it is no more than
// Addressees tell: every row is prepared, or its block tells anybody the same.
func (o *Outbox) situate(ctx context.Context, rows []*engine.Delivery) (people map[int64]*engine.Situation, bare bool, err error) {
	bot := rows[0].BotID
	lib, err := o.Libraries.Library(ctx, bot)
	if err != nil {
		return nil, false, err
	}
	known := o.forAll.of(bot, lib.Revision)
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
