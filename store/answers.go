package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// BeginAnswer takes a key for a call: nil means that it is the call's from now
// on. Else another call has it, and what that asked and was answered is
// returned, without the body when the key that sealed it is gone. A key is free
// again when its time is over, and for the same request when the call that held
// it broke off.
func (d *DB) BeginAnswer(ctx context.Context, a engine.KeptAnswer, now time.Time) (*engine.KeptAnswer, error) {
	a.Key = channels.CleanText(a.Key)
	var ours bool
	var first engine.KeptAnswer
	sealed := ""
	s := new(script)
	s.query(`INSERT INTO kept_answers (token_hash, key, request_hash, owner, lease_until, expires_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (token_hash, key) DO UPDATE SET request_hash = excluded.request_hash, owner = excluded.owner, status = 0, body = '',
			lease_until = excluded.lease_until, expires_at = excluded.expires_at
		WHERE kept_answers.expires_at <= ? OR kept_answers.status = 0 AND kept_answers.lease_until <= ? AND kept_answers.request_hash = excluded.request_hash
		RETURNING key`, a.TokenHash, a.Key, a.RequestHash, a.Owner, a.LeaseUntil, a.ExpiresAt, now, now).each(func(scanner) error {
		ours = true
		return nil
	})
	s.query(`SELECT token_hash, key, request_hash, owner, status, body FROM kept_answers WHERE token_hash = ? AND key = ?`, a.TokenHash, a.Key).
		one(&first.TokenHash, &first.Key, &first.RequestHash, &first.Owner, &first.Status, &sealed)
	if err := d.write(ctx, s); err != nil {
		return nil, fmt.Errorf("begin an answer: %w", err)
	}
	if ours {
		return nil, nil
	}
	if first.Status == 0 {
		return &first, nil
	}
	body, err := d.unseal(sealed, answerPlace(&first))
	if err != nil && !errors.Is(err, ErrKey) {
		return nil, fmt.Errorf("read an answer: %w", err)
	}
	first.Body = body
	return &first, nil
}

// FinishAnswer keeps what the call was answered, unless another one has taken
// the key meanwhile.
func (d *DB) FinishAnswer(ctx context.Context, a engine.KeptAnswer) error {
	a.Key = channels.CleanText(a.Key)
	body, err := d.seal(a.Body, answerPlace(&a))
	if err != nil {
		return fmt.Errorf("keep an answer: %w", err)
	}
	s := new(script)
	s.exec(`UPDATE kept_answers SET status = ?, body = ? WHERE token_hash = ? AND key = ? AND owner = ? AND status = 0`, a.Status, body, a.TokenHash, a.Key, a.Owner)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("keep an answer: %w", err)
	}
	return nil
}

// DropAnswer frees the key of a call that came to nothing.
func (d *DB) DropAnswer(ctx context.Context, a engine.KeptAnswer) error {
	s := new(script)
	s.exec(`DELETE FROM kept_answers WHERE token_hash = ? AND key = ? AND owner = ? AND status = 0`, a.TokenHash, channels.CleanText(a.Key), a.Owner)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("drop an answer: %w", err)
	}
	return nil
}

// resealRange is how many answers are sealed again at once.
const resealRange = 100

// resealAnswers encrypts kept answers again, range by range: there may be many,
// and nobody must wait for all of them. What cannot be opened any more stays as
// it is.
func (d *DB) resealAnswers(ctx context.Context, again func(string, []byte) (string, error)) error {
	for token, key := "", ""; ; {
		n := 0
		in := newInput("token_hash text", "key text", "old text", "sealed text")
		s := new(script)
		s.query(`SELECT token_hash, key, body FROM kept_answers WHERE (token_hash, key) > (?, ?) ORDER BY token_hash, key LIMIT ?`, token, key, resealRange).each(func(r scanner) error {
			var a engine.KeptAnswer
			var body string
			if err := r.Scan(&a.TokenHash, &a.Key, &body); err != nil {
				return err
			}
			n++
			token, key = a.TokenHash, a.Key
			if body == "" {
				return nil // its call is under way
			}
			sealed, err := again(body, answerPlace(&a))
			if errors.Is(err, ErrKey) {
				return nil
			}
			in.add(a.TokenHash, a.Key, body, sealed)
			return err
		})
		if err := d.read(ctx, s); err != nil {
			return fmt.Errorf("encrypt answers again: %w", err)
		}
		s = new(script)
		if !in.empty() {
			s.with(in, `UPDATE kept_answers SET body = v.sealed FROM v
				WHERE kept_answers.token_hash = v.token_hash AND kept_answers.key = v.key AND kept_answers.body = v.old`)
		}
		if err := d.write(ctx, s); err != nil {
			return fmt.Errorf("encrypt answers again: %w", err)
		}
		if n < resealRange {
			return nil
		}
	}
}

func answerPlace(a *engine.KeptAnswer) []byte {
	return place("kept_answers", "body", a.TokenHash, a.Key)
}
