package expression

import (
	"strings"
	"testing"
)

func TestFunctionExamples(t *testing.T) {
	t.Parallel()
	s := shop(t)
	for _, f := range Functions() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			if got := render(t, s, full(), "{{ "+f.Example+" }}", nil); got != f.Result {
				t.Errorf("%s gives %s, the table says %s", f.Example, got, f.Result)
			}
			if !strings.Contains(f.Example, f.Name+"(") {
				t.Errorf("the example of %s does not call it: %s", f.Name, f.Example)
			}
			if !strings.HasPrefix(f.Signature, f.Name+"(") || len(f.Doc) < 10 {
				t.Errorf("%s is not documented: %q %q", f.Name, f.Signature, f.Doc)
			}
		})
	}
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"money":  "money(amount number, currency text, decimals? number) text",
		"filter": "filter(items list, condition condition) list",
		"concat": "concat(lists list, more… list) list",
		"now":    "now() datetime",
	} {
		if got := functionNamed(name).signature(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
