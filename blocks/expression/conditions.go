package expression

import (
	"fmt"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// conditionFunctions run a condition or a value over a list's items. Inside,
// # is the item and .x a member of it. One with a condition cannot stand
// inside another's, so their work grows with the list and no faster.
var conditionFunctions = []function{
	over("all", truth, Boolean, "Whether the condition holds for every item.", `all([1, 2], # > 0)`, "true"),
	over("any", truth, Boolean, "Whether the condition holds for at least one item.", `any([1, 2], # > 1)`, "true"),
	over("none", truth, Boolean, "Whether the condition holds for no item.", `none([1, 2], # > 2)`, "true"),
	over("one", truth, Boolean, "Whether the condition holds for exactly one item.", `one([1, 2], # > 1)`, "true"),
	over("filter", truth, List, "The items the condition holds for.", `filter([1, 2, 3], # > 1)`, "2, 3"),
	over("map", Any, List, "What becomes of every item.", `map(['a', 'b'], upper(#))`, "A, B"),
	over("find", truth, Any, "The first item the condition holds for.", `find([1, 2, 3], # > 1)`, "2"),
	over("findLast", truth, Any, "The last item the condition holds for.", `findLast([1, 2, 3], # < 3)`, "2"),
	over("findIndex", truth, Number, "The place of the first item the condition holds for, from 0; -1 when there is none.", `findIndex([1, 2, 3], # > 1)`, "1"),
	over("findLastIndex", truth, Number, "The place of the last item the condition holds for, from 0; -1 when there is none.", `findLastIndex([1, 2, 3], # < 3)`, "1"),
	over("count", truth, Number, "How many items the condition holds for; without one, how many are true.", `count([1, 2, 3], # > 1)`, "2"),
	over("sum", Number, Number, "The sum of the items, or of what is computed from each.", `sum([{n: 2}, {n: 3}], .n)`, "5"),
	over("groupBy", Any, JSON, "The items in lists, by what is computed from each.", `groupBy([1, 2, 3], # % 2 == 0 ? 'even' : 'odd').odd`, "1, 3"),
	over("sortBy", Any, List, `The items in the order of what is computed from each; "desc" turns it round.`, `sortBy(['bb', 'a'], len(#))`, "a, bb"),
}

// over makes the row of a function that asks what of each item.
func over(name string, asks, gives Type, doc, example, result string) function {
	ask := parameter{name: "condition", typ: asks, optional: name == "count" || name == "sum"}
	if asks != truth {
		ask.name = "value"
	}
	params := []parameter{{name: "items", typ: List}, ask}
	if name == "sortBy" {
		params = append(params, parameter{name: "order", typ: Text, optional: true})
	}
	return function{Function: Function{Name: name, Doc: doc, Example: example, Result: result}, params: params, gives: gives}
}

func (f *function) isCondition() bool { return f.run == nil && f.Name != "has" && f.Name != "t" }

// overList compiles one of conditionFunctions.
func (c *compiler) overList(n ast.Node, f *function, args []ast.Node) node {
	if c.condition != "" && len(args) > 1 {
		c.problem(CodeLimit, c.at(n), "compute it first: let x = …; …", "%s cannot stand inside the condition of %s", f.Name, c.condition)
		return unknown()
	}
	list := c.want(c.node(args[0]), List, c.at(args[0]), f.Name)
	r := run{name: f.Name, list: list.eval}
	gives, samples := f.gives, list.samples
	if len(args) > 1 {
		body := c.body(f, list, args[1])
		if f.Name == "map" {
			samples = nil
			if body.samples != nil {
				samples = []any{body.samples}
			}
		}
		r.body = body.eval
	}
	switch f.Name {
	case "find", "findLast":
		samples = itemsOf(samples)
	case "groupBy":
		samples = nil
	case "sortBy":
		if len(args) > 2 {
			order := c.node(args[2])
			r.descending = order.value == "desc"
			if !r.descending && order.value != "asc" {
				c.problem(CodeArgument, c.at(args[2]), "", `sortBy takes the order "asc" or "desc"`)
			}
		}
	}
	return node{typ: gives, samples: samples, eval: r.eval}
}

// body compiles what is run for each item. Its size is what an item costs.
func (c *compiler) body(f *function, list node, arg ast.Node) node {
	if p, ok := arg.(*ast.PredicateNode); ok {
		arg = p.Node
	}
	c.item = &node{typ: Any, name: "#", samples: itemsOf(list.samples), eval: func(e *Env) (any, error) { return e.item, nil }}
	c.item.raw = c.item.eval
	c.condition = f.Name
	before := c.nodes
	body := c.node(arg)
	c.item, c.condition = nil, ""

	switch {
	case f.params[1].typ == truth:
		body = c.want(body, Boolean, c.at(arg), "the condition of "+f.Name)
	case f.Name == "sum":
		body = c.want(body, Number, c.at(arg), "sum")
	case f.Name == "groupBy" && body.typ != Text:
		body = c.convert(body, Text, c.at(arg), "groupBy")
	}
	cost, eval := 1+c.nodes-before, body.eval
	body.constant = false
	body.eval = func(e *Env) (any, error) {
		if err := e.spend(cost); err != nil {
			return nil, err
		}
		return eval(e)
	}
	return body
}

// run is a compiled call of one of conditionFunctions.
type run struct {
	name       string
	list, body evaluate // body is nil where it was left out
	descending bool
}

func (r run) eval(e *Env) (any, error) {
	v, err := r.list(e)
	if err != nil {
		return nil, err
	}
	list, err := asList(v)
	if err != nil {
		return nil, fmt.Errorf("%s %w", r.name, err)
	}
	item, position := e.item, e.position
	v, err = r.over(e, list)
	e.item, e.position = item, position
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.name, err)
	}
	return v, nil
}

func (r run) over(e *Env, list []any) (any, error) {
	switch r.name {
	case "map":
		return r.mapped(e, list)
	case "sum":
		return r.summed(e, list)
	case "groupBy":
		return r.grouped(e, list)
	case "sortBy":
		return r.sorted(e, list)
	case "filter":
		return r.filtered(e, list)
	case "find":
		i, err := r.first(e, list, true)
		return itemAt(list, i), err
	case "findLast":
		i, err := r.last(e, list)
		return itemAt(list, i), err
	case "findIndex":
		i, err := r.first(e, list, true)
		return float64(i), err
	case "findLastIndex":
		i, err := r.last(e, list)
		return float64(i), err
	case "any":
		i, err := r.first(e, list, true)
		return i >= 0, err
	case "none":
		i, err := r.first(e, list, true)
		return i < 0, err
	case "all":
		i, err := r.first(e, list, false)
		return i < 0, err
	}
	n, err := r.counted(e, list)
	if r.name == "one" {
		return n == 1, err
	}
	return float64(n), err
}

func itemAt(list []any, i int) any {
	if i < 0 {
		return nil
	}
	return plain(list[i])
}

// value computes the body for the item at i; the item itself where there is no
// body.
func (r run) value(e *Env, list []any, i int) (any, error) {
	if r.body == nil {
		return plain(list[i]), e.spend(1)
	}
	e.item, e.position = plain(list[i]), i
	return r.body(e)
}

func (r run) holds(e *Env, list []any, i int) (bool, error) {
	v, err := r.value(e, list, i)
	if err != nil {
		return false, err
	}
	return asBoolean(v)
}

// first returns the place of the first item for which the condition is want,
// -1 when there is none.
func (r run) first(e *Env, list []any, want bool) (int, error) {
	for i := range list {
		if ok, err := r.holds(e, list, i); ok == want || err != nil {
			return i, err
		}
	}
	return -1, nil
}

func (r run) last(e *Env, list []any) (int, error) {
	for i := len(list) - 1; i >= 0; i-- {
		if ok, err := r.holds(e, list, i); ok || err != nil {
			return i, err
		}
	}
	return -1, nil
}

func (r run) counted(e *Env, list []any) (int, error) {
	n := 0
	for i := range list {
		ok, err := r.holds(e, list, i)
		if err != nil {
			return 0, err
		}
		if ok {
			n++
		}
	}
	return n, nil
}

func (r run) filtered(e *Env, list []any) (any, error) {
	kept := []any{}
	for i := range list {
		ok, err := r.holds(e, list, i)
		if err != nil {
			return nil, err
		}
		if ok {
			kept = append(kept, plain(list[i]))
		}
	}
	return kept, nil
}

func (r run) mapped(e *Env, list []any) (any, error) {
	made := make([]any, len(list))
	for i := range list {
		v, err := r.value(e, list, i)
		if err != nil {
			return nil, err
		}
		made[i] = v
	}
	return made, nil
}

func (r run) summed(e *Env, list []any) (any, error) {
	total := 0.0
	for i := range list {
		v, err := r.value(e, list, i)
		if err != nil {
			return nil, err
		}
		f, err := asNumber(v)
		if err != nil {
			return nil, err
		}
		total += f
	}
	return tidy(total)
}

func (r run) grouped(e *Env, list []any) (any, error) {
	groups := map[string]any{}
	for i := range list {
		v, err := r.value(e, list, i)
		if err != nil {
			return nil, err
		}
		key := v.(string)
		group, _ := groups[key].([]any)
		groups[key] = append(group, plain(list[i]))
	}
	return groups, nil
}

func (r run) sorted(e *Env, list []any) (any, error) {
	keys, err := r.mapped(e, list)
	if err != nil {
		return nil, err
	}
	return e.sortedBy(list, keys.([]any), r.descending)
}

// sortedBy returns the items in the order of their keys; items with equal keys
// keep theirs.
func (e *Env) sortedBy(list, keys []any, descending bool) (any, error) {
	places := make([]int, len(list))
	for i := range places {
		places[i] = i
	}
	var failure error
	slices.SortStableFunc(places, func(i, j int) int {
		if failure != nil {
			return 0
		}
		sign, _, err := e.compare(keys[i], keys[j])
		failure = err
		if descending {
			return -sign
		}
		return sign
	})
	if failure != nil {
		return nil, failure
	}
	result := make([]any, len(list))
	for i, place := range places {
		result[i] = plain(list[place])
	}
	return result, nil
}
