package store

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/blockcast/blockcast/engine/broadcast"
)

// Sizes of a sample that is drawn by ids.
const (
	probed     = 2_000   // ids that tell how many of all are a bot's contacts
	mostDrawn  = 200_000 // ids that are looked up at most
	sparse     = 2       // ids for each contact: where there are more, those of contacts are looked for first
	verySparse = 40      // where there are more, too few are found
	leafed     = 10      // contacts that are read through in the time that one of them is looked up, or more
)

// draw chooses the contacts that are asked where some are. Postgres is asked for
// them alone, by their ids; SQLite is asked about everybody and counts some.
func (v *surveying) draw(ctx context.Context) error {
	switch {
	case v.q.Some == 0:
		return nil
	case v.d.postgres:
		return v.drawIDs(ctx)
	}
	err := v.ask(ctx, func(s *script) error {
		s.query(`SELECT COUNT(*) FROM contacts WHERE bot_id = ? AND merged_into = 0`, v.q.BotID).one(&v.out.Of)
		return nil
	})
	if v.out.Of <= int64(v.q.Some) { // some are all
		v.out.Of = 0
		return err
	}
	v.every = max(2, v.out.Of/int64(v.q.Some))
	return err
}

// drawIDs draws ids between a bot's first contact and its last, each with the
// same chance: however many contacts there are, it takes as long. An id that is
// somebody else's, nobody's or merged stands for others that are.
func (v *surveying) drawIDs(ctx context.Context) error {
	var low, high int64
	err := v.ask(ctx, func(s *script) error {
		s.query(`SELECT COALESCE(MIN(id), 1), COALESCE(MAX(id), 0) FROM contacts WHERE bot_id = ?`, v.q.BotID).one(&low, &high)
		return nil
	})
	if err != nil {
		return err
	}
	all := high - low + 1
	n := int64(v.q.Some)
	if all > n {
		tried := drawn(low, high, probed)
		found, err := v.contactsOf(ctx, tried)
		if err != nil {
			return err
		}
		some, of := int64(len(found)), int64(len(tried))
		if some*verySparse < of {
			return v.leaf(ctx)
		}
		n = min(n*of/some, mostDrawn)
		if some*sparse < of && all*some/of < n*leafed {
			return v.leaf(ctx)
		}
	}
	v.only = drawn(low, high, n)
	v.stand(int64(len(v.only)), all)
	if n > sparse*int64(v.q.Some) {
		v.only, err = v.contactsOf(ctx, v.only)
	}
	return err
}

// stand notes for how many places those stand that were looked at.
func (v *surveying) stand(drawn, of int64) {
	if drawn < of { // else nobody is missing
		v.out.Drawn, v.out.Of = drawn, of
	}
}

// drawn are about n of the ids from low to high, each taken with the same chance
// whoever else is: what repeats along the ids is met as often as it is there. The
// same range has the same ones every time.
func drawn(low, high, n int64) []int64 {
	ids := []int64{}
	chance := rand.New(rand.NewPCG(uint64(low), uint64(n)))
	rate := -math.Log1p(-min(1, float64(n)/float64(high-low+1)))
	for id := low; id <= high; id++ {
		skipped := chance.ExpFloat64() / rate
		if skipped > float64(high-id) {
			break
		}
		id += int64(skipped)
		ids = append(ids, id)
	}
	return ids
}

// contactsOf are those of some ids that are contacts of the bot, never nil.
func (v *surveying) contactsOf(ctx context.Context, ids []int64) ([]int64, error) {
	among := *v
	among.only = ids
	found := []int64{}
	err := among.ask(ctx, func(s *script) error {
		some, who := among.some("c.id")
		s.query(`SELECT c.id FROM contacts c WHERE c.bot_id = ? AND c.merged_into = 0`+some, append([]any{v.q.BotID}, who...)...).each(into(&found))
		return nil
	})
	return found, err
}

// leaf draws from an index of a bot's contacts that is read through, where theirs
// are few of the ids between the first and the last.
func (v *surveying) leaf(ctx context.Context) error {
	var all int64
	err := v.ask(ctx, func(s *script) error {
		s.query(`SELECT COUNT(*) FROM contacts WHERE bot_id = ?`, v.q.BotID).one(&all)
		return nil
	})
	if err != nil {
		return err
	}
	v.only = []int64{}
	err = v.ask(ctx, func(s *script) error {
		s.query(`SELECT id FROM contacts WHERE bot_id = ? AND `+broadcast.Scattered("id", max(1, all/int64(v.q.Some))), v.q.BotID).each(into(&v.only))
		return nil
	})
	v.stand(int64(len(v.only)), all)
	return err
}
