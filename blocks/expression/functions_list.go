package expression

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

var listFunctions = []function{
	{
		Function: Function{Name: "first", Doc: "The first item, nothing when there is none.", Example: `first(["a", "b"])`, Result: "a"},
		params:   []parameter{{name: "items", typ: List}}, gives: Any, item: true,
		run: func(_ *Env, a []any) (any, error) { return itemAt(a[0].([]any), min(0, len(a[0].([]any))-1)), nil },
	},
	{
		Function: Function{Name: "last", Doc: "The last item, nothing when there is none.", Example: `last(["a", "b"])`, Result: "b"},
		params:   []parameter{{name: "items", typ: List}}, gives: Any, item: true,
		run: func(_ *Env, a []any) (any, error) { return itemAt(a[0].([]any), len(a[0].([]any))-1), nil },
	},
	{
		Function: Function{Name: "take", Doc: "The first so many items.", Example: `take([1, 2, 3], 2)`, Result: "1, 2"},
		params:   []parameter{{name: "items", typ: List}, {name: "number", typ: Number}}, gives: List, same: true,
		run: func(_ *Env, a []any) (any, error) {
			list := a[0].([]any)
			n := int(max(0, min(a[1].(float64), float64(len(list)))))
			return list[:n:n], nil
		},
	},
	{
		Function: Function{Name: "push", Doc: "The list with one more item at its end.", Example: `push(["a"], "b")`, Result: "a, b"},
		params:   []parameter{{name: "items", typ: List}, {name: "item", typ: Any}}, gives: List, same: true,
		run: func(e *Env, a []any) (any, error) {
			list := a[0].([]any)
			if len(list) >= MaxItems {
				return nil, fmt.Errorf("a list has at most %d items", MaxItems)
			}
			return append(slices.Clip(list), a[1]), e.spend(len(list))
		},
	},
	{
		Function: Function{Name: "pop", Doc: "The list without its last item.", Example: `pop(["a", "b"])`, Result: "a"},
		params:   []parameter{{name: "items", typ: List}}, gives: List, same: true,
		run: func(_ *Env, a []any) (any, error) {
			list := a[0].([]any)
			n := max(0, len(list)-1)
			return list[:n:n], nil
		},
	},
	{
		Function: Function{Name: "reverse", Doc: "The items from last to first.", Example: `reverse([1, 2, 3])`, Result: "3, 2, 1"},
		params:   []parameter{{name: "items", typ: List}}, gives: List, same: true,
		run: func(e *Env, a []any) (any, error) {
			list := slices.Clone(a[0].([]any))
			slices.Reverse(list)
			return list, e.spend(len(list))
		},
	},
	{
		Function: Function{Name: "sort", Doc: `The items in order; "desc" turns it round.`, Example: `sort([3, 1, 2])`, Result: "1, 2, 3"},
		params:   []parameter{{name: "items", typ: List}, {name: "order", typ: Text, optional: true, check: checkOrder}}, gives: List, same: true,
		run: func(e *Env, a []any) (any, error) {
			list := a[0].([]any)
			if len(a) == 2 {
				if err := checkOrder(e, a[1]); err != nil {
					return nil, err
				}
			}
			return e.sortedBy(list, list, len(a) == 2 && a[1] == "desc")
		},
	},
	{
		Function: Function{Name: "uniq", Doc: "The items without repetitions.", Example: `uniq([1, 2, 1])`, Result: "1, 2"},
		params:   []parameter{{name: "items", typ: List}}, gives: List, same: true,
		run: unique,
	},
	{
		Function: Function{Name: "concat", Doc: "The items of several lists in one.", Example: `concat([1], [2, 3])`, Result: "1, 2, 3"},
		params:   []parameter{{name: "lists", typ: List}, {name: "more", typ: List, rest: true}}, gives: List, same: true,
		run: func(e *Env, a []any) (any, error) {
			var all []any
			for _, v := range a {
				all = append(all, v.([]any)...)
			}
			return cut(all), e.spend(len(all))
		},
	},
	{
		Function: Function{Name: "flatten", Doc: "The items of the lists inside the list.", Example: `flatten([[1], [2, 3]])`, Result: "1, 2, 3"},
		params:   []parameter{{name: "items", typ: List}}, gives: List,
		run: flattened,
	},
	{
		Function: Function{Name: "keys", Doc: "The names of a JSON object's members, sorted.", Example: `keys({b: 1, a: 2})`, Result: "a, b"},
		params:   []parameter{{name: "object", typ: JSON}}, gives: List,
		run: func(e *Env, a []any) (any, error) {
			names, err := e.memberNames(a[0])
			return listOf(names), err
		},
	},
	{
		Function: Function{Name: "values", Doc: "The members of a JSON object, in the order of their names.", Example: `values({b: 1, a: 2})`, Result: "2, 1"},
		params:   []parameter{{name: "object", typ: JSON}}, gives: List,
		run: func(e *Env, a []any) (any, error) {
			names, err := e.memberNames(a[0])
			list := make([]any, len(names))
			for i, name := range names {
				list[i] = plain(a[0].(map[string]any)[name])
			}
			return list, err
		},
	},
	{
		Function: Function{Name: "pick", Doc: "One of the items, or of the items of a list, by chance; the same for the same delivery.", Example: `pick(["Chào bạn"])`, Result: "Chào bạn"},
		params:   []parameter{{name: "items", typ: Any}, {name: "more", typ: Any, rest: true}}, gives: Any, varies: true,
		run: picked,
	},
}

func checkOrder(_ *Env, v any) error {
	if v != "asc" && v != "desc" {
		return errors.New(`the order is "asc" or "desc"`)
	}
	return nil
}

// unique compares every item with all before it, and pays for each comparison.
func unique(e *Env, a []any) (any, error) {
	kept := []any{}
next:
	for _, item := range a[0].([]any) {
		for _, other := range kept {
			same, err := e.equal(item, other, 0)
			if err != nil {
				return nil, err
			}
			if same {
				continue next
			}
		}
		kept = append(kept, plain(item))
	}
	return kept, nil
}

func flattened(e *Env, a []any) (any, error) {
	all := []any{}
	for _, item := range a[0].([]any) {
		if inner, ok := plain(item).([]any); ok {
			all = append(all, inner...)
		} else {
			all = append(all, item)
		}
		if len(all) > MaxItems {
			break
		}
	}
	return cut(all), e.spend(len(all))
}

// memberNames are the sorted names of an object's members, cut like a list.
func (e *Env) memberNames(v any) ([]string, error) {
	m, ok := v.(map[string]any)
	if !ok && v != nil {
		return nil, mismatch(JSON, v)
	}
	if err := e.spend(len(m)); err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(m))
	return names[:min(len(names), MaxItems)], nil
}

func picked(e *Env, a []any) (any, error) {
	items := a
	if list, ok := a[0].([]any); ok && len(a) == 1 {
		items = list
	}
	if len(items) == 0 {
		return nil, nil
	}
	return plain(items[int(math.Floor(e.dice().Float64()*float64(len(items))))]), nil
}
