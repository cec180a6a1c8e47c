package engine

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blockcast/blockcast/flows"
)

// keywords finds which of many keywords occur in a text, in time that depends
// on the text and hardly on how many keywords there are: at each place where a
// word may begin it looks up the pieces that are as long as some keyword
// beginning with that letter.
type keywords struct {
	exact   map[string][]int
	words   map[string][]use
	lengths map[rune][]int // in bytes, of the keywords that begin with the letter, ascending
	needed  map[int]uint64 // by trigger whose keywords must all occur: a bit for each
}

// use is one trigger a keyword is for.
type use struct {
	trigger int
	bit     uint64 // of a trigger that needs all its keywords, 0 where one is enough
}

func newKeywords() keywords {
	return keywords{exact: map[string][]int{}, words: map[string][]use{}, lengths: map[rune][]int{}, needed: map[int]uint64{}}
}

func (k *keywords) add(trigger int, t *flows.Trigger, fold func(string) string) {
	for _, w := range t.Exact {
		if w = fold(w); w != "" && !slices.Contains(k.exact[w], trigger) {
			k.exact[w] = append(k.exact[w], trigger)
		}
	}
	for _, w := range t.Any {
		k.word(fold(w), use{trigger: trigger})
	}
	if len(t.All) > MaxAllKeywords {
		return
	}
	for i, w := range t.All {
		if w = fold(w); w != "" {
			k.word(w, use{trigger: trigger, bit: 1 << i})
			k.needed[trigger] |= 1 << i
		}
	}
}

func (k *keywords) word(w string, u use) {
	if w == "" || slices.Contains(k.words[w], u) {
		return
	}
	k.words[w] = append(k.words[w], u)
	first, _ := utf8.DecodeRuneInString(w)
	if !slices.Contains(k.lengths[first], len(w)) {
		k.lengths[first] = append(k.lengths[first], len(w))
	}
}

// ready is called once, after the last add.
func (k *keywords) ready() {
	for _, l := range k.lengths {
		slices.Sort(l)
	}
}

// find returns the best trigger that fits: one whose whole text it is, one
// whose keywords all occur, one of whose keywords occurs, in this order.
func (k *keywords) find(text string, fits func(trigger int) bool) (int, bool) {
	for _, i := range k.exact[text] {
		if fits(i) {
			return i, true
		}
	}
	bestAll, bestAny := -1, -1
	better := func(i, than int) bool { return than < 0 || i < than }
	var seen map[int]uint64
	k.each(text, func(u use) {
		if u.bit == 0 {
			if better(u.trigger, bestAny) && fits(u.trigger) {
				bestAny = u.trigger
			}
			return
		}
		if seen == nil {
			seen = map[int]uint64{}
		}
		seen[u.trigger] |= u.bit
		if seen[u.trigger] == k.needed[u.trigger] && better(u.trigger, bestAll) && fits(u.trigger) {
			bestAll = u.trigger
		}
	})
	if bestAll >= 0 {
		return bestAll, true
	}
	return bestAny, bestAny >= 0
}

// each calls f for every use of every keyword that occurs in the text.
func (k *keywords) each(text string, f func(use)) {
	if len(k.words) == 0 {
		return
	}
	before := ' '
	for i, r := range text {
		if lengths := k.lengths[r]; lengths != nil && !(spaced(before) && spaced(r)) {
			for _, n := range lengths {
				if i+n > len(text) {
					break
				}
				if !endsWord(text, i+n) {
					continue
				}
				for _, u := range k.words[text[i:i+n]] {
					f(u)
				}
			}
		}
		before = r
	}
}

// endsWord reports whether a keyword may end before the byte at end: not inside
// a letter, and not inside a word where words have spaces between them.
func endsWord(text string, end int) bool {
	if end == len(text) {
		return true
	}
	if !utf8.RuneStart(text[end]) {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(text[:end])
	next, _ := utf8.DecodeRuneInString(text[end:])
	return !(spaced(last) && spaced(next))
}

// spaced reports whether the rune is part of a word of a script that has spaces
// between words.
func spaced(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || r == '_'
	}
	if !unicode.In(r, unicode.Letter, unicode.Digit, unicode.Mark) {
		return false
	}
	return !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// cutText trims a text to what keywords are looked for in.
func cutText(s string) string {
	s = strings.TrimSpace(s)
	if len(s) <= MaxMatchedText {
		return s
	}
	end := MaxMatchedText
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}
