package script

import (
	"fmt"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/engine/simulate"
)

// said are the words of all messages.
func (j *judging) said() []string {
	list := []string{}
	for _, s := range j.scenes {
		for i := range s.Messages {
			list = append(list, simulate.Words(&s.Messages[i]))
		}
	}
	return list
}

func (j *judging) texts(n *node) {
	said := j.said()
	for i, item := range n.items {
		what := fmt.Sprintf("message %d", i+1)
		switch {
		case i >= len(said):
			j.fail(item, what, quoted(item.text()), "nothing more is said")
		case !simulate.Like(item.text(), said[i]):
			j.fail(item, what, quoted(item.text()), quoted(said[i]))
		}
	}
	for i := len(n.items); i < len(said); i++ {
		j.fail(n, fmt.Sprintf("message %d", i+1), "nothing more is said", quoted(said[i]))
	}
}

func (j *judging) contains(n *node) {
	for _, item := range listOf(n) {
		if !slices.ContainsFunc(j.said(), func(s string) bool { return simulate.Like("*"+item.text()+"*", s) }) {
			j.fail(item, "words", quoted(item.text()), j.allSaid())
		}
	}
}

func (j *judging) lacks(n *node) {
	for _, item := range listOf(n) {
		for _, s := range j.said() {
			if simulate.Like("*"+item.text()+"*", s) {
				j.fail(item, "words", "not "+quoted(item.text()), quoted(s))
			}
		}
	}
}

func (j *judging) allSaid() string {
	said := j.said()
	if len(said) == 0 {
		return "nothing is said"
	}
	for i := range said {
		said[i] = quoted(said[i])
	}
	return strings.Join(said, "\n")
}

func (j *judging) buttons(n *node) {
	var titles []string
	for _, s := range j.scenes {
		for _, b := range s.Buttons() {
			titles = append(titles, simulate.Title(b))
		}
	}
	j.list(n, "buttons", titles)
}

// list compares texts in order.
func (j *judging) list(n *node, what string, got []string) {
	same := len(got) == len(n.items)
	for i := 0; same && i < len(got); i++ {
		same = simulate.Like(n.items[i].text(), got[i])
	}
	if !same {
		j.fail(n, what, shownList(wordsOf(n)), shownList(got))
	}
}

// listOf is a list, or a single value as one.
func listOf(n *node) []*node {
	if n.shape == isList {
		return n.items
	}
	return []*node{n}
}

func wordsOf(n *node) []string {
	list := []string{}
	for _, item := range n.items {
		list = append(list, item.text())
	}
	return list
}

func shownList(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	all := make([]string, len(list))
	for i, s := range list {
		all[i] = quoted(s)
	}
	return strings.Join(all, ", ")
}

// quoted shows a text, its lines as lines.
func quoted(s string) string { return "“" + s + "”" }
