package store

import (
	"cmp"
	"math/bits"
	"slices"
)

// peopleBits are some of a bot's people, each as one bit of a word: a million
// of them take 125 kB, and what two questions have in common is one operation
// for 64.
type peopleBits []uint64

// blockBits is how many bits of a contact's id say which bit of a word it is;
// the others are the block.
const blockBits = 6

func (p peopleBits) count() (n int64) {
	for _, word := range p {
		n += int64(bits.OnesCount64(word))
	}
	return n
}

// and, or and without are new: those who are among both, among either, and not
// among the others.
func (p peopleBits) and(o peopleBits) peopleBits {
	out := make(peopleBits, len(p))
	for n := range p {
		out[n] = p[n] & o[n]
	}
	return out
}

func (p peopleBits) or(o peopleBits) peopleBits {
	out := make(peopleBits, len(p))
	for n := range p {
		out[n] = p[n] | o[n]
	}
	return out
}

func (p peopleBits) without(o peopleBits) peopleBits {
	out := make(peopleBits, len(p))
	for n := range p {
		out[n] = p[n] &^ o[n]
	}
	return out
}

// bitBlocks are bits as they are read: of which block each word is, and one word
// of it for each question.
type bitBlocks struct {
	blocks []int64
	words  []peopleBits
}

func (b *bitBlocks) add(block int64, words []int64) {
	if b.words == nil {
		b.words = make([]peopleBits, len(words))
	}
	b.blocks = append(b.blocks, block)
	for i, word := range words {
		b.words[i] = append(b.words[i], uint64(word))
	}
}

// bitPlaces are the blocks of a bot's people, in the order of their words.
type bitPlaces struct {
	blocks []int64
	of     map[int64]int
}

func placesOf(blocks []int64) bitPlaces {
	p := bitPlaces{blocks, make(map[int64]int, len(blocks))}
	for n, block := range blocks {
		p.of[block] = n
	}
	return p
}

func (p bitPlaces) nobody() peopleBits { return make(peopleBits, len(p.blocks)) }

// put is one question's words in this order; blocks that are not here are
// nobody's of the bot.
func (p bitPlaces) put(b *bitBlocks, question int) peopleBits {
	out := p.nobody()
	for i, block := range b.blocks {
		if n, ok := p.of[block]; ok {
			out[n] = b.words[question][i]
		}
	}
	return out
}

// ids are the contacts, in no order.
func (p bitPlaces) ids(of peopleBits) []int64 {
	var out []int64
	for n, word := range of {
		for ; word != 0; word &= word - 1 {
			out = append(out, p.blocks[n]<<blockBits|int64(bits.TrailingZeros64(word)))
		}
	}
	return out
}

// newest are the contacts with the highest ids, at most n.
func (p bitPlaces) newest(of peopleBits, n int) []int64 {
	var some []int
	for i, word := range of {
		if word != 0 {
			some = append(some, i)
		}
	}
	slices.SortFunc(some, func(a, b int) int { return cmp.Compare(p.blocks[b], p.blocks[a]) })
	var out []int64
	for _, i := range some[:min(n, len(some))] { // each has one of them at least
		for word := of[i]; word != 0; word &^= 1 << (bits.Len64(word) - 1) {
			out = append(out, p.blocks[i]<<blockBits|int64(bits.Len64(word)-1))
		}
	}
	return out[:min(n, len(out))]
}
