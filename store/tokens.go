package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine"
)

const (
	tokenNoteEvery = time.Minute // how often a token's use is written
	shortestHash   = 6           // digits of a hash that name a token
)

type tokenRow struct {
	Hash       string `gorm:"primaryKey"`
	BotID      string
	Name       string
	Scopes     []string `gorm:"serializer:json"`
	CreatedAt  time.Time
	LastUsedAt *time.Time
	RevokedAt  *time.Time
	ValidUntil *time.Time
}

func (tokenRow) TableName() string { return "tokens" }

func (r tokenRow) token() engine.Token {
	return engine.Token{Hash: r.Hash, BotID: r.BotID, Name: r.Name, Scopes: r.Scopes, CreatedAt: r.CreatedAt.UTC(),
		LastUsedAt: moments(r.LastUsedAt), RevokedAt: moments(r.RevokedAt), ValidUntil: moments(r.ValidUntil)}
}

// moments reads a column that may be NULL.
func moments(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// pointer writes a time that may be NULL.
func pointer(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Microsecond)
	return &t
}

// CreateToken keeps a token by its hash. A revoked token's name is free again.
func (d *DB) CreateToken(ctx context.Context, t engine.Token) error {
	row := tokenRow{t.Hash, t.BotID, t.Name, orEmpty(t.Scopes), kept(t.CreatedAt, d.now()), pointer(t.LastUsedAt), pointer(t.RevokedAt), pointer(t.ValidUntil)}
	err := d.nouns(ctx).Create(&row).Error
	if isDuplicate(err) {
		return taken("name", "token", t.Name)
	}
	if err != nil {
		return fmt.Errorf("create token: %w", err)
	}
	return nil
}

// Token returns a token by the hash of its secret, nil when it is unknown,
// revoked or past its time; it notes the use, at most once a minute. It is read
// each time, so that a revoked token ends at once.
func (d *DB) Token(ctx context.Context, hash string, now time.Time) (*engine.Token, error) {
	var out *engine.Token
	s := new(script)
	s.query(`SELECT hash, bot_id, name, scopes, created_at, last_used_at, valid_until FROM tokens
		WHERE hash = ? AND revoked_at IS NULL AND (valid_until IS NULL OR valid_until > ?)`, hash, now).each(func(r scanner) error {
		out = new(engine.Token)
		return r.Scan(&out.Hash, &out.BotID, &out.Name, fromJSON(&out.Scopes), moment(&out.CreatedAt), moment(&out.LastUsedAt), moment(&out.ValidUntil))
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read token: %w", err)
	}
	if out == nil || now.Sub(out.LastUsedAt) < tokenNoteEvery {
		return out, nil
	}
	s = new(script)
	s.exec(`UPDATE tokens SET last_used_at = ? WHERE hash = ? AND (last_used_at IS NULL OR last_used_at <= ?)`, now, hash, now.Add(-tokenNoteEvery))
	if err := d.write(ctx, s); err != nil {
		return nil, fmt.Errorf("note use of token: %w", err)
	}
	return out, nil
}

// ListTokens returns a bot's tokens, revoked ones as well, oldest first; for
// "" the instance's.
func (d *DB) ListTokens(ctx context.Context, botID string) ([]engine.Token, error) {
	var rows []tokenRow
	if err := d.look(ctx).Where("bot_id = ?", botID).Order("created_at, hash").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	out := make([]engine.Token, len(rows))
	for i, r := range rows {
		out[i] = r.token()
	}
	return out, nil
}

// RevokeToken ends a token named by its name or the first digits of its hash.
func (d *DB) RevokeToken(ctx context.Context, botID, nameOrHash string, now time.Time) error {
	var rows []tokenRow
	q := d.nouns(ctx).Where("bot_id = ? AND revoked_at IS NULL", botID)
	if isHashStart(nameOrHash) {
		q = q.Where("name = ? OR hash LIKE ?", nameOrHash, nameOrHash+"%")
	} else {
		q = q.Where("name = ?", nameOrHash)
	}
	if err := q.Limit(2).Find(&rows).Error; err != nil {
		return fmt.Errorf("find token: %w", err)
	}
	switch len(rows) {
	case 0:
		return unknown("token", nameOrHash)
	case 2:
		return &engine.Error{Code: engine.Conflict, Field: "token", Message: fmt.Sprintf("several tokens begin with %q: give more digits", nameOrHash)}
	}
	done := d.nouns(ctx).Model(&tokenRow{}).Where("hash = ? AND revoked_at IS NULL", rows[0].Hash).Update("revoked_at", pointer(now))
	if done.Error != nil {
		return fmt.Errorf("revoke token: %w", done.Error)
	}
	return nil
}

func isHashStart(s string) bool {
	return len(s) >= shortestHash && strings.Trim(s, "0123456789abcdef") == ""
}
