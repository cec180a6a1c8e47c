package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
)

// Kinds of timeline items. At one moment the later in the alphabet stands
// first: what was sent over what it answers.
const (
	timelineEvent = "event"
	timelineIn    = "in"
	timelineOut   = "out"
)

// timelineText is how much of a message a timeline shows.
const timelineText = 200

// timelinePlace is where a page of a timeline begins: below this item.
type timelinePlace struct {
	at   time.Time
	kind string
	id   int64
}

func (p timelinePlace) String() string {
	return fmt.Sprintf("%d-%s-%d", p.at.UnixMicro(), p.kind, p.id)
}

func readTimelinePlace(cursor string) (timelinePlace, error) {
	if cursor == "" {
		return timelinePlace{at: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}, nil
	}
	parts := strings.Split(cursor, "-")
	if len(parts) != 3 {
		return timelinePlace{}, badCursor()
	}
	micros, err := strconv.ParseInt(parts[0], 10, 64)
	id, err2 := strconv.ParseInt(parts[2], 10, 64)
	if err != nil || err2 != nil || !slices.Contains([]string{timelineIn, timelineOut, timelineEvent}, parts[1]) {
		return timelinePlace{}, badCursor()
	}
	return timelinePlace{time.UnixMicro(micros).UTC(), parts[1], id}, nil
}

// Timeline returns what happened with a contact, newest first: what they did,
// what they were sent and what a flow reported.
func (d *DB) Timeline(ctx context.Context, botID string, id int64, p engine.Page) ([]engine.TimelineItem, string, error) {
	if _, err := d.ownIdentities(ctx, botID, id); err != nil {
		return nil, "", err
	}
	limit := pageLimit(p)
	from, err := readTimelinePlace(p.Cursor)
	if err != nil {
		return nil, "", err
	}
	var items []engine.TimelineItem
	s := new(script)
	readIn(s, id, from, limit+1, &items)
	readOut(s, id, from, limit+1, &items)
	readEvents(s, id, from, limit+1, &items)
	if err := d.read(ctx, s); err != nil {
		return nil, "", fmt.Errorf("read timeline of contact %d: %w", id, err)
	}
	slices.SortFunc(items, func(x, y engine.TimelineItem) int {
		return cmp.Or(y.At.Compare(x.At), cmp.Compare(y.Kind, x.Kind), cmp.Compare(y.ID, x.ID))
	})
	items, next := cut(items, limit, func(i engine.TimelineItem) string { return timelinePlace{i.At, i.Kind, i.ID}.String() })
	return items, next, nil
}

// below is the condition of rows of one kind that stand under a place.
func (p timelinePlace) below(at, kind string) (string, []any) {
	switch c := cmp.Compare(kind, p.kind); {
	case p.kind == "" || c > 0:
		return at + " < ?", []any{p.at}
	case c < 0:
		return at + " <= ?", []any{p.at}
	}
	return "(" + at + " < ? OR " + at + " = ? AND id < ?)", []any{p.at, p.at, p.id}
}

func readIn(s *script, contactID int64, from timelinePlace, limit int, items *[]engine.TimelineItem) {
	where, args := from.below("occurred_at", timelineIn)
	s.query(`SELECT id, identity_id, occurred_at, kind, payload, outcome FROM interactions WHERE contact_id = ? AND `+where+`
		ORDER BY occurred_at DESC, id DESC LIMIT ?`, append(append([]any{contactID}, args...), limit)...).each(func(r scanner) error {
		i := engine.TimelineItem{Kind: timelineIn}
		var kind engine.InteractionKind
		var in engine.Inbound
		if err := r.Scan(&i.ID, &i.IdentityID, moment(&i.At), &kind, fromJSON(&in), &i.Status); err != nil {
			return err
		}
		i.Text = inText(kind, in)
		*items = append(*items, i)
		return nil
	})
}

// inText tells what somebody did.
func inText(kind engine.InteractionKind, in engine.Inbound) string {
	switch {
	case in.Input != nil && in.Input.Text != "":
		return short(in.Input.Text)
	case in.Input != nil:
		return in.Input.Kind
	case in.Data != "" && kind != engine.DidTap:
		return short(in.Data)
	}
	return string(kind)
}

func short(s string) string {
	runes := []rune(s)
	if len(runes) <= timelineText {
		return s
	}
	return string(runes[:timelineText]) + "…"
}

func readOut(s *script, contactID int64, from timelinePlace, limit int, items *[]engine.TimelineItem) {
	where, args := from.below("created_at", timelineOut)
	s.query(`SELECT d.id, d.identity_id, d.created_at, d.status, COALESCE(b.name, ''), COALESCE(r.messages, '') FROM (
			SELECT id, identity_id, created_at, status, bot_id, block_id, render_id FROM deliveries WHERE contact_id = ? AND `+where+`
			ORDER BY created_at DESC, id DESC LIMIT ?) d
		LEFT JOIN blocks b ON b.bot_id = d.bot_id AND b.id = d.block_id LEFT JOIN renders r ON r.id = d.render_id`,
		append(append([]any{contactID}, args...), limit)...).each(func(r scanner) error {
		i := engine.TimelineItem{Kind: timelineOut}
		var block string
		var messages json.RawMessage
		if err := r.Scan(&i.ID, &i.IdentityID, moment(&i.At), &i.Status, &block, fromJSON(&messages)); err != nil {
			return err
		}
		i.Text = outText(block, messages)
		*items = append(*items, i)
		return nil
	})
}

// outText tells what somebody was sent: the first message's words, else the
// block's name.
func outText(block string, messages json.RawMessage) string {
	var said []blocks.Message
	if err := json.Unmarshal(messages, &said); err == nil && len(said) > 0 {
		if t, ok := said[0].Part.(*blocks.Text); ok {
			return short(t.Text)
		}
	}
	return block
}

func readEvents(s *script, contactID int64, from timelinePlace, limit int, items *[]engine.TimelineItem) {
	where, args := from.below("at", timelineEvent)
	s.query(`SELECT id, identity_id, at, code, text FROM events WHERE contact_id = ? AND `+where+`
		ORDER BY at DESC, id DESC LIMIT ?`, append(append([]any{contactID}, args...), limit)...).each(func(r scanner) error {
		i := engine.TimelineItem{Kind: timelineEvent}
		if err := r.Scan(&i.ID, &i.IdentityID, moment(&i.At), &i.Status, &i.Text); err != nil {
			return err
		}
		*items = append(*items, i)
		return nil
	})
}
