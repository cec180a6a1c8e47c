package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// Goals of reply, and the rate they are meant for.
const (
	replyRate = 500 // a second
	replyP50  = 20  // ms
	replyP99  = 100 // ms
)

// replyPatience is how long the last answers may take.
const replyPatience = 10 * time.Second

// reply lets people write a keyword at a constant rate and measures until the
// platform has the block's two texts.
func reply(ctx context.Context, l *lab) (rows []Row, err error) {
	w, err := newWorld(ctx, l.servers)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.end(ctx)) }()
	platform, err := newPlatform(w)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, platform.close()) }()
	p, err := l.serve(ctx, w, "--channel-url", "line="+platform.url)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	var got result
	err = l.profiled(ctx, p, "reply", func() (err error) {
		got, err = w.converse(ctx, l.span(), replyRate, platform, p.address)
		return err
	})
	if err != nil {
		return nil, err
	}
	return []Row{
		below("reply p50", got.percentile(50), "ms", replyP50),
		below("reply p99", got.percentile(99), "ms", replyP99),
	}, nil
}

// converse lets so many people write in a second and waits for all their
// answers. What is due in the warming up is answered but not measured.
func (w *world) converse(ctx context.Context, s span, rate time.Duration, platform *platform, address string) (result, error) {
	warm, all := int64(s.warm*rate/time.Second), int64(s.whole()*rate/time.Second)
	events := make([]*sandbox.Event, all)
	for i := range events {
		var err error
		if events[i], err = platform.TextEvent(accountName, userID(i%people+1), "Hello"); err != nil {
			return result{}, err
		}
	}
	began := time.Now().Add(100 * time.Millisecond)
	due := func(n int64) time.Time { return began.Add(time.Duration(n) * time.Second / rate) }
	for i, e := range events {
		platform.expect(e.ReplyToken, due(int64(i)))
	}
	var writers []caller
	for range connections {
		writers = append(writers, &chatter{w.poster(address), events})
	}
	defer closeAll(writers)
	if err := offer(ctx, all, due, writers); err != nil {
		return result{}, err
	}
	if err := platform.settled(ctx, replyPatience); err != nil {
		return result{}, err
	}
	return result{sortedTimes([][]time.Duration{platform.since(due(warm))}), s.measured}, nil
}

// chatter posts what the platform has made of people's words.
type chatter struct {
	*poster
	events []*sandbox.Event
}

func (c *chatter) call(ctx context.Context, n int64) error {
	c.body = fmt.Appendf(c.body[:0], `{"destination":"%s","events":[%s]}`, c.destination, c.events[n].Raw)
	return c.deliver(ctx, c.body)
}
