package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	var same int64
	if err := d.nouns(ctx).Model(&tokenRow{}).Where("hash = ?", t.Hash).Count(&same).Error; err != nil {
		return fmt.Errorf("look for the token's secret: %w", err)
	}
	if same > 0 {
		return &engine.Error{Code: engine.Conflict, Field: "secret", Message: "a token has this secret already, or had it"}
	}
	err := d.nouns(ctx).Create(&row).Error
	if isDuplicate(err) {
		return taken("name", "token", t.Name)
	}
	if err != nil {
		return fmt.Errorf("create token: %w", err)
	}
	return nil
}

// RotateToken gives the token named by its name or the first digits of its hash
// another secret: name, scopes and end stay. The old secret is good until a
// moment; in the list it is a token of the same name that is revoked then. It
// returns the new token.
func (d *DB) RotateToken(ctx context.Context, botID, nameOrHash, hash string, until, now time.Time) (engine.Token, error) {
	var out engine.Token
	var ended string // its hash
	err := d.Tx(ctx, func(ctx context.Context) error {
		rows, err := d.living(ctx, botID, nameOrHash, now)
		if err != nil {
			return err
		}
		rows = slices.DeleteFunc(rows, func(r tokenRow) bool { return r.RevokedAt != nil })
		switch {
		case len(rows) == 0:
			return unknown("token", nameOrHash)
		case len(rows) > 1:
			return ambiguous(nameOrHash)
		}
		old := rows[0]
		if end := moments(old.ValidUntil); !end.IsZero() && !end.After(now) {
			return &engine.Error{Code: engine.Conflict, Field: "token", Message: fmt.Sprintf("token %q has ended: make a new one", old.Name)}
		}
		done := d.nouns(ctx).Model(&tokenRow{}).Where("hash = ? AND revoked_at IS NULL", old.Hash).Update("revoked_at", pointer(until))
		if done.Error != nil {
			return fmt.Errorf("end the old token: %w", done.Error)
		}
		if done.RowsAffected == 0 {
			return unknown("token", nameOrHash) // another rotation was first
		}
		out = engine.Token{Hash: hash, BotID: botID, Name: old.Name, Scopes: old.Scopes, CreatedAt: now, ValidUntil: moments(old.ValidUntil)}
		ended = old.Hash
		return d.CreateToken(ctx, out)
	})
	d.tokens.forget(ended)
	return out, err
}

// errNoToken keeps what nobody has out of the cache: guesses would fill it.
var errNoToken = errors.New("no such token")

// Token returns a token by the hash of its secret, nil when it is unknown,
// revoked by now or past its time; it notes the use, at most once a minute. It
// may be a second old: one that is revoked ends at once in the process that was
// asked for it, and a second later in the others.
func (d *DB) Token(ctx context.Context, hash string, now time.Time) (*engine.Token, error) {
	t, err := cached(ctx, d.tokens, hash, func() (engine.Token, error) { return d.readToken(ctx, hash) })
	if err == errNoToken {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read token: %w", err)
	}
	if !t.RevokedAt.IsZero() && !t.RevokedAt.After(now) || !t.ValidUntil.IsZero() && !t.ValidUntil.After(now) {
		return nil, nil
	}
	t.Scopes = slices.Clone(t.Scopes)
	if now.Sub(t.LastUsedAt) < tokenNoteEvery {
		return &t, nil
	}
	defer d.tokens.forget(hash)
	s := new(script)
	s.exec(`UPDATE tokens SET last_used_at = ? WHERE hash = ? AND (last_used_at IS NULL OR last_used_at <= ?)`, now, hash, now.Add(-tokenNoteEvery))
	if err := d.write(ctx, s); err != nil {
		return nil, fmt.Errorf("note use of token: %w", err)
	}
	return &t, nil
}

func (d *DB) readToken(ctx context.Context, hash string) (out engine.Token, err error) {
	var found bool
	err = d.readTogether(ctx, func() *script {
		found = false
		s := new(script)
		s.query(`SELECT hash, bot_id, name, scopes, created_at, last_used_at, revoked_at, valid_until FROM tokens WHERE hash = ?`, hash).each(func(r scanner) error {
			found, out = true, engine.Token{}
			return r.Scan(&out.Hash, &out.BotID, &out.Name, fromJSON(&out.Scopes), moment(&out.CreatedAt), moment(&out.LastUsedAt), moment(&out.RevokedAt), moment(&out.ValidUntil))
		})
		return s
	})
	if err == nil && !found {
		err = errNoToken
	}
	return out, err
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

// RevokeToken ends a token at once, named by its name or the first digits of
// its hash. By its name also the secrets end that it had before a rotation.
func (d *DB) RevokeToken(ctx context.Context, botID, nameOrHash string, now time.Time) error {
	rows, err := d.living(ctx, botID, nameOrHash, now)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return unknown("token", nameOrHash)
	}
	hashes := make([]string, len(rows))
	for i, r := range rows {
		if r.Name != rows[0].Name || r.Name != nameOrHash && i > 0 {
			return ambiguous(nameOrHash)
		}
		hashes[i] = r.Hash
	}
	done := d.nouns(ctx).Model(&tokenRow{}).Where("hash IN ? AND (revoked_at IS NULL OR revoked_at > ?)", hashes, now).Update("revoked_at", pointer(now))
	if done.Error != nil {
		return fmt.Errorf("revoke token: %w", done.Error)
	}
	for _, hash := range hashes {
		d.tokens.forget(hash)
	}
	return nil
}

// living are the tokens that are meant and not revoked by now, few of them.
func (d *DB) living(ctx context.Context, botID, nameOrHash string, now time.Time) ([]tokenRow, error) {
	var rows []tokenRow
	q := d.nouns(ctx).Where("bot_id = ? AND (revoked_at IS NULL OR revoked_at > ?)", botID, now)
	if isHashStart(nameOrHash) {
		q = q.Where("name = ? OR hash LIKE ?", nameOrHash, nameOrHash+"%")
	} else {
		q = q.Where("name = ?", nameOrHash)
	}
	if err := q.Order("created_at, hash").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("find token: %w", err)
	}
	return rows, nil
}

func ambiguous(nameOrHash string) error {
	return &engine.Error{Code: engine.Conflict, Field: "token", Message: fmt.Sprintf("several tokens begin with %q: give more digits", nameOrHash)}
}

func isHashStart(s string) bool {
	return len(s) >= shortestHash && strings.Trim(s, "0123456789abcdef") == ""
}
