package broadcast

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// Sizes of a pre-flight.
const (
	madeRows    = 500 // by one after the other
	madeAtOnce  = 4   // so many times, in one transaction
	worstKept   = 5   // of each kind of finding
	hitsKept    = 50
	makingTime  = 10 * time.Second
	tooLongCode = ":too_"
)

// make makes the messages of a pre-flight's next rows, and rings for the rest,
// so that others have their turn between.
func (b *Broadcasts) make(ctx context.Context, r *engine.Run) error {
	if err := b.canTrack(ctx, r); err != nil {
		return err
	}
	rows, variants, err := b.Store.HeldRows(ctx, r, madeRows*madeAtOnce)
	if err != nil {
		return err
	}
	list, err := b.makeAll(ctx, r, rows)
	if err != nil {
		return err
	}
	if len(list) == 0 && len(rows) > 0 {
		return ctx.Err()
	}
	to, noted := r.PreparedTo, notes{r}
	for i := range list {
		m := &list[i]
		noted.add(&rows[i], variants[i], &m.Made)
		if m.Later && m.Status == engine.Held {
			m.Render, m.Deltas = nil, nil
		}
		to = m.ID
	}
	done := len(rows) < madeRows*madeAtOnce && len(list) == len(rows)
	if done {
		if err := b.lockPromotion(ctx, r); err != nil {
			return err
		}
		r.Findings.Ready, r.Findings.Quotas = true, b.quotas(ctx, r)
	}
	if err := b.Store.KeepMade(ctx, r, list, to, done, b.Deps.Now()); err != nil {
		if errors.Is(err, outbox.ErrLost) {
			return nil // somebody else has made them, or nobody wants them
		}
		return err
	}
	if !done {
		b.Bells.RingRun(r.Number, time.Time{})
		return nil
	}
	return b.ready(ctx, r)
}

// makeAll makes rows in parts side by side: as many from the first on as there
// was time for.
func (b *Broadcasts) makeAll(ctx context.Context, r *engine.Run, rows []engine.Delivery) ([]Made, error) {
	until := b.Deps.Now().Add(makingTime)
	parts := slices.Collect(slices.Chunk(rows, madeRows))
	made := make([][]outbox.Made, len(parts))
	all, within := errgroup.WithContext(ctx)
	for i, part := range parts {
		all.Go(func() (err error) {
			made[i], err = b.Outbox.Make(within, part, r.Plan.Track, until)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return nil, err
	}
	list := make([]Made, 0, len(rows))
	for i, part := range parts {
		for j, m := range made[i] {
			list = append(list, Made{ID: part[j].ID, Made: m})
		}
		if len(made[i]) < len(part) {
			break
		}
	}
	return list, nil
}

// drop deletes the rows of a pre-flight that nobody can start any more.
func (b *Broadcasts) drop(ctx context.Context, r *engine.Run) error {
	n, err := b.Store.DropVoided(ctx, r.ID, b.Deps.Now(), cancelRows)
	if err == nil && n == cancelRows {
		b.Bells.RingRun(r.Number, time.Time{})
	}
	return err
}

// notes adds what was made to a run's findings. What is said to whom is not
// kept there, but with the person and the render, which are erased.
type notes struct{ run *engine.Run }

func (n *notes) add(d *engine.Delivery, variant string, m *outbox.Made) {
	f := &n.run.Findings
	seen := engine.Finding{DeliveryID: d.ID, ContactID: d.ContactID, Variant: variant}
	if m.Status == engine.Failed {
		seen.Why = m.Error
		f.Failed = worst(f.Failed, seen, nil)
		return
	}
	if m.Status != engine.Held {
		return
	}
	f.Held++
	if m.Later {
		f.Unmade++
	}
	if m.Render == nil {
		return
	}
	if f.Calls == nil {
		f.Calls = map[string]int64{}
	}
	f.Calls[d.AccountID] += int64(m.Calls)
	if len(m.Render.Links) > 0 {
		f.Linked++
	}
	text := texts(m.Render)
	seen.RenderID, seen.Characters = m.Render.ID, utf8.RuneCountInString(text)
	if m.Later {
		seen.Why = "it is made again when it is sent"
	}
	f.Longest = worst(f.Longest, seen, func(x, y engine.Finding) int { return y.Characters - x.Characters })
	f.Emptiest = worst(f.Emptiest, seen, func(x, y engine.Finding) int { return x.Characters - y.Characters })
	if len(m.Warnings) > 0 {
		seen.Why = m.Warnings[0]
		f.Degrades++
		f.Degraded = worst(f.Degraded, seen, nil)
		if i := slices.IndexFunc(m.Warnings, overLimit); i >= 0 {
			seen.Why = m.Warnings[i]
			f.OverLimits++
			f.OverLimit = worst(f.OverLimit, seen, nil)
		}
	}
	if n.run.Plan.Intent != engine.IntentPromotional {
		for _, h := range Promotion(text) {
			h.Variant = variant
			if len(f.Hits) < hitsKept && !slices.Contains(f.Hits, h) {
				f.Hits = append(f.Hits, h)
			}
		}
	}
}

// overLimit reports whether a warning tells that a platform's limit was met, so
// that something of what was written is not shown.
func overLimit(warning string) bool {
	code, _, _ := strings.Cut(warning, ": ")
	return strings.Contains(code, tooLongCode) || strings.HasSuffix(code, "_cut") || strings.HasSuffix(code, ":cut")
}

// worst keeps the first few of findings in an order, one of each render; nil
// keeps those that were first.
func worst(list []engine.Finding, f engine.Finding, order func(x, y engine.Finding) int) []engine.Finding {
	same := func(o engine.Finding) bool { return f.RenderID != "" && o.RenderID == f.RenderID }
	if slices.ContainsFunc(list, same) || order == nil && len(list) == worstKept {
		return list
	}
	list = append(list, f)
	if order != nil {
		slices.SortStableFunc(list, func(x, y engine.Finding) int { return cmp.Or(order(x, y), cmp.Compare(x.DeliveryID, y.DeliveryID)) })
	}
	return list[:min(len(list), worstKept)]
}
