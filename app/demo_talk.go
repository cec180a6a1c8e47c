package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// What the demo's people do before and after a broadcast: every fourth of those
// on Messenger has not written for days, every twentieth blocks the Page, which
// is not told; most look at what they get, and some tap a button of it.
const (
	silentEach = 4
	leavesEach = 20
	unseenEach = 3
	tapsEach   = 9
)

// demoWords are what people have written to the Page.
var demoWords = [...]string{"Shop mở cửa đến mấy giờ?", "Còn áo thun size M không shop?", "Cho mình xem túi vải", "Địa chỉ cửa hàng ở đâu ạ?", "Giày size 42 còn không?"}

// demoTaps are the buttons of the broadcast that people tap, the most tapped
// twice.
var demoTaps = [...]string{"Xem hàng mới", "Cửa hàng ở đâu?", "Xem hàng mới"}

// demoAtOnce is how many people do something at a time.
const demoAtOnce = 8

// talk lets people write to the Page, as they have on any shop's: whoever has
// in the last day may be written to for free. Who is not heard, as where the
// machine is too busy to take it in, has not written: the demo begins all the
// same.
func (d *demo) talk(ctx context.Context, s shop) error {
	var all errgroup.Group
	all.SetLimit(demoAtOnce)
	for n, p := range s.onPage() {
		if n%silentEach == silentEach-1 {
			continue
		}
		all.Go(func() error {
			_, _ = d.sandbox.Write(ctx, s.Page, p.pageID(s), demoWords[n%len(demoWords)])
			return ctx.Err()
		})
	}
	return all.Wait()
}

// onPage are a shop's people on its Page.
func (s shop) onPage() []demoPerson {
	return slices.DeleteFunc(s.people(), func(p demoPerson) bool { return !p.OnPage })
}

// leave lets a few block the Page, when they have been answered: it finds out
// when it writes to them.
func (d *demo) leave(ctx context.Context, s shop) error {
	all, ctx := errgroup.WithContext(ctx)
	answered, cancel := context.WithTimeout(ctx, demoLeaves)
	defer cancel()
	for n, p := range s.onPage() {
		if n%leavesEach != 1 || p.OnLINE {
			continue
		}
		all.Go(func() error {
			// Who is not answered in time leaves without.
			_, _ = d.sandbox.WaitFor(answered, p.pageID(s), 1)
			if _, err := d.sandbox.Unfollow(ctx, s.Page, p.pageID(s)); err != nil {
				return fmt.Errorf("let %s block the Page: %w", p.Name, err)
			}
			return nil
		})
	}
	return all.Wait()
}

// Times of what is waited for.
const (
	demoLeaves = 500 * time.Millisecond // for who leaves to be answered first
	demoLooks  = 50 * time.Millisecond
	demoWaits  = time.Minute
	// for events that a busy machine could not take in
	demoRedelivers = 10 * time.Second
)

// answer lets people look at a broadcast, and tap its buttons, when it is out.
func (d *demo) answer(ctx context.Context, i *instance, s shop, kept *shopKept, broadcastID string) error {
	if out, err := isOut(ctx, i, kept.BotID, broadcastID); err != nil || !out {
		return err
	}
	var all errgroup.Group
	all.SetLimit(demoAtOnce)
	writes := s.examples().onBoth // on Messenger, last of all
	for n, p := range s.people() {
		if p.OnPage && n%unseenEach != 0 {
			if err := d.sandbox.See(s.Page, p.pageID(s)); err != nil {
				return fmt.Errorf("let %s look: %w", p.Name, err)
			}
		}
		if n%tapsEach != 0 || p.Number == writes.Number {
			continue
		}
		account, user := s.Key, p.lineID(s)
		if !p.OnLINE {
			account, user = s.Page, p.pageID(s)
		}
		all.Go(func() error {
			// Who got nothing has no such button.
			_, _ = d.sandbox.Tap(ctx, account, user, demoTaps[n/tapsEach%len(demoTaps)])
			return nil
		})
	}
	return all.Wait()
}

// isOut waits until a broadcast has gone out to everybody, for a while.
func isOut(ctx context.Context, i *instance, botID, broadcastID string) (bool, error) {
	looks := time.NewTicker(demoLooks)
	defer looks.Stop()
	for range demoWaits / demoLooks {
		out, err := nothingOpen(ctx, i, botID, broadcastID)
		if err != nil || out {
			return out, err
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-looks.C:
		}
	}
	return false, nil
}

func nothingOpen(ctx context.Context, i *instance, botID, broadcastID string) (bool, error) {
	runs, err := i.store.ListRuns(ctx, botID, broadcastID)
	if err != nil || len(runs) == 0 || runs[0].FrozenAt.IsZero() {
		return false, err
	}
	c, err := i.store.Count(ctx, runs[0].ID)
	for status, n := range c.ByStatus {
		if status.Open() && n > 0 {
			return false, err
		}
	}
	return err == nil, err
}
