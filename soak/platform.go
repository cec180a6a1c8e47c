package main

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// Names of the accounts on the pretend platforms.
const (
	lineName = "line"
	pageName = "page"
)

// channelOf is the channel of an account.
var channelOf = map[string]string{lineName: "line", pageName: "messenger"}

// moment is when in a call its caller is killed.
type moment string

const (
	arrived  moment = "arrived"  // the platform has read the call and takes nothing
	accepted moment = "accepted" // the platform has taken it and not answered
	answered moment = "answered" // the answer is written
)

var moments = [...]moment{arrived, accepted, answered}

// platform is a LINE and a Messenger on loopback. Every process reaches it at
// an address of its own, so that it knows who calls and can kill the caller in
// the middle of its call.
type platform struct {
	*sandbox.Sandbox
	address string
	server  *http.Server
	secrets map[string]string

	mu   sync.Mutex
	trap *trap // nil: nobody is to be killed
}

// trap waits for the next call that sends.
type trap struct {
	at     moment
	call   string              // the end of the call's path; "": any call
	spring func(caller string) // kills it
	sprung chan struct{}
}

// newPlatform plays both platforms. post sends their webhooks.
func newPlatform(seed uint64, post http.RoundTripper) (*platform, error) {
	p := &platform{
		Sandbox: sandbox.New(sandbox.Config{Unlimited: true, Keep: 1_000_000, History: -1, Seed: seed,
			Client: &http.Client{Transport: post, Timeout: callTime}}),
		secrets: map[string]string{"channel_secret": rand.Text(), "channel_access_token": rand.Text(), "page_access_token": rand.Text(),
			"app_secret": rand.Text(), "verify_token": rand.Text()},
	}
	err := p.AddLINEAccount(sandbox.LINEAccount{Name: lineName, ChannelSecret: p.secrets["channel_secret"], AccessToken: p.secrets["channel_access_token"]})
	if err != nil {
		return nil, fmt.Errorf("play LINE: %w", err)
	}
	err = p.AddMessengerAccount(sandbox.MessengerAccount{Name: pageName, AppSecret: p.secrets["app_secret"], AccessToken: p.secrets["page_access_token"]})
	if err != nil {
		return nil, fmt.Errorf("play Messenger: %w", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("play the platforms: %w", err)
	}
	p.address = l.Addr().String()
	p.server = &http.Server{Handler: http.HandlerFunc(p.serve), ReadHeaderTimeout: callTime}
	go func() { _ = p.server.Serve(l) }() // ends with Close
	return p, nil
}

func (p *platform) close() error {
	p.Close()
	return p.server.Close()
}

// urls is the setting by which a process finds the platforms.
func (p *platform) urls(process string) string {
	base := "http://" + p.address + "/" + process
	return "line=" + base + "/line;messenger=" + base + "/graph"
}

// serve takes a call of one of the processes.
func (p *platform) serve(w http.ResponseWriter, r *http.Request) {
	caller, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	r.URL.Path = "/" + path
	t := p.caught(r)
	if t == nil {
		p.Handler().ServeHTTP(w, r)
		return
	}
	defer close(t.sprung)
	switch t.at {
	case arrived:
		t.spring(caller)
		panic(http.ErrAbortHandler)
	case accepted:
		p.Handler().ServeHTTP(httptest.NewRecorder(), r)
		t.spring(caller)
		panic(http.ErrAbortHandler)
	case answered:
		p.Handler().ServeHTTP(w, r)
		_ = http.NewResponseController(w).Flush() // the answer is on its way in any case
		t.spring(caller)
	}
}

// multicastCall ends the path of the call to many.
const multicastCall = "/message/multicast"

// sendingCalls are the ends of the paths of calls that send.
var sendingCalls = [...]string{"/message/reply", "/message/push", multicastCall, "/messages"}

// caught takes the trap when the call is one that sends.
func (p *platform) caught(r *http.Request) *trap {
	ends := func(end string) bool { return strings.HasSuffix(r.URL.Path, end) }
	if !slices.ContainsFunc(sendingCalls[:], ends) {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.trap
	if t == nil || !ends(t.call) {
		return nil
	}
	p.trap = nil
	return t
}

// set lays a trap for the next call that sends.
func (p *platform) set(t *trap) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trap = t
}

// unset takes the trap back. false means that somebody is in it.
func (p *platform) unset() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.trap
	p.trap = nil
	return was != nil
}

// misbehave lets the platforms fail as they sometimes do, all the time: late,
// too busy, out of order, and without an answer. Only in long runs is Messenger
// too busy, and never to a broadcast: it asks for a minute's patience each time.
// LINE tells a broadcast so now and then only: each time all of it holds still.
func (p *platform) misbehave(short, broadcast bool) error {
	busy := sandbox.Fault{Kind: sandbox.Throttle, Probability: 0.05}
	if short || broadcast {
		busy.Account = lineName
	}
	if broadcast {
		busy.Probability = 0.001
	}
	ms := func(n int) sandbox.Duration { return sandbox.Duration(time.Duration(n) * time.Millisecond) }
	return p.SetFaults(
		sandbox.Fault{Kind: sandbox.Latency, Probability: 0.3, Min: ms(5), Max: ms(200)},
		sandbox.Fault{Kind: sandbox.Lost, Probability: 0.04},
		sandbox.Fault{Kind: sandbox.Reset, Probability: 0.03},
		busy,
		sandbox.Fault{Kind: sandbox.ServerError, Probability: 0.03},
		// A proxy in front of them gives up on what they have taken.
		sandbox.Fault{Kind: sandbox.ServerError, Status: http.StatusBadGateway, Bare: true, Accepted: true, Probability: 0.02},
		sandbox.Fault{Kind: sandbox.ServerError, Status: http.StatusServiceUnavailable, Bare: true, Probability: 0.01},
	)
}

// behave lets everything work again and tells how many answers were lost.
func (p *platform) behave() (lost int, err error) {
	for _, f := range p.Faults() {
		switch {
		case f.Kind == sandbox.Lost, f.Kind == sandbox.Reset, f.Kind == sandbox.ServerError && f.Bare:
			lost += f.Hits
		}
	}
	return lost, p.SetFaults()
}
