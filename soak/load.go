package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Times of what people and callers do.
const (
	callTime   = 10 * time.Second
	againTime  = 300 * time.Millisecond // before the second try, and twice as long before each further one
	mostGrowth = 4                      // so often it grows

	askExpiry      = "20s" // of an order that may have to wait for an open question
	shortAskExpiry = "5s"
)

// load lets people write and callers call, at a constant rate.
type load struct {
	*world
	book   *book
	client *http.Client
	rand   *rand.Rand // of the one goroutine that draws
	next   int        // number of the next mark
	wait   sync.WaitGroup
}

func newLoad(w *world, seed uint64) *load {
	return &load{world: w, book: newBook(), client: &http.Client{Timeout: callTime}, rand: rand.New(rand.NewPCG(seed, 0))}
}

// deed is one kind of thing that is done, and how often among all.
type deed struct {
	name  string
	share int
	do    func(l *load, ctx context.Context, d drawn)
}

// drawn is who does it, with which mark.
type drawn struct {
	mark    string
	account string
	n       int // of the person
	chance  float64
}

func (d drawn) person() string { return personID(d.account, d.n) }

func (d drawn) phone() string {
	if d.account == pageName {
		return phone(1, d.n)
	}
	return phone(0, d.n)
}

// deeds lists them. A name begins the marks; what a person does is written.
func deeds() []deed {
	write := (*load).write
	return []deed{
		{"say", 26, write},
		{"long", 6, write},
		{"ask", 8, write},
		{"answer", 12, write},
		{"pause", 5, write},
		{"notice", 16, (*load).notice},
		{"question", 6, (*load).question},
		{"plan", 7, (*load).plan},
		{"messages", 5, (*load).messages},
		{"once", 3, (*load).once},
		{"ahachat", 6, (*load).ahachat},
	}
}

// run draws deeds until it has been enough and returns when all are done: what a
// caller is not answered they repeat, within patience and while ctx lasts.
func (l *load) run(ctx context.Context, enough <-chan struct{}, rate int, patience time.Duration) {
	t := time.NewTicker(time.Second / time.Duration(rate))
	defer t.Stop()
	last, cancel := context.WithCancel(ctx)
	defer cancel()
	for {
		select {
		case <-enough:
			end := time.AfterFunc(patience, cancel)
			defer end.Stop()
			l.wait.Wait()
			return
		case <-t.C:
			k, d := l.draw()
			l.wait.Go(func() { k.do(l, last, d) })
		}
	}
}

// everybody lets each person write once, so that every window is open.
func (l *load) everybody(ctx context.Context) {
	for _, account := range []string{lineName, pageName} {
		for n := range people {
			d := drawn{mark: l.mark("say"), account: account, n: n}
			l.write(ctx, d)
		}
	}
}

func (l *load) mark(name string) string {
	l.next++
	return fmt.Sprintf("%s%d", name, l.next)
}

func (l *load) draw() (deed, drawn) {
	list, sum := deeds(), 0
	for _, k := range list {
		sum += k.share
	}
	at := l.rand.IntN(sum)
	var kind deed
	for _, k := range list {
		if kind = k; at < k.share {
			break
		}
		at -= k.share
	}
	d := drawn{mark: l.mark(kind.name), account: lineName, n: l.rand.IntN(people), chance: l.rand.Float64()}
	if l.rand.IntN(2) == 0 {
		d.account = pageName
	}
	return kind, d
}

// write lets a person write; the platform delivers it again until it is taken.
func (l *load) write(ctx context.Context, d drawn) {
	e := &event{mark: d.mark, account: d.account, person: d.person()}
	l.book.wrote(e)
	got, err := l.platform.Write(ctx, d.account, d.person(), d.mark)
	for {
		l.book.note(func() {
			e.tries++
			e.taken = told(got, err)
			if got != nil {
				e.key = got.ID
			}
		})
		if e.taken || !again(ctx, e.tries) {
			return
		}
		got, err = l.platform.Redeliver(ctx, d.account, e.key)
	}
}

// again waits before the next try, longer each time, as whoever cannot get
// through does: hundreds who knock at once are what keeps a slow machine slow.
// false means that there is none.
func again(ctx context.Context, tries int) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(againTime << min(tries-1, mostGrowth)):
		return true
	}
}

// notice sends a block that only speaks, by phone or by the platform's id.
func (l *load) notice(ctx context.Context, d drawn) {
	to := map[string]any{"phone": d.phone()}
	if d.chance < 0.5 {
		to = map[string]any{"account": l.accounts[d.account], "user": d.person()}
	}
	l.send(ctx, d, "notice", true, map[string]any{"to": to, "block": "notice", "attributes": map[string]string{"mark": d.mark}})
}

// question sends a block that asks; without force it may have to wait too long.
func (l *load) question(ctx context.Context, d drawn) {
	l.send(ctx, d, "question", true, map[string]any{"to": map[string]any{"phone": d.phone()}, "block": "question", "force": d.chance < 0.5,
		"expires_in": l.askExpiry(), "attributes": map[string]string{"mark": d.mark}})
}

func (l *load) askExpiry() string {
	if l.lab.short {
		return shortAskExpiry
	}
	return askExpiry
}

// plan sends a block after which another follows by itself.
func (l *load) plan(ctx context.Context, d drawn) {
	l.send(ctx, d, "plan", true, map[string]any{"to": map[string]any{"phone": d.phone()}, "block": "plan", "attributes": map[string]string{"mark": d.mark}})
}

// messages sends texts of the caller's own.
func (l *load) messages(ctx context.Context, d drawn) {
	l.send(ctx, d, "messages", true, map[string]any{"to": map[string]any{"phone": d.phone()},
		"messages": []any{map[string]string{"text": "By hand [" + d.mark + ".1]."}, map[string]string{"text": "And more [" + d.mark + ".2]."}}})
}

// once sends without an Idempotency-Key, by a caller who does not repeat.
func (l *load) once(ctx context.Context, d drawn) {
	l.send(ctx, d, "once", false, map[string]any{"to": map[string]any{"phone": d.phone()}, "block": "notice", "attributes": map[string]string{"mark": d.mark}})
}

func (l *load) send(ctx context.Context, d drawn, kind string, keyed bool, body map[string]any) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // texts and maps of texts
	}
	l.order(ctx, d, kind, keyed, func() (*http.Request, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+l.cluster.server()+"/v1/bots/"+l.bot+"/sends", bytes.NewReader(text))
		if err != nil {
			return nil, err
		}
		r.Header.Set("Authorization", "Bearer "+l.token)
		r.Header.Set("Content-Type", "application/json")
		if keyed {
			r.Header.Set("Idempotency-Key", d.mark)
		}
		return r, nil
	})
}

// ahachat makes the foreign call that most old systems make, for people on
// Messenger. It knows no keys.
func (l *load) ahachat(ctx context.Context, d drawn) {
	d.account = pageName
	query := url.Values{"ahachat_token": {l.token}, "ahachat_block_name": {"notice"}, "phone": {d.phone()}, "mark": {d.mark},
		"ahachat_message_tag": {"UPDATE"}}
	l.order(ctx, d, "ahachat", false, func() (*http.Request, error) {
		return http.NewRequestWithContext(ctx, http.MethodPost, "http://"+l.cluster.server()+"/api/bots/"+l.bot+"/phones/send?"+query.Encode(), http.NoBody)
	})
}

// order makes a call and keeps what it was answered. A call with a key is
// repeated until it is.
func (l *load) order(ctx context.Context, d drawn, kind string, keyed bool, request func() (*http.Request, error)) {
	o := &order{mark: d.mark, kind: kind, account: d.account, person: d.person(), keyed: keyed}
	l.book.asked(o)
	for {
		status, body, err := l.call(request)
		done := err == nil && status < http.StatusInternalServerError && status != http.StatusTooManyRequests
		l.book.note(func() {
			o.tries++
			if !done {
				return
			}
			if o.taken = status < http.StatusMultipleChoices; !o.taken {
				o.refused = fmt.Sprintf("%d %.300s", status, body)
				return
			}
			var a struct {
				ID string `json:"id"`
			}
			_ = json.Unmarshal(body, &a) // a foreign answer may have none
			o.sendID = a.ID
		})
		if done || !keyed || !again(ctx, o.tries) {
			return
		}
	}
}

func (l *load) call(request func() (*http.Request, error)) (status int, body []byte, err error) {
	r, err := request()
	if err != nil {
		return 0, nil, err
	}
	answer, err := l.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	body, err = io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	return answer.StatusCode, body, err
}

// maxAnswer is more than any answer to these calls.
const maxAnswer = 1 << 20
