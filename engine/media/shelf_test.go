package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/line"
	"github.com/blockcast/blockcast/channels/messenger"
	"github.com/blockcast/blockcast/engine"
)

var noon = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)

// shelf keeps rows and bytes in memory.
type shelf struct {
	mu    sync.Mutex
	rows  map[string]engine.Media
	done  map[string]bool
	gone  map[string]bool
	bytes map[string][]byte

	brought   map[string]string // files by the messages that brought them
	withdrawn map[string]bool   // messages

	attached map[string]string
	asked    int // how often for one of attached
}

func newShelf() *shelf {
	return &shelf{rows: map[string]engine.Media{}, done: map[string]bool{}, gone: map[string]bool{}, bytes: map[string][]byte{}, brought: map[string]string{}, withdrawn: map[string]bool{}, attached: map[string]string{}}
}

func (s *shelf) MediaByHash(_ context.Context, botID string, contactID int64, hash string) (*engine.Media, error) {
	for id, m := range s.rows {
		if m.BotID == botID && m.ContactID == contactID && m.Hash == hash && s.done[id] && !s.gone[id] {
			return &m, nil
		}
	}
	return nil, nil
}

func (s *shelf) BeginMedia(_ context.Context, m engine.Media) error {
	s.rows[m.ID] = m
	return nil
}

func (s *shelf) FinishMedia(_ context.Context, id string) error {
	s.done[id] = true
	return nil
}

func (s *shelf) Media(ctx context.Context, botID, id string) (*engine.Media, error) {
	m, err := s.MediaByID(ctx, id)
	if m == nil || m.BotID != botID {
		return nil, &engine.Error{Code: engine.NotFound, Message: "no file"}
	}
	return m, err
}

func (s *shelf) MediaByID(_ context.Context, id string) (*engine.Media, error) {
	m, ok := s.rows[id]
	if !ok || !s.done[id] || s.gone[id] {
		return nil, nil
	}
	return &m, nil
}

func (s *shelf) MediaOf(_ context.Context, botID string, contactID int64) (n int64, _ error) {
	for _, m := range s.rows {
		if m.BotID == botID && m.ContactID == contactID {
			n += m.Size
		}
	}
	return n, nil
}

func (s *shelf) DeleteMedia(_ context.Context, _, id string, _ time.Time) error {
	s.gone[id] = true
	return nil
}

func (s *shelf) OldMedia(_ context.Context, sent, begun, _ time.Time, _ int) error {
	for id, m := range s.rows {
		if m.ContactID != 0 && m.CreatedAt.Before(sent) || !s.done[id] && m.CreatedAt.Before(begun) {
			s.gone[id] = true
		}
	}
	return nil
}

func (s *shelf) GoneMedia(context.Context, int) (out []engine.Media, _ error) {
	for id := range s.gone {
		out = append(out, s.rows[id])
	}
	return out, nil
}

func (s *shelf) ForgetMedia(_ context.Context, ids []string) error {
	for _, id := range ids {
		delete(s.rows, id)
		delete(s.gone, id)
	}
	return nil
}

func (s *shelf) MediaAttachment(_ context.Context, account, id, kind string, _ time.Time) (string, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	noted, known := s.attached[account+id+kind]
	return noted, known, nil
}

func (s *shelf) KeepMediaAttachment(_ context.Context, account, id, kind, noted string, _ time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attached[account+id+kind] = noted
	return nil
}

func (s *shelf) DropMediaAttachment(_ context.Context, account, id, kind, noted string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.attached[account+id+kind] == noted {
		delete(s.attached, account+id+kind)
	}
	return nil
}

type stagedBytes struct {
	*bytes.Reader
	s    *shelf
	data []byte
}

func (s *shelf) Stage(_ context.Context, r io.Reader) (Staged, error) {
	data, err := io.ReadAll(r)
	return &stagedBytes{bytes.NewReader(data), s, data}, err
}

func (b *stagedBytes) Keep(_ context.Context, key string) error {
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	b.s.bytes[key] = b.data
	return nil
}

func (b *stagedBytes) Discard() error { return nil }

type openBytes struct{ *bytes.Reader }

func (openBytes) Close() error { return nil }

func (s *shelf) Open(_ context.Context, key string) (Content, error) {
	data, ok := s.bytes[key]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return openBytes{bytes.NewReader(data)}, nil
}

func (s *shelf) Remove(_ context.Context, key string) error {
	delete(s.bytes, key)
	return nil
}

// keeper is a Keeper over a shelf, with both channels.
func keeper(t *testing.T) (*Keeper, *shelf) {
	t.Helper()
	s, n := newShelf(), 0
	k := New(Config{Store: s, Files: s, Now: func() time.Time { return noon }, PublicURL: "https://bots.example/",
		NewID:    func() string { n++; return fmt.Sprintf("%032x", n) },
		Channels: map[string]channels.Channel{"line": line.New(nil, line.Config{}), "messenger": messenger.New(nil, messenger.Config{})},
		Open:     func(context.Context, string) (*channels.Download, error) { return nil, errors.New("nobody is called") },
		Pause:    func(context.Context, time.Duration) error { return nil }})
	return k, s
}
