package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/problem"
)

// Times of a key.
const (
	keyLife     = 24 * time.Hour
	keyLease    = 2 * time.Minute // longer than any call takes; after it a call that has not answered has broken off
	keyPatience = 5 * time.Second // for keeping an answer whose caller may have gone
)

// replayedHeader marks an answer that an earlier call got.
const replayedHeader = "Idempotency-Replayed"

// keyParam describes the header of the calls that once runs.
func keyParam() *huma.Param {
	most := maxKey
	return &huma.Param{Name: keyHeader, In: "header", Description: "The same key and body return the first answer for a day.",
		Schema: &huma.Schema{Type: huma.TypeString, MaxLength: &most}}
}

// once runs a call whose key nobody used, and answers one that repeats it with
// what the first was answered. What comes to nothing frees its key, so that the
// call can be mended and made again.
func (a *API) once(c huma.Context, who caller, next func(huma.Context)) {
	if len(who.key) > maxKey {
		a.refuse(c, keyProblem(http.StatusUnprocessableEntity, fmt.Sprintf("the key has more than %d characters", maxKey)))
		return
	}
	if p := keepBody(humafiber.Unwrap(c)); p != nil {
		a.refuse(c, p)
		return
	}
	now := a.Now()
	mine := engine.KeptAnswer{TokenHash: who.token.Hash, Key: who.key, RequestHash: requestHash(c), Owner: a.NewID(),
		LeaseUntil: now.Add(keyLease), ExpiresAt: now.Add(keyLife)}
	first, err := a.Store.BeginAnswer(c.Context(), mine, now)
	switch {
	case err != nil:
		a.refuse(c, a.internal(c, err))
	case first == nil:
		a.runKeyed(c, mine, next)
	case first.RequestHash != mine.RequestHash:
		a.refuse(c, keyProblem(http.StatusUnprocessableEntity, "the key was used for another request: a key repeats one request only"))
	case first.Status == 0:
		a.refuse(c, keyProblem(http.StatusConflict, "a call with this key is under way: try again in a moment for its answer"))
	case first.Body == nil:
		a.refuse(c, keyProblem(http.StatusConflict, "a call with this key was made and done; its answer can no longer be read"))
	default:
		c.SetHeader(replayedHeader, "true")
		c.SetHeader("Content-Type", "application/json")
		c.SetStatus(first.Status)
		if _, err := c.BodyWriter().Write(first.Body); err != nil {
			a.Log.Error("write answer", "request_id", responseID(c), "error", err)
		}
	}
}

// runKeyed runs the call that has a key, and keeps its answer when it is one.
func (a *API) runKeyed(c huma.Context, mine engine.KeptAnswer, next func(huma.Context)) {
	settle := a.Store.DropAnswer // also when next panics
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Context()), keyPatience)
		defer cancel()
		if err := settle(ctx, mine); err != nil {
			a.Log.Error("idempotency key not settled", "request_id", responseID(c), "error", err)
		}
	}()
	next(c)
	answer := humafiber.Unwrap(c).Response()
	if mine.Status = answer.StatusCode(); mine.Status < http.StatusMultipleChoices {
		mine.Body = answer.Body()
		settle = a.Store.FinishAnswer
	}
}

// requestHash tells one request from another.
func requestHash(c huma.Context) string {
	f := humafiber.Unwrap(c)
	h := sha256.New()
	fmt.Fprintf(h, "%s %s\n", f.Method(), f.Request().RequestURI())
	h.Write(f.Request().Body())
	return hex.EncodeToString(h.Sum(nil))
}

func keyProblem(status int, text string) *problem.Problem {
	p := problem.New(status, text)
	p.Errors = []problem.Detail{{Location: "header." + keyHeader, Message: text}}
	if status == http.StatusConflict {
		p.RetryAfter = time.Second
	}
	return p
}
