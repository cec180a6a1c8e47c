package outbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// Render makes the exact bytes of messages for one account, once. Its id is a
// hash over bot, account, the messages and what their buttons do, so the same
// text with other button values is another render. The warnings tell what the
// channel could not show as written.
func Render(ch channels.Channel, a *engine.Account, messages []blocks.Message) (*engine.Render, []string, error) {
	return render(ch, a, messages, nil, nil)
}

// render is Render with links that are led by addresses of ours: where there
// are some they are part of what the id is made of, and the render has them.
// Its messages and buttons keep the targets. One that others were told is not
// made again.
func render(ch channels.Channel, a *engine.Account, messages []blocks.Message, l *linking, others *alike) (*engine.Render, []string, error) {
	said, err := json.Marshal(messages)
	if err != nil {
		return nil, nil, fmt.Errorf("render messages: %w", err)
	}
	h := sha256.New()
	fmt.Fprintf(h, "render 1\n%s\n%s\n", a.BotID, a.ID)
	h.Write(said)
	links := l.of(a.BotID, messages)
	order := slices.Sorted(maps.Keys(links))
	for _, i := range order {
		fmt.Fprintf(h, "\nlink %d %s", i, links[i].address)
	}
	r := &engine.Render{ID: hex.EncodeToString(h.Sum(nil)[:12]), BotID: a.BotID, AccountID: a.ID, Messages: said}
	if made, told := others.made(r.ID); made != nil {
		return made, told, nil
	}

	var buttons []blocks.Button
	for i := range messages {
		messages[i].Buttons(func(b *blocks.Button) {
			b.Payload = ButtonPayload(r.ID, len(buttons), blockOf(b))
			buttons = append(buttons, *b)
		})
	}
	for _, i := range order {
		r.Links = append(r.Links, links[i].link)
	}
	back := led(messages, links)
	payloads := ch.Render(messages)
	back()
	if r.Buttons, err = json.Marshal(buttons); err != nil {
		return nil, nil, fmt.Errorf("render buttons: %w", err)
	}
	if r.Payloads, err = json.Marshal(payloads); err != nil {
		return nil, nil, fmt.Errorf("render payloads: %w", err)
	}
	told := warnings(payloads)
	others.keep(r, told)
	others.say(r, payloads)
	return r, told, nil
}

func blockOf(b *blocks.Button) string {
	switch b.Action {
	case blocks.ActionGoto, blocks.ActionSubscribe, blocks.ActionUnsubscribe:
		return b.Value
	}
	return ""
}

func warnings(payloads []channels.Payload) []string {
	var out []string
	for _, p := range payloads {
		for _, w := range p.Warnings {
			if len(out) == maxWarnings {
				return out
			}
			out = append(out, w.Code+": "+w.Message)
		}
	}
	return out
}

// maxButtonPayload is the longest in bytes: Telegram, the strictest platform,
// takes 64.
const maxButtonPayload = 60

// ButtonPayload is what a platform carries back on a tap.
func ButtonPayload(renderID string, index int, block string) string {
	return "b1." + renderID + "." + strconv.Itoa(index) + "." + block
}

// ReadButtonPayload takes a ButtonPayload apart; ok is false for anything else.
func ReadButtonPayload(data string) (renderID string, index int, block string, ok bool) {
	if len(data) > maxButtonPayload {
		return "", 0, "", false
	}
	parts := strings.Split(data, ".")
	if len(parts) != 4 || parts[0] != "b1" || len(parts[1]) != 24 {
		return "", 0, "", false
	}
	index, err := strconv.Atoi(parts[2])
	if err != nil || index < 0 || strconv.Itoa(index) != parts[2] {
		return "", 0, "", false
	}
	return parts[1], index, parts[3], true
}
