package expression

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

var numberFunctions = []function{
	{
		Function: Function{Name: "abs", Doc: "The number without its sign.", Example: `abs(-5)`, Result: "5"},
		params:   []parameter{{name: "number", typ: Number}}, gives: Number,
		run: func(_ *Env, a []any) (any, error) { return math.Abs(a[0].(float64)), nil },
	},
	{
		Function: Function{Name: "ceil", Doc: "The number rounded up.", Example: `ceil(1.2)`, Result: "2"},
		params:   []parameter{{name: "number", typ: Number}}, gives: Number,
		run: func(_ *Env, a []any) (any, error) { return math.Ceil(a[0].(float64)) + 0, nil },
	},
	{
		Function: Function{Name: "floor", Doc: "The number rounded down.", Example: `floor(1.8)`, Result: "1"},
		params:   []parameter{{name: "number", typ: Number}}, gives: Number,
		run: func(_ *Env, a []any) (any, error) { return math.Floor(a[0].(float64)), nil },
	},
	{
		Function: Function{Name: "round", Doc: "The number rounded to so many decimals, none when left out.", Example: `round(2.345, 2)`, Result: "2.35"},
		params:   []parameter{{name: "number", typ: Number}, {name: "decimals", typ: Number, optional: true, check: checkDecimals}}, gives: Number,
		run: func(e *Env, a []any) (any, error) {
			decimals, err := optionalDecimals(a, 1, 0)
			if err != nil {
				return nil, err
			}
			f, _ := parseNumber(roundDecimal(a[0].(float64), decimals))
			return f + 0, nil
		},
	},
	{
		Function: Function{Name: "int", Doc: "The whole part of a number, or of one written as text.", Example: `int("12.7")`, Result: "12"},
		params:   []parameter{{name: "value", typ: Any}}, gives: Number,
		run: func(_ *Env, a []any) (any, error) {
			f, err := numeric(a[0])
			return math.Trunc(f) + 0, err
		},
	},
	{
		Function: Function{Name: "float", Doc: "The number written as text.", Example: `float("12.5") * 2`, Result: "25"},
		params:   []parameter{{name: "value", typ: Any}}, gives: Number,
		run: func(_ *Env, a []any) (any, error) {
			f, err := numeric(a[0])
			return f, err
		},
	},
	{
		Function: Function{Name: "min", Doc: "The smallest of the numbers, or of the numbers in a list.", Example: `min(3, 1, 2)`, Result: "1"},
		params:   []parameter{{name: "numbers", typ: Any}, {name: "more", typ: Any, rest: true}}, gives: Number,
		run: func(e *Env, a []any) (any, error) { return e.overNumbers(a, slices.Min[[]float64]) },
	},
	{
		Function: Function{Name: "max", Doc: "The largest of the numbers, or of the numbers in a list.", Example: `max([3, 1, 2])`, Result: "3"},
		params:   []parameter{{name: "numbers", typ: Any}, {name: "more", typ: Any, rest: true}}, gives: Number,
		run: func(e *Env, a []any) (any, error) { return e.overNumbers(a, slices.Max[[]float64]) },
	},
	{
		Function: Function{Name: "mean", Doc: "The average of the numbers, or of the numbers in a list.", Example: `mean([1, 2, 6])`, Result: "3"},
		params:   []parameter{{name: "numbers", typ: Any}, {name: "more", typ: Any, rest: true}}, gives: Number,
		run: func(e *Env, a []any) (any, error) { return e.overNumbers(a, mean) },
	},
	{
		Function: Function{Name: "median", Doc: "The number in the middle of the numbers, or of those in a list.", Example: `median(1, 2, 6)`, Result: "2"},
		params:   []parameter{{name: "numbers", typ: Any}, {name: "more", typ: Any, rest: true}}, gives: Number,
		run: func(e *Env, a []any) (any, error) { return e.overNumbers(a, median) },
	},
	{
		Function: Function{Name: "percent", Doc: "A part of a whole in percent, with so many decimals.", Example: `percent(1, 3, 1)`, Result: "33.3%"},
		params:   []parameter{{name: "part", typ: Number}, {name: "whole", typ: Number}, {name: "decimals", typ: Number, optional: true, check: checkDecimals}}, gives: Text,
		run: percent,
	},
	{
		Function: Function{Name: "money", Doc: "An amount as people of the currency write it, in its usual decimals.", Example: `money(1280000, "VND")`, Result: "1.280.000\u00a0₫"},
		params:   []parameter{{name: "amount", typ: Number}, {name: "currency", typ: Text, check: checkCurrency}, {name: "decimals", typ: Number, optional: true, check: checkDecimals}}, gives: Text,
		run: money,
	},
	{
		Function: Function{Name: "random", Doc: "A whole number of the range, both ends included; the same for the same delivery.", Example: `random(7, 7)`, Result: "7"},
		params:   []parameter{{name: "from", typ: Number}, {name: "to", typ: Number}}, gives: Number, varies: true,
		run: random,
	},
}

const maxDecimals = 10

func checkDecimals(_ *Env, v any) error {
	f, ok := v.(float64)
	if !ok || f != math.Trunc(f) || f < 0 || f > maxDecimals {
		return fmt.Errorf("decimals are a whole number from 0 to %d", maxDecimals)
	}
	return nil
}

func optionalDecimals(a []any, i, otherwise int) (int, error) {
	if len(a) <= i {
		return otherwise, nil
	}
	return int(a[i].(float64)), checkDecimals(nil, a[i])
}

// numeric reads a number strictly: a text that is none is an error, also when
// it is empty.
func numeric(v any) (float64, error) {
	switch v := v.(type) {
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	case string:
		if f, ok := parseNumber(strings.TrimSpace(folded(v))); ok {
			return f, nil
		}
		return 0, mismatch(Number, v)
	}
	return asNumber(v)
}

// overNumbers computes one number of all those in the arguments; 0 of none.
func (e *Env) overNumbers(a []any, compute func([]float64) float64) (any, error) {
	var numbers []float64
	for _, v := range a {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		if err := e.spend(len(list)); err != nil {
			return nil, err
		}
		for _, item := range list {
			f, err := asNumber(plain(item))
			if err != nil {
				return nil, err
			}
			numbers = append(numbers, f)
		}
	}
	if len(numbers) == 0 {
		return 0.0, nil
	}
	return tidy(compute(numbers))
}

func mean(numbers []float64) float64 {
	total := 0.0
	for _, f := range numbers {
		total += f
	}
	return total / float64(len(numbers))
}

func median(numbers []float64) float64 {
	slices.Sort(numbers)
	middle := len(numbers) / 2
	if len(numbers)%2 == 1 {
		return numbers[middle]
	}
	return (numbers[middle-1] + numbers[middle]) / 2
}

func percent(_ *Env, a []any) (any, error) {
	decimals, err := optionalDecimals(a, 2, 0)
	if err != nil {
		return nil, err
	}
	part, whole := a[0].(float64), a[1].(float64)
	if whole == 0 {
		return roundDecimal(0, decimals) + "%", nil
	}
	share, err := tidy(part / whole * 100)
	if err != nil {
		return nil, err
	}
	return roundDecimal(share.(float64), decimals) + "%", nil
}

func random(e *Env, a []any) (any, error) {
	from, to := math.Ceil(a[0].(float64)), math.Floor(a[1].(float64))
	if to < from || math.Abs(from) > maxExact || math.Abs(to) > maxExact {
		return nil, errors.New("there is no whole number in that range")
	}
	return from + float64(e.dice().Int64N(int64(to-from)+1)), nil
}
