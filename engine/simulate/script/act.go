package script

import (
	"fmt"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine/simulate"
)

// act is one thing a step can do.
type act struct {
	key  string
	doc  string
	form object // as JSON Schema
	read func(r *reader, n *node) simulate.Act
}

// acts are all there are, in the order of the documentation. "pick" belongs to
// tap and "with" to send and event.
func acts() []act {
	return []act{
		{"say", "The person writes this.", aText(), func(r *reader, n *node) simulate.Act { return simulate.Say{Text: r.text(n, `"say"`)} }},
		{"tap", "The person taps a button: the nth of the last turn that showed any, or the last one of this title.", anyOf(aText(), aCount()),
			func(r *reader, n *node) simulate.Act { return r.tap(n) }},
		{"wait", "Time passes, as in 12h or 1d 30m; what falls due happens.", aText(), func(r *reader, n *node) simulate.Act { return simulate.Wait{For: r.duration(n, `"wait"`)} }},
		{"send", "A system or a person of the shop sends this block or module.", aText(), func(r *reader, n *node) simulate.Act { return simulate.Send{Block: r.text(n, `"send"`)} }},
		{"event", "A system reports this event of the person.", aText(), func(r *reader, n *node) simulate.Act { return simulate.Event{Name: r.text(n, `"event"`)} }},
		{"follow", "The person adds the account.", onlyTrue(), happening("follow", simulate.Follow{})},
		{"unfollow", "The person leaves the account.", onlyTrue(), happening("unfollow", simulate.Unfollow{})},
		{"sticker", "The person sends a sticker.", onlyTrue(), happening("sticker", simulate.Sticker{})},
		{"location", "The person sends a place.", placeForm(), func(r *reader, n *node) simulate.Act { return r.place(n) }},
		{"image", "The person sends a picture of this address.", aText(), media(blocks.Image)},
		{"video", "The person sends a film.", aText(), media(blocks.Video)},
		{"audio", "The person sends a sound.", aText(), media(blocks.Audio)},
		{"file", "The person sends a file.", aText(), media(blocks.File)},
		{"referral", "The person comes by a link with this ref.", aText(), func(r *reader, n *node) simulate.Act { return simulate.Referral{Ref: r.text(n, `"referral"`)} }},
		{"postback", "The person taps a button of another system, with this data.", aText(), func(r *reader, n *node) simulate.Act { return simulate.Postback{Data: r.text(n, `"postback"`)} }},
		{"hand_over", "A person of the shop leads the conversation for this long.", aText(), func(r *reader, n *node) simulate.Act { return simulate.HandOver{For: r.duration(n, `"hand_over"`)} }},
	}
}

func happening(key string, a simulate.Act) func(*reader, *node) simulate.Act {
	return func(r *reader, n *node) simulate.Act {
		if r.is(n, isBool, fmt.Sprintf("%q", key)) && n.value != true {
			r.problem(n.at, codeValue, fmt.Sprintf("%q is true where it is there", key), "")
		}
		return a
	}
}

func media(kind string) func(*reader, *node) simulate.Act {
	return func(r *reader, n *node) simulate.Act {
		return simulate.Media{Kind: kind, URL: r.text(n, fmt.Sprintf("%q", kind))}
	}
}

func (r *reader) tap(n *node) simulate.Act {
	if n.shape == isNumber {
		before := len(r.problems)
		number := r.whole(n, `"tap"`)
		if number < 1 && len(r.problems) == before {
			r.problem(n.at, codeValue, "buttons are counted from 1", "")
		}
		return simulate.Tap{Number: number}
	}
	if n.shape != isText {
		r.problem(n.at, codeType, fmt.Sprintf(`"tap" is a button's title or number, not %s`, n.shape), "")
	}
	return simulate.Tap{Title: n.text()}
}

func (r *reader) place(n *node) simulate.Act {
	var p simulate.Place
	degrees := func(to *float64, most float64, what string) func(*node) {
		return func(n *node) {
			if !r.is(n, isNumber, what) {
				return
			}
			*to = number(n)
			if *to < -most || *to > most {
				r.problem(n.at, codeValue, fmt.Sprintf("%s is from -%g to %g", what, most, most), "")
			}
		}
	}
	if r.fields(n, `"location"`, map[string]func(*node){
		"title":     func(n *node) { p.Title = r.text(n, `"title"`) },
		"address":   func(n *node) { p.Address = r.text(n, `"address"`) },
		"latitude":  degrees(&p.Latitude, 90, `"latitude"`),
		"longitude": degrees(&p.Longitude, 180, `"longitude"`),
	}) && (n.get("latitude") == nil || n.get("longitude") == nil) {
		r.problem(n.at, codeMissing, `a place needs "latitude" and "longitude"`, "")
	}
	return p
}

// step reads one step: exactly one act, and what is expected of it.
func (r *reader) step(n *node) Step {
	s := Step{at: n.at}
	fields := map[string]func(*node){
		"note":   func(*node) {},
		"pick":   func(n *node) { r.text(n, `"pick"`) },
		"with":   func(n *node) { r.object(n, `"with"`) },
		"expect": func(n *node) { s.Wanted = r.wanted(n) },
	}
	var done, all []string
	for _, a := range acts() {
		all = append(all, a.key)
		fields[a.key] = func(n *node) {
			s.Act = a.read(r, n)
			done = append(done, a.key)
		}
	}
	if !r.fields(n, "a step", fields) {
		return s
	}
	switch len(done) {
	case 0:
		r.problem(n.at, codeMissing, "a step does something", "one of "+strings.Join(all, ", "))
	case 1:
	default:
		r.problem(n.at, codeValue, "a step does one thing, not "+strings.Join(done, " and "), "make a step of each")
	}
	return r.extras(n, s)
}

// extras gives a tap what is picked, and a send or an event what it brings.
func (r *reader) extras(n *node, s Step) Step {
	pick, with := n.get("pick"), n.get("with")
	if pick != nil {
		if tap, ok := s.Act.(simulate.Tap); ok {
			tap.Picked = pick.text()
			s.Act = tap
		} else {
			r.problem(pick.at, codeValue, `"pick" belongs to a "tap" on a button that opens a picker`, "")
		}
	}
	if with != nil {
		brought, _ := with.plain().(map[string]any)
		switch a := s.Act.(type) {
		case simulate.Send:
			a.With = brought
			s.Act = a
		case simulate.Event:
			a.With = brought
			s.Act = a
		default:
			r.problem(with.at, codeValue, `"with" belongs to "send" and "event": what the caller brings`, "")
		}
	}
	return s
}
