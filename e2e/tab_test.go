package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// chromes are the programs that a tab is opened with: the first there is. CHROME
// names another.
var chromes = [...]string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless-shell"}

// tab is a page in a real browser without a window. It is spoken to in the
// DevTools protocol over pipes, https://chromedevtools.github.io/devtools-protocol.
type tab struct {
	t       *testing.T
	to      io.Writer
	session string

	mu    sync.Mutex
	asked int
	waits map[int]chan reply
	wrong []string // what the page's scripts failed with, and what its policy refused
	asks  []string // questions that were answered with yes
}

// reply is a message of the browser: an answer, or an event with a method.
type reply struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// openTab starts a browser, or skips the test where there is none.
func openTab(t *testing.T) *tab {
	t.Helper()
	program := findChrome()
	if program == "" {
		t.Skip("no Chromium or Chrome is on this machine's PATH: install one, or name it by CHROME=/path/to/it, to try the page in a real browser")
	}
	in, to, err := os.Pipe() // what the browser reads
	from, out, err2 := os.Pipe()
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--no-first-run", "--no-default-browser-check", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
		"--user-data-dir="+t.TempDir(), "about:blank")
	cmd.ExtraFiles = []*os.File{in, out} // 3 and 4, as the browser expects
	cmd.WaitDelay = patience
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	_, _ = in.Close(), out.Close()
	b := &tab{t: t, to: to, waits: map[int]chan reply{}}
	ended := make(chan struct{})
	go func() { defer close(ended); b.listen(from) }()
	t.Cleanup(func() {
		_ = b.send(0, "Browser.close", nil) // ends it without a trace; a dead one has ended already
		select {
		case <-ended:
		case <-time.After(patience):
			_ = cmd.Process.Kill()
		}
		_ = cmd.Wait() // how a browser ends says nothing of the page
		_, _ = to.Close(), from.Close()
	})
	var target struct{ TargetID, SessionID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &target)
	b.session = target.SessionID
	for _, domain := range [...]string{"Page", "Runtime", "Log"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

func findChrome() string {
	if named := os.Getenv("CHROME"); named != "" {
		return named
	}
	for _, name := range chromes {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// listen takes what the browser says until it ends.
func (b *tab) listen(from io.Reader) {
	r := bufio.NewReader(from)
	for {
		text, err := r.ReadBytes(0)
		if err != nil {
			return
		}
		var m reply
		if json.Unmarshal(text[:len(text)-1], &m) != nil {
			continue
		}
		b.mu.Lock()
		wait := b.waits[m.ID]
		delete(b.waits, m.ID)
		b.mu.Unlock()
		switch {
		case wait != nil:
			wait <- m
		case m.Method != "":
			b.happened(m)
		}
	}
}

// happened notes what goes wrong on the page, and answers its questions.
func (b *tab) happened(m reply) {
	var p struct {
		Message string
		Entry   struct{ Source, Level, Text string }
		Details struct {
			Text      string
			Exception struct{ Description string }
		} `json:"exceptionDetails"`
	}
	if json.Unmarshal(m.Params, &p) != nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case m.Method == "Page.javascriptDialogOpening":
		b.asks = append(b.asks, p.Message)
		b.asked++
		_ = b.send(b.asked, "Page.handleJavaScriptDialog", map[string]any{"accept": true}) // where it fails, the page waits and the test says so
	case m.Method == "Runtime.exceptionThrown":
		b.wrong = append(b.wrong, p.Details.Text+" "+p.Details.Exception.Description)
	case m.Method == "Log.entryAdded" && p.Entry.Level == "error" && p.Entry.Source != "network":
		b.wrong = append(b.wrong, p.Entry.Source+": "+p.Entry.Text)
	}
}

func (b *tab) send(id int, method string, params any) error {
	m := map[string]any{"id": id, "method": method}
	if params != nil {
		m["params"] = params
	}
	if b.session != "" && method != "Browser.close" {
		m["sessionId"] = b.session
	}
	text, err := json.Marshal(m)
	if err == nil {
		_, err = b.to.Write(append(text, 0))
	}
	return err
}

// tries asks the browser for something, and returns its refusal.
func (b *tab) tries(method string, params, into any) error {
	b.t.Helper()
	b.mu.Lock()
	b.asked++
	id, wait := b.asked, make(chan reply, 1)
	b.waits[id] = wait
	err := b.send(id, method, params)
	b.mu.Unlock()
	if err != nil {
		return err
	}
	select {
	case m := <-wait:
		if m.Error != nil {
			return errors.New(m.Error.Message)
		}
		if into != nil {
			return json.Unmarshal(m.Result, into)
		}
		return nil
	case <-time.After(2 * patience):
		b.t.Fatalf("the browser does not answer %s", method)
		return nil
	}
}

func (b *tab) call(method string, params, into any) {
	b.t.Helper()
	if err := b.tries(method, params, into); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
}

// opens goes to an address.
func (b *tab) opens(address string) {
	b.t.Helper()
	b.call("Page.navigate", map[string]any{"url": address}, nil)
}

// asksPage is what an expression of the page's script is, once it is true or
// what it promises, once the page is there with its scripts. Pages that are left
// meanwhile are forgotten.
const asksPage = `new Promise((done, fail) => {
  const late = Date.now() + %d;
  const look = () => {
    let is;
    try { is = document.readyState === "complete" && (%s) } catch { is = false }
    if (is) done(String(is));
    else if (Date.now() > late) fail(new Error("never came: " + document.title + " " + location.pathname + "\n" + document.body?.innerText));
    else setTimeout(look, 20);
  };
  look();
})`

// until waits until an expression is true on the page, and returns it as text.
func (b *tab) until(expression string) string {
	b.t.Helper()
	for range polls {
		var got struct {
			Result  struct{ Value any }
			Details *struct {
				Exception struct{ Description string }
			} `json:"exceptionDetails"`
		}
		err := b.tries("Runtime.evaluate", map[string]any{"expression": fmt.Sprintf(asksPage, patience.Milliseconds(), expression), "awaitPromise": true, "returnByValue": true, "userGesture": true}, &got)
		switch {
		case err != nil: // it went to another page
			continue
		case got.Details != nil:
			b.t.Fatalf("%s: %s", expression, got.Details.Exception.Description)
		}
		return fmt.Sprint(got.Result.Value)
	}
	b.t.Fatalf("%s: the page does not rest", expression)
	return ""
}

// quoted is a text as scripts write it.
func quoted(text string) string {
	out, _ := json.Marshal(text) // of a text this cannot fail
	return string(out)
}

// clicks presses what a selector finds.
func (b *tab) clicks(selector string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`(e => e && !e.closest("[hidden]") && (setTimeout(() => e.click()), true))(document.querySelector(%s))`, quoted(selector)))
}

// presses the button or link that says something.
func (b *tab) presses(says string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`(e => e && (setTimeout(() => e.click()), true))([...document.querySelectorAll("button, a.button")].find(e => e.innerText === %s))`, quoted(says)))
}

// types writes into a field as a keyboard does, and leaves it.
func (b *tab) types(id, text string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`(e => e && (e.focus(), e.select(), document.activeElement === e))(document.getElementById(%s))`, quoted(id)))
	b.call("Input.insertText", map[string]any{"text": text}, nil)
	b.until(`(document.activeElement.blur(), true)`)
}

// unharmed wants that nothing went wrong on any page so far.
func (b *tab) unharmed() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.wrong) > 0 {
		b.t.Errorf("on the page: %s", strings.Join(b.wrong, "\n"))
	}
}
