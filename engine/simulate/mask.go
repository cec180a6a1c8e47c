package simulate

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// hidden stands for a secret in what people read.
const hidden = "•••"

// leastSecret is the shortest value that is taken out of texts: a shorter one
// stands in every other word.
const leastSecret = 4

// Mask is a text without the values of secrets, also as they stand in the query
// of an address. What is shown to people goes through it.
func (p *Play) Mask(text string) string {
	for _, secret := range p.secrets {
		text = strings.ReplaceAll(text, secret, hidden)
	}
	return text
}

// maskable are the forms in which secrets can stand in a text, the longest
// first: one may hold another.
func maskable(secrets map[string]string) []string {
	var forms []string
	for _, value := range secrets {
		if len(value) < leastSecret {
			continue
		}
		query := url.QueryEscape(value)
		for _, form := range []string{value, query, strings.ReplaceAll(query, "+", "%20")} {
			if !slices.Contains(forms, form) {
				forms = append(forms, form)
			}
		}
	}
	slices.SortFunc(forms, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b))
	})
	return forms
}
