package simulate

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/blockcast/blockcast/blocks"
)

func (a Tap) do(ctx context.Context, p *Play) ([]*Scene, error) {
	b, err := p.button(a)
	if err != nil {
		return nil, err
	}
	var given *blocks.Input
	switch b.Action {
	case blocks.ActionURL, blocks.ActionCall:
		return nil, wrong("tap", "the button %q opens %s on the phone: the bot hears nothing of it", Title(b), b.Value)
	case blocks.ActionURLTail, blocks.ActionNone:
		return nil, wrong("tap", "the template's button does what the platform has it do: the bot hears nothing of it")
	case blocks.ActionAskLocation:
		return nil, wrong("tap", "the button %q opens a map: send a place instead", Title(b))
	case blocks.ActionAskTime:
		if a.Picked == "" {
			return nil, wrong("tap", "the button %q opens a calendar: say what is picked there, such as %s", Title(b), pickedLike(b.Value))
		}
		given = &blocks.Input{Kind: blocks.InputPicked, Text: a.Picked}
	case blocks.ActionAskPhone, blocks.ActionAskEmail:
		if a.Picked == "" {
			return nil, wrong("tap", "the button %q asks for what the person shares: say what that is", Title(b))
		}
		given = &blocks.Input{Kind: blocks.InputTap, Text: a.Picked}
	default:
		if a.Picked != "" {
			return nil, wrong("tap", "the button %q opens no picker", Title(b))
		}
	}
	turn, err := p.chat.Tap(ctx, b, given)
	if err != nil {
		return nil, err
	}
	return one(p.scene(turn))
}

// pickedLike is what a picker of a kind answers.
func pickedLike(kind string) string {
	switch kind {
	case "time":
		return "09:30"
	case "datetime":
		return "2026-03-04T09:30"
	}
	return "2026-03-04"
}

// button finds the button a tap means.
func (p *Play) button(a Tap) (*blocks.Button, error) {
	if a.Number > 0 {
		return p.numbered(a.Number)
	}
	for _, fold := range []func(string) string{blocks.Fold, blocks.FoldLoose} {
		for i := len(p.scenes) - 1; i >= 0; i-- {
			if b, err := p.scenes[i].titled(a.Title, fold); b != nil || err != nil {
				return b, err
			}
		}
	}
	e := wrong("tap", "no button %q was shown", a.Title)
	if e.Hint = blocks.DidYouMean(a.Title, p.titles()); e.Hint == "" {
		e.Hint = p.offered()
	}
	return nil, e
}

// titled finds the scene's button of a title, nil when there is none. Where
// several have it, only a number says which is meant.
func (s *Scene) titled(title string, fold func(string) string) (*blocks.Button, error) {
	var found *blocks.Button
	var numbers []string
	for i, b := range s.Buttons() {
		if b.Title != "" && fold(b.Title) == fold(title) {
			found = b
			numbers = append(numbers, strconv.Itoa(i+1))
		}
	}
	if len(numbers) > 1 {
		e := wrong("tap", "%d buttons have the title %q", len(numbers), title)
		e.Hint = "tap one by its number: " + strings.Join(numbers, ", ")
		return nil, e
	}
	return found, nil
}

// titles are those of all buttons shown so far.
func (p *Play) titles() []string {
	var titles []string
	for _, s := range p.scenes {
		for _, b := range s.Buttons() {
			titles = append(titles, b.Title)
		}
	}
	return titles
}

func (p *Play) numbered(n int) (*blocks.Button, error) {
	all := p.lastButtons()
	if n <= len(all) {
		return all[n-1], nil
	}
	e := wrong("tap", "there is no button %d", n)
	e.Hint = p.offered()
	return nil, e
}

// lastButtons are those of the last turn that showed any.
func (p *Play) lastButtons() []*blocks.Button {
	for i := len(p.scenes) - 1; i >= 0; i-- {
		if all := p.scenes[i].Buttons(); len(all) > 0 {
			return all
		}
	}
	return nil
}

// offered lists the buttons that can be tapped by number.
func (p *Play) offered() string {
	all := p.lastButtons()
	if len(all) == 0 {
		return "no button has been shown yet"
	}
	list := make([]string, len(all))
	for i, b := range all {
		list[i] = strconv.Itoa(i+1) + " " + Title(b)
	}
	return fmt.Sprintf("there are: %s", strings.Join(list, ", "))
}
