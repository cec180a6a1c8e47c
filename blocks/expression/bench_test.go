package expression

import (
	"strings"
	"testing"
)

// renderGoal is the goal of a text with three expressions, in nanoseconds.
const renderGoal = 1000

const (
	benchText = "Hi {{ first_name ?? 'there' }}, order {{ order_id }} ({{ money(total, 'TWD') }}) is on its way."
	benchWant = "Hi Mai, order A1024 (NT$1,280,000) is on its way."
)

// BenchmarkRender evaluates a ready text with three expressions and, in the
// same run, what a strings.Builder takes for the same values: the limit.
func BenchmarkRender(b *testing.B) {
	s := shop(b)
	e := s.Env(full())
	tpl, _ := s.Template(benchText)
	b.Run("template", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if got, err := tpl.Text(e, nil); err != nil || got != benchWant {
				b.Fatal(got, err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/renderGoal, "of-goal")
	})
	values := []string{"Mai", "A1024", "NT$1,280,000"}
	b.Run("strings.Builder", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var t strings.Builder
			t.Grow(len(benchWant))
			t.WriteString("Hi ")
			t.WriteString(values[0])
			t.WriteString(", order ")
			t.WriteString(values[1])
			t.WriteString(" (")
			t.WriteString(values[2])
			t.WriteString(") is on its way.")
			if t.String() != benchWant {
				b.Fatal(t.String())
			}
		}
	})
}

// BenchmarkTurn is what a turn pays before its first text: an Env and one
// evaluation of each name.
func BenchmarkTurn(b *testing.B) {
	s := shop(b)
	v := full()
	tpl, _ := s.Template(benchText)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tpl.Text(s.Env(v), nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkExpressions(b *testing.B) {
	s := shop(b)
	e := s.Env(full())
	for name, text := range map[string]string{
		"name":      "order_id",
		"compare":   "total > 5 and not has('last_name')",
		"member":    "orders[0].status == 'shipping'",
		"condition": "count(orders, .total > 5 and .status != 'lost')",
		"date":      "date(due, 'DD/MM/YYYY')",
	} {
		p, problems := s.Expression(text, Any)
		if p == nil {
			b.Fatal(problems)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Eval(e, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	s := shop(b)
	b.ReportAllocs()
	for b.Loop() {
		if tpl, problems := s.Template(benchText); tpl == nil {
			b.Fatal(problems)
		}
	}
}
