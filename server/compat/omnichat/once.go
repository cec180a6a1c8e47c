package omnichat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/compat/lenient"
)

// Times of a key, as our own API has them.
const (
	keyLife     = 24 * time.Hour
	keyLease    = 2 * time.Minute // longer than any call takes; after it a call that has not answered has broken off
	keyPatience = 5 * time.Second // for keeping an answer whose caller may have gone
)

// headerReplayed marks an answer that an earlier call got.
const headerReplayed = "Idempotency-Replayed"

// Answers keep what calls with an Idempotency-Key were answered.
type Answers interface {
	// BeginAnswer takes a key for a call, or returns whose it is: with Status 0
	// that call is still under way.
	BeginAnswer(ctx context.Context, a engine.KeptAnswer, now time.Time) (*engine.KeptAnswer, error)
	FinishAnswer(ctx context.Context, a engine.KeptAnswer) error
	// DropAnswer frees the key of a call that came to nothing.
	DropAnswer(ctx context.Context, a engine.KeptAnswer) error
}

// once runs a call whose key nobody used, and answers one that repeats it with
// what the first was answered. A call without a key is run.
func (s *Surface) once(c *fiber.Ctx, who *caller, run func() (any, error)) (any, error) {
	key, err := lenient.Key(c)
	if err != nil || key == "" {
		if err != nil {
			return nil, err
		}
		return run()
	}
	now := s.Now()
	mine := engine.KeptAnswer{TokenHash: who.token.Hash, Key: key, RequestHash: requestHash(c), Owner: s.NewID(), LeaseUntil: now.Add(keyLease), ExpiresAt: now.Add(keyLife)}
	first, err := s.Answers.BeginAnswer(c.UserContext(), mine, now)
	switch {
	case err != nil:
		return nil, err
	case first == nil:
		return s.keep(c, mine, run)
	case first.RequestHash != mine.RequestHash:
		return nil, refuse(fiber.StatusConflict, codeConflict, "this Idempotency-Key was used with another body: a key repeats one call only")
	case first.Status == 0 || first.Body == nil:
		return nil, refuse(fiber.StatusConflict, codeConflict, "a call with this Idempotency-Key is under way or was broken off: GET /v1/broadcast tells whether it was made")
	}
	c.Set(headerReplayed, "true")
	return json.RawMessage(first.Body), nil
}

// keep runs the call that has a key, and keeps its answer when it is one.
func (s *Surface) keep(c *fiber.Ctx, mine engine.KeptAnswer, run func() (any, error)) (any, error) {
	settle := s.Answers.DropAnswer // also when run panics
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.UserContext()), keyPatience)
		defer cancel()
		if err := settle(ctx, mine); err != nil {
			s.Log.Error("idempotency key not settled", "error", err)
		}
	}()
	answer, err := run()
	if err != nil {
		return nil, err
	}
	if mine.Body, err = json.Marshal(answer); err != nil {
		return nil, fmt.Errorf("keep an answer: %w", err)
	}
	mine.Status, settle = fiber.StatusOK, s.Answers.FinishAnswer
	return answer, nil
}

// requestHash tells one request from another.
func requestHash(c *fiber.Ctx) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s\n", c.Method(), c.Request().RequestURI())
	h.Write(c.Request().Body())
	return hex.EncodeToString(h.Sum(nil))
}
