package broadcast

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/blockcast/blockcast/engine"
)

// Limits of variants.
const (
	MaxVariants = 10
	maxWeight   = 10_000 // of one
)

// modulus is the prime under which people are spread: products of two
// remainders fit into 62 bits on both databases.
const modulus = 2_147_483_647

// Spread gives each contact a number that is the same whenever it is asked, in
// Go and in a database, by sums and remainders alone.
type Spread struct {
	A, B  int64
	Total int64 // numbers are from 0 to Total-1; 0: nobody is asked for one
}

// spread is that of one broadcast, so that those who are first in one are not
// first in all.
func spread(broadcastID string, total int64) Spread {
	sum := sha256.Sum256([]byte("spread\x00" + broadcastID))
	a := binary.BigEndian.Uint32(sum[:4])
	b := binary.BigEndian.Uint32(sum[4:8])
	return Spread{A: 1 + int64(a)%(modulus-1), B: int64(b) % modulus, Total: total}
}

// Of is a contact's number: one linear step, and a square, so that neighbours
// do not alternate.
func (s Spread) Of(contactID int64) int64 {
	h := (contactID%modulus*s.A + s.B) % modulus
	return (h*h + s.B) % modulus % s.Total
}

// SQL is Of as an expression over a column.
func (s Spread) SQL(column string) string {
	h := fmt.Sprintf("((%s %% %d * %d + %d) %% %d)", column, modulus, s.A, s.B, modulus)
	return fmt.Sprintf("((%s * %s + %d) %% %d %% %d)", h, h, s.B, modulus, s.Total)
}

// portion is a part of the audience and what it is told.
type portion struct {
	variant  string
	from, to int64 // of a spread, both included
	content  *engine.Content
	field    string // of content in the plan
}

// portions are the parts of a plan, in their order, and their total; the part
// that is held out has no content.
func portions(p *engine.Plan) ([]portion, int64) {
	if len(p.Variants) == 0 && p.HoldOut == 0 {
		return []portion{{content: &p.Content, field: "content"}}, 0
	}
	var out []portion
	var total int64
	add := func(o portion, weight int) {
		o.from, o.to = total, total+int64(weight)-1
		out, total = append(out, o), total+int64(weight)
	}
	for i := range p.Variants {
		v := &p.Variants[i]
		add(portion{variant: v.Name, content: &v.Content, field: fmt.Sprintf("variants[%d].content", i)}, v.Weight)
	}
	if len(p.Variants) == 0 {
		add(portion{content: &p.Content, field: "content"}, 100-p.HoldOut)
	}
	if p.HoldOut > 0 {
		add(portion{variant: HeldOut}, p.HoldOut)
	}
	return out, total
}

// HeldOut is the variant of those who get nothing.
const HeldOut = "hold_out"

// checkVariants says what is wrong with a plan's variants.
func checkVariants(p *engine.Plan) error {
	switch {
	case len(p.Variants) > MaxVariants:
		return invalid("variants", "a broadcast has at most %d variants, this one has %d", MaxVariants, len(p.Variants))
	case len(p.Variants) == 1:
		return invalid("variants", "one variant is no choice: give it as content, or a second one")
	case p.HoldOut < 0 || p.HoldOut > maxWeight:
		return invalid("hold_out", "between 0 and %d, not %d", maxWeight, p.HoldOut)
	case len(p.Variants) == 0 && p.HoldOut > 99:
		return invalid("hold_out", "without variants it is a part of 100: at most 99, not %d", p.HoldOut)
	case len(p.Variants) > 0 && said(&p.Content) > 0:
		return invalid("content", "a broadcast with variants says what is in them: leave content out")
	}
	names := map[string]bool{HeldOut: true}
	for i, v := range p.Variants {
		field := fmt.Sprintf("variants[%d]", i)
		switch {
		case v.Name == "":
			return invalid(field+".name", "a variant needs a name: reports tell them apart by it")
		case names[v.Name]:
			return invalid(field+".name", "%q is taken: each variant has a name of its own", v.Name)
		case v.Weight < 1 || v.Weight > maxWeight:
			return invalid(field+".weight", "between 1 and %d, not %d", maxWeight, v.Weight)
		}
		names[v.Name] = true
	}
	return nil
}
