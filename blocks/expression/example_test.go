package expression_test

import (
	"fmt"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
)

func Example() {
	scope, _ := expression.NewScope(expression.Options{
		Attributes: []expression.Declaration{{Name: "total", Type: expression.Number}},
	})
	hello, problems := scope.Template("Hi {{ first_name ?? 'there' }}, that is {{ money(total, 'TWD') }}.")
	if problems != nil {
		fmt.Println(problems)
		return
	}
	env := scope.Env(expression.Values{
		Attributes: map[string]any{"total": 1280000.0},
		Now:        time.Date(2024, 3, 8, 1, 30, 0, 0, time.UTC),
	})
	fmt.Println(hello.Text(env, nil))
	env.Set("first_name", "Mai")
	fmt.Println(hello.Text(env, nil))
	// Output:
	// Hi there, that is NT$1,280,000. <nil>
	// Hi Mai, that is NT$1,280,000. <nil>
}

func ExampleScope_Template_problems() {
	scope, _ := expression.NewScope(expression.Options{})
	_, problems := scope.Template("Hi {{ fist_name }}, {{ upper(tags) }}")
	for _, p := range problems {
		fmt.Printf("at %d: %s; %s\n", p.Offset, p.Message, p.Hint)
	}
	// Output:
	// at 6: unknown name "fist_name"; did you mean first_name?
	// at 29: upper needs text but got a list; write join(tags, ", ")
}
