package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/problem"
)

// Limits of a call with many sends.
const (
	maxBulk     = 1000
	maxBulkBody = 8 << 20
	bulkAtOnce  = 32 // that are found out and stored together
)

// bulkPath ends the path of the call.
const bulkPath = "/sends/bulk"

// bulkSend is one of many sends.
type bulkSend struct {
	NewSendBody
	Key string `json:"key,omitempty" maxLength:"255" doc:"Its own Idempotency-Key: with the same token, key and body it is sent once, in whatever call."`
}

type newBulk struct {
	InBot
	Body struct {
		Sends []bulkSend `json:"sends" minItems:"1" maxItems:"1000"`
	}
}

// bulkResult is what became of one of them.
type bulkResult struct {
	Status   int              `json:"status" doc:"As a call by itself would have been answered: 202, 200 on a dry run, else that of the problem."`
	Send     *sendAnswer      `json:"send,omitempty"`
	Replayed bool             `json:"replayed,omitempty" doc:"An earlier call had the key and body."`
	Problem  *problem.Problem `json:"problem,omitempty"`
}

type bulkAnswer struct {
	Accepted int          `json:"accepted"`
	Refused  int          `json:"refused"`
	Results  []bulkResult `json:"results" doc:"One for each send, in their order."`
}

// bulkSends registers …/sends/bulk.
func (a *API) bulkSends() {
	register(a, post("send-bulk", botPath+bulkPath, "Sends", "Send to many people, each something of their own", engine.ScopeSend, http.StatusOK).
		about(fmt.Sprintf("Up to %d sends in one call, each as in a call by itself and with a result of its own: one that is refused harms no other. "+
			"To make a repeated call safe for each of them give each a key.", maxBulk)), a.sendBulk)
}

func (a *API) sendBulk(ctx context.Context, in *newBulk) (*body[bulkAnswer], error) {
	out := bulkAnswer{Results: make([]bulkResult, len(in.Body.Sends))}
	places := make(chan int)
	var all sync.WaitGroup
	for range min(bulkAtOnce, len(in.Body.Sends)) {
		all.Go(func() {
			for i := range places {
				out.Results[i] = a.bulkOne(ctx, in, i)
			}
		})
	}
	for i := range in.Body.Sends {
		places <- i
	}
	close(places)
	all.Wait()
	for _, r := range out.Results {
		if r.Problem == nil {
			out.Accepted++
		} else {
			out.Refused++
		}
	}
	return answer(out, nil)
}

// bulkOne makes one send as a call by itself would.
func (a *API) bulkOne(ctx context.Context, in *newBulk, i int) bulkResult {
	one := &in.Body.Sends[i]
	got, err := a.send(ctx, &newSend{InBot: in.InBot, Key: one.Key, Body: one.NewSendBody})
	if err == nil {
		return bulkResult{Status: got.Status, Send: &got.Body, Replayed: got.Replayed != ""}
	}
	var p *problem.Problem
	if !errors.As(a.problemNamed(ctx, "send-bulk", err), &p) {
		p = problem.New(http.StatusInternalServerError, "internal error")
	}
	p.Fill("")
	for n := range p.Errors {
		if rest, ok := strings.CutPrefix(p.Errors[n].Location, "body."); ok {
			p.Errors[n].Location = fmt.Sprintf("body.sends[%d].%s", i, rest)
		}
	}
	return bulkResult{Status: p.Status, Problem: p}
}
