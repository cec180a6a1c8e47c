package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// introduce says in under thirty lines what runs and what to try.
func (d *demo) introduce(ctx context.Context, api *client, out io.Writer, i *instance, serve *serveCommand) error {
	path, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find out how we were started: %w", err)
	}
	program := startedBy(path)
	base := "http://" + reachable(i.parts.listener.Addr())
	s := shops()[0]
	kept := d.state.Shops[s.Key]
	e := s.examples()
	page, err := consoleLink(ctx, &botSession{&session{client: api}, botView{ID: kept.BotID}}, base)
	if err != nil {
		return fmt.Errorf("make a link to the broadcasts: %w", err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `
blockcast runs with everything embedded; its data is in %s

  chats    %s/sandbox       open this: a pretend LINE and Messenger with %d people
  to many  %s
  API      %s/docs
  bots     %s
  yours    %s flows push FILE --publish --bot %q%s
  commands %s --help

Send a block to %s by phone, as AhaChat's callers do:

%s

%s has blocked the account: refused. In words, afterwards: %s sends explain%s

%s

%s is on both platforms and has just written on Messenger. Where would a text go, and why?

  %s sends send --text Hi --phone %s --bot %q --dry-run%s

Ctrl-C stops it. The next start goes on with the same people and tokens.
`,
		d.config.Data, base, demoPeople, page, base, botNames(), program, ownBot, dataFlag(serve), program,
		e.reached.Name, curl(base, kept, e.reached), e.gone.Name, program, dataFlag(serve), curl(base, kept, e.gone),
		e.onBoth.Name, program, e.onBoth.National, s.Bot, dataFlag(serve))
	_, err = io.WriteString(out, b.String())
	return err
}

// startedBy is what people type to start the program that lies there: go run
// builds into the cache, whose folders end with -d, or into a folder of its own.
func startedBy(path string) string {
	if strings.Contains(filepath.ToSlash(path), "/go-build") || strings.HasSuffix(filepath.Dir(path), "-d") {
		return "go run ."
	}
	return "blockcast"
}

func botNames() string {
	var names []string
	for _, s := range shops() {
		if s.Flow != "" {
			names = append(names, s.Bot)
		}
	}
	return strings.Join(names, ", ") + ", and " + ownBot + " for a flow of your own"
}

// demoExamples are people the demo speaks of.
type demoExamples struct {
	reached, gone demoPerson // on LINE; one has left
	onBoth        demoPerson // on LINE and Messenger, with orders to ask about
}

func (s shop) examples() demoExamples {
	var e demoExamples
	for _, p := range s.people() {
		switch {
		case p.Blocked:
			set(&e.gone, p)
		case p.HandedOver || !p.OnLINE:
		case !p.OnPage:
			set(&e.reached, p)
		case p.Attributes["orders"] != nil:
			set(&e.onBoth, p)
		}
	}
	return e
}

// set keeps the first that is found.
func set(example *demoPerson, p demoPerson) {
	if example.Name == "" {
		*example = p
	}
}

// curl is a call that can be pasted into any shell.
func curl(base string, kept *shopKept, p demoPerson) string {
	return fmt.Sprintf(`  curl -sS -w '\n' '%s/api/bots/%s/phones/send?ahachat_token=%s' \
    --data-urlencode 'ahachat_block_name=%s' -d phone=%s \
    -d order_code=DH2026 -d total=459000`,
		base, kept.BotID, kept.Token, demoBlock, p.National)
}

// demoBlock is the module of the order example that outside callers send.
const demoBlock = "đơn hàng đã gửi"

// dataFlag repeats a data folder that was named, for the commands to find it.
func dataFlag(serve *serveCommand) string {
	usual, err := filepath.Abs("blockcast-data")
	if err == nil && usual == serve.Settings.Data {
		return ""
	}
	return " --data " + serve.Settings.Data
}
