package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/simulate"
)

// do does what one typed line says.
func (s *simulation) do(ctx context.Context, line string) error {
	if text, escaped := strings.CutPrefix(line, "::"); escaped {
		return s.act(ctx, simulate.Say{Text: ":" + text})
	}
	if !strings.HasPrefix(line, ":") {
		return s.act(ctx, simulate.Say{Text: line})
	}
	word, rest, _ := strings.Cut(line[1:], " ")
	switch word {
	case "help", "h", "?":
		s.screen.write(simulationHelp)
		return s.screen.err
	case "attributes", "attrs":
		s.screen.person(s.play)
		return s.screen.err
	case "bytes":
		s.screen.bytes(s.last)
		return s.screen.err
	case "restart":
		if err := s.begin(ctx); err != nil {
			s.screen.warn("%s; the conversation goes on with the flows as they were", explained(err))
		}
		return s.screen.err
	}
	act, err := readAct(word, strings.TrimSpace(rest))
	if err != nil {
		s.screen.warn("%s", err)
		return s.screen.err
	}
	return s.act(ctx, act)
}

// act does one thing and shows what came of it. A mistake of the person at the
// terminal is told and ends nothing.
func (s *simulation) act(ctx context.Context, a simulate.Act) error {
	scenes, err := s.play.Do(ctx, a)
	if _, mistake := errors.AsType[*engine.Error](err); mistake {
		s.screen.warn("%s", explained(err))
		return s.screen.err
	}
	if err != nil {
		return err
	}
	_, waited := a.(simulate.Wait)
	for _, scene := range scenes {
		if waited {
			s.screen.note("%s", scene.At.Format(simulate.ClockForm))
		}
		s.screen.scene(scene)
		if len(scene.Messages) > 0 {
			s.last = scene
		}
	}
	if _, ok := a.(simulate.HandOver); ok {
		s.screen.note("a person leads the conversation until %s", s.play.Identity().ConversationUntil.In(s.play.Zone()).Format(simulate.ClockForm))
	}
	if waited {
		s.screen.note("it is %s", s.play.Now().Format(simulate.ClockForm))
	}
	return s.screen.err
}

// readAct reads what a line with a colon does.
func readAct(word, rest string) (simulate.Act, error) {
	need := func(what string) error {
		if rest == "" {
			return fmt.Errorf(":%s needs %s", word, what)
		}
		return nil
	}
	switch word {
	case "tap", "t":
		return readTap(rest)
	case "wait", "w":
		d, err := expression.ParseDuration(rest)
		return simulate.Wait{For: d}, err
	case "handover":
		if rest == "" {
			rest = "30m"
		}
		d, err := expression.ParseDuration(rest)
		return simulate.HandOver{For: d}, err
	case "follow":
		return simulate.Follow{}, nil
	case "unfollow":
		return simulate.Unfollow{}, nil
	case "sticker":
		return simulate.Sticker{}, nil
	case "send":
		return readSend(rest)
	case "event":
		return readEvent(rest)
	case "location":
		return readPlace(rest)
	case "image", "video", "audio", "file":
		return simulate.Media{Kind: word, URL: rest}, need("the address of a file")
	case "referral":
		return simulate.Referral{Ref: rest}, need("the ref of the link")
	case "postback":
		return simulate.Postback{Data: rest}, need("the data of the button")
	}
	hint := blocks.DidYouMean(word, simulationWords())
	if hint == "" {
		hint = ":help lists what there is"
	}
	return nil, fmt.Errorf("there is no :%s (%s)", word, hint)
}

// simulationWords are the words a line with a colon may begin with.
func simulationWords() []string {
	return []string{"tap", "wait", "follow", "unfollow", "send", "event", "location", "image", "video", "audio", "file", "sticker",
		"referral", "postback", "handover", "attributes", "bytes", "restart", "help", "quit"}
}

// readTap reads a number or a title, and what is picked after an equals sign.
func readTap(rest string) (simulate.Act, error) {
	what, picked, _ := strings.Cut(rest, " = ")
	tap := simulate.Tap{Picked: strings.TrimSpace(picked)}
	what = strings.TrimSpace(what)
	if what == "" {
		return nil, errors.New(":tap needs a button's number or title")
	}
	if n, err := strconv.Atoi(what); err == nil && n > 0 {
		tap.Number = n
	} else {
		tap.Title = strings.Trim(what, `"“”`)
	}
	return tap, nil
}

// readSend reads a block's name, in quotes where it holds spaces, and what is
// brought.
func readSend(rest string) (simulate.Send, error) {
	words, err := quotedWords(rest)
	if err != nil {
		return simulate.Send{}, err
	}
	send := simulate.Send{With: map[string]any{}}
	var name []string
	for _, w := range words {
		key, value, assigned := strings.Cut(w, "=")
		if assigned && len(name) > 0 {
			send.With[key] = value
		} else {
			name = append(name, w)
		}
	}
	if send.Block = strings.Join(name, " "); send.Block == "" {
		return send, errors.New(`:send needs a block, as in :send "order shipped" order_code=A1024`)
	}
	return send, nil
}

// readEvent reads an event's name, in quotes where it holds spaces, and what it
// brings: a JSON object, or values as :send takes them.
func readEvent(rest string) (simulate.Act, error) {
	usage := errors.New(`:event needs a name, as in :event paid {"order_code": "A1024"}`)
	name, data, isJSON := strings.Cut(rest, "{")
	if !isJSON {
		send, err := readSend(rest)
		if err != nil {
			return nil, usage
		}
		return simulate.Event{Name: send.Block, With: send.With}, nil
	}
	event := simulate.Event{Name: strings.Trim(strings.TrimSpace(name), `"\'“”`)}
	if event.Name == "" {
		return nil, usage
	}
	d := json.NewDecoder(strings.NewReader("{" + data))
	d.UseNumber()
	if err := d.Decode(&event.With); err != nil {
		return nil, fmt.Errorf("what the event brings is no JSON object: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows what the event brings")
	}
	return event, nil
}

func readPlace(rest string) (simulate.Act, error) {
	words := strings.SplitN(strings.ReplaceAll(rest, ",", " "), " ", 2)
	if len(words) == 2 {
		more := strings.SplitN(strings.TrimSpace(words[1]), " ", 2)
		latitude, wrong1 := strconv.ParseFloat(words[0], 64)
		longitude, wrong2 := strconv.ParseFloat(more[0], 64)
		if wrong1 == nil && wrong2 == nil && latitude >= -90 && latitude <= 90 && longitude >= -180 && longitude <= 180 {
			place := simulate.Place{Location: blocks.Location{Latitude: latitude, Longitude: longitude}}
			if len(more) == 2 {
				place.Title = strings.TrimSpace(more[1])
			}
			return place, nil
		}
	}
	return nil, errors.New(":location needs a latitude and a longitude, as in :location 10.77 106.70 Ben Thanh")
}

// quotedWords splits at spaces that stand in no quotes.
func quotedWords(s string) ([]string, error) {
	var words []string
	var b strings.Builder
	quote, inside := rune(0), false
	for _, r := range s {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			b.WriteRune(r)
		case r == '"' || r == '\'':
			quote, inside = r, true
		case r == ' ' || r == '\t':
			if inside || b.Len() > 0 {
				words = append(words, b.String())
			}
			b.Reset()
			inside = false
		default:
			b.WriteRune(r)
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("a quote %c is open", quote)
	}
	if inside || b.Len() > 0 {
		words = append(words, b.String())
	}
	return words, nil
}
